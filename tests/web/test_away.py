"""What is really away: a Temporal server that nobody answers for, a database that is none any more."""

import shutil

import pytest

from residency.settings import load
from tests import crowd
from tests.web.crowded import BASE, NUMBER, Crowd
from tests.web.scanner import Markup
from wiring import House

NOWHERE = "127.0.0.1:1"
WORDS = "What I wrote on a train."


@pytest.fixture
def alone(tmp_path, crowded_database):
    """The pages of a house whose Temporal server is nowhere."""
    path, row = crowded_database
    data = tmp_path / "alone"
    data.mkdir()
    shutil.copy(path, data / "residency.db")
    house = House(load(data=data, public_url=BASE, temporal_address=NOWHERE, record_timeout=0.5))
    connect = house.connect
    browser = Crowd(house, row)
    house.connect = connect
    yield browser
    house.store.close()


def first_form(page):
    return max(Markup(page.text).forms, key=lambda form: len(form.fields))


async def test_every_page_is_read_without_temporal(alone):
    paths = [path for path in alone.paths.values() if not path.endswith("/calendar")]

    pages = [await alone.get(path) for path in paths]

    assert {page.status for page in pages} == {200}


async def test_what_is_sent_without_temporal_is_kept_and_asked_for_again(alone):
    path = alone.me(crowd.resident(NUMBER)) + f"/concern/{crowd.residency(NUMBER)}"
    form = first_form(await alone.get(path))

    answer = await alone.send("POST", path, [*form.hidden, ("reason", WORDS)])
    later = await alone.get(path)

    assert answer.status == 503
    assert "Not sent yet" in answer.text
    assert WORDS in answer.text
    assert WORDS in later.text
    assert NOWHERE not in answer.text


async def test_who_comes_back_to_what_was_kept_says_that_it_is_meant(alone):
    """Sending the page that failed once more needs nothing; one that was opened anew does."""
    path = alone.me(crowd.resident(NUMBER)) + f"/concern/{crowd.residency(NUMBER)}"
    form = first_form(await alone.get(path))
    failed = await alone.send("POST", path, [*form.hidden, ("reason", WORDS)])
    opened = await alone.get(path)

    again = await alone.send("POST", path, first_form(failed).fields)
    unsaid = await alone.send("POST", path, first_form(opened).fields)
    said = await alone.send("POST", path, [*first_form(opened).fields, ("sure", "yes")])

    assert "sure" not in failed.text.split("<form")[1]
    assert (again.status, unsaid.status, said.status) == (503, 422, 503)
    assert "Please say that you have read it over." in unsaid.text


@pytest.mark.parametrize("harm", ["no database", "another file", "a folder"])
async def test_without_a_database_there_is_a_plain_page_everywhere(few, harm):
    paths = {**few.paths, "link": "/link"}
    _harm(few, harm)

    answers = [
        await few.send(method, path, [("step", "confirm"), ("email", "a@b.example")])
        for path in paths.values()
        for method in ("GET", "POST")
        if (path, method) != ("/link", "GET")
    ]

    told = "\n".join(answer.text for answer in answers)
    assert {answer.status for answer in answers} <= {200, 405, 503}
    assert [answer.status for answer in answers].count(503) > 20
    assert "Traceback" not in told
    for word in (str(few.house.settings.data), "residency.db", "sqlite", "SELECT", "no such table"):
        assert word not in told
    assert all("no-store" in answer.headers["cache-control"] for answer in answers)


def _harm(browser, how):
    browser.store.close()
    path = browser.house.settings.data / "residency.db"
    for file in path.parent.glob("residency.db*"):
        file.unlink()
    if how == "another file":
        path.write_bytes(b"not a database at all, but long enough to be read as one. " * 100)
    if how == "a folder":
        path.mkdir()


async def test_health_says_so_too(few):
    _harm(few, "a folder")

    answer = await few.get("/healthz")

    assert answer.status == 503
    assert answer.text == "Not available just now; please try again.\n"
