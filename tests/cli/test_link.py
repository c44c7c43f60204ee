"""`residency link`: a link that works, for whom it is, and the end of all of them."""

import json
from datetime import UTC, datetime

import pytest

from residency.settings import load
from residency.wire import Batch, Event, Tag
from store.grants import Purpose
from store.people import Person
from tests.cli.commanding import run
from wiring import House

ADA = Person(id="p-ada", name="Ada Lovelace", given_name="Ada", email="ada@example.org")
PUBLIC = {"RESIDENCY_PUBLIC_URL": "https://residency.test"}
AT = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def house(tmp_path):
    """A data folder in which one person has one open task."""
    data = tmp_path / "data"
    made = House(load(data=data, public_url=PUBLIC["RESIDENCY_PUBLIC_URL"]))
    made.store.people.add(ADA)
    opened = {"who": "p-ada", "rule": "any", "due": AT.isoformat()}
    events = [
        Event(seq=1, at=AT, tag=Tag.STARTED, data={"person": "p-ada", "cohort": "c-one"}),
        Event(
            seq=2, at=AT, tag=Tag.OPENED, task="offer/offer//1", data={"kind": "offer", **opened}
        ),
    ]
    made.store.record.append(Batch(residency="r-one", first=1, events=events))
    yield made
    made.store.close()


def grant_of(house, link, purpose):
    """What a printed link allows."""
    token = link.strip().rpartition("/")[2].removesuffix(".ics")
    return house.links.read(purpose, token)


@pytest.mark.parametrize(
    ("options", "purpose", "path"),
    [
        ([], Purpose.PERSON, "/me/"),
        (["--calendar"], Purpose.CALENDAR, "/calendar/"),
        (["--task", "r-one", "offer/offer//1"], Purpose.TASK, "/t/"),
    ],
)
def test_prints_a_link_that_works(house, options, purpose, path):
    done = run(house.data, "link", "ada@example.org", *options, **PUBLIC)

    grant = grant_of(house, done.stdout, purpose)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"https://residency.test{path}")
    assert (grant.person, grant.purpose) == ("p-ada", purpose)
    assert grant.task == ("offer/offer//1" if purpose is Purpose.TASK else "")


def test_without_a_public_address_it_says_for_where_it_is(house):
    done = run(house.data, "link", "p-ada")

    assert done.stdout.startswith("http://127.0.0.1:8000/me/")
    assert "RESIDENCY_PUBLIC_URL is not set" in done.stderr


def test_revoke_ends_all_of_them_and_later_ones_work(house):
    first = json.loads(run(house.data, "link", "p-ada", "--json", **PUBLIC).stdout)["link"]

    ended = run(house.data, "link", "p-ada", "--revoke")
    again = json.loads(run(house.data, "link", "p-ada", "--json", **PUBLIC).stdout)["link"]

    assert ended.stdout == "Ada Lovelace: 1 link ended.\n"
    assert grant_of(house, first, Purpose.PERSON) is None
    assert grant_of(house, again, Purpose.PERSON).person == "p-ada"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody@example.org"], '"nobody@example.org" is nobody here'),
        (["p-ada", "--task", "r-one", "offer/other//1"], '"r-one" has no task "offer/other//1"'),
        (["p-ada", "--calendar", "--task", "r-one", "offer/offer//1"], "two links"),
        (["p-ada", "--revoke", "--calendar"], "--revoke ends all links"),
    ],
)
def test_faults_are_a_sentence(house, arguments, sentence):
    done = run(house.data, "link", *arguments, **PUBLIC)

    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr


def test_task_of_somebody_else_is_refused(house):
    bo = Person(id="p-bo", name="Bo", given_name="Bo", email="bo@example.org")
    house.store.people.add(bo)

    done = run(house.data, "link", "p-bo", "--task", "r-one", "offer/offer//1", **PUBLIC)

    assert done.returncode == 1
    assert "is not for Bo; it is for: Ada Lovelace." in done.stderr
