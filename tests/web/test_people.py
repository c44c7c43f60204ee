"""A person's own page: what it shows to whom, and what can be said on it, on a real residency."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from residency.errors import UnavailableError
from residency.wire import Exit, Tag
from store.grants import Purpose
from store.tables import metadata
from tests.web.browsing import Browser
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.
from web.app import make_app
from web.journeys import ENDS
from web.limiting import Limits


class Person(Browser):
    """Asks the pages of a house for somebody."""

    def __init__(self, house):  # noqa: F811  # Not the fixture.
        super().__init__(make_app(house, limits=Limits({})))
        self.house = house

    def home(self, person):
        return self.house.links.person(person)


@pytest.fixture
def browser(rehearsal, client):  # noqa: F811  # The fixture.
    async def connect(**_):
        return client

    rehearsal.house.connect = connect
    return Person(rehearsal.house)


@pytest.fixture
async def resident(rehearsal):  # noqa: F811  # As above.
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    return found


def action_in(page):
    """The id of the one action that a page was made for."""
    return re.search(r'name="action" value="([^"]+)"', page.text)[1]


def rows(store):
    """How many rows each table has: what changes nothing leaves them."""
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }


async def test_resident_sees_their_own_residency(browser, resident):
    home = browser.home(resident.person)
    page = await browser.get(home)

    mentors = [resident.store.people.get(one).name for one in resident.roles["mentors"]]
    task = resident.find("report m1").key.replace("/", "~")
    assert page.status == 200
    assert "<h1>Your residency</h1>" in page.text
    assert f'href="{home}/task/{resident.id}/{task}"' in page.text
    assert all(name in page.text for name in mentors)
    assert "<svg viewBox=" in page.text
    assert re.search(r'<title id="way-title">Now: milestones[^<]*0 of 4', page.text)
    assert "Third" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_reading_changes_nothing(browser, resident):
    home = browser.home(resident.person)
    await resident.settled()
    before = rows(resident.store)

    answers = [
        await ask(path)
        for path in (
            home,
            f"{home}/r/{resident.id}",
            f"{home}/withdraw/{resident.id}",
            f"{home}/concern/{resident.id}",
            f"{home}/address",
            "/link",
        )
        for ask in (browser.get, browser.head)
    ]

    assert {answer.status for answer in answers} == {200}
    assert rows(resident.store) == before


async def test_nobody_sees_anybody_else(browser, rehearsal, resident):  # noqa: F811  # As above.
    other = await rehearsal.start("residence")
    home = browser.home(other.person)
    strange = [
        f"{home}/r/{resident.id}",
        f"{home}/withdraw/{resident.id}",
        f"{home}/concern/{resident.id}",
        f"{home}/r/r-unknown",
        "/me/forged",
        browser.house.links.calendar(other.person).replace("/calendar/", "/me/"),
    ]

    got = [await browser.get(path) for path in strange]
    sent = [await browser.post(path, reason="mine now", name="Person 0") for path in strange[1:3]]

    assert {page.status for page in (*got, *sent)} == {404}
    assert len({re.sub(r"nonce-?[^\s;]*", "", page.text) for page in got}) == 1
    assert resident.events(Tag.ENDED) == []


async def test_mentor_sees_what_waits_whom_they_mentor_and_what_they_did(browser, resident):
    await resident.report("m1")
    mentor = resident.mentor
    waits = await browser.get(browser.home(mentor.id))
    await mentor.sign_off("m1")

    done = await browser.get(browser.home(mentor.id))

    assert "1 task waits for you" in waits.text
    assert "Sign-off: First" in waits.text
    assert "Who you mentor" in waits.text
    assert "Lead mentor" in waits.text
    assert "Nothing waits for you" in done.text
    assert "Approved" in done.text


async def test_late_task_is_said_to_be_late(browser, resident):
    due = resident.find("report m1").due
    resident.store.cohorts.set_clock(resident.start.cohort, due + timedelta(hours=1))

    page = await browser.get(browser.home(resident.person))

    assert "Late: due" in page.text


async def test_revoked_link_is_dead(browser, resident):
    home = browser.home(resident.person)
    resident.store.grants.revoke(resident.person, at=datetime.now(UTC))

    page = await browser.get(home)

    assert page.status == 404
    assert "Send me a new link" in page.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Please say why"),
        ({"reason": "A job", "name": ""}, "Please type"),
        ({"reason": "A job", "name": "yes"}, "Please type"),
        ({"reason": " ", "name": "Person 0"}, "Please say why"),
        ({"reason": "x" * 5001, "name": "Person 0"}, "too long"),
    ],
)
async def test_withdrawing_takes_a_reason_and_the_name(browser, resident, typed, sentence):
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"

    page = await browser.post(path, **typed)

    assert page.status == 422
    assert sentence in page.text
    assert resident.events(Tag.ENDED) == []


async def test_withdrawing_is_recorded_once_with_its_reason(browser, resident):
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"
    action = action_in(await browser.get(path))
    typed = {"reason": "A job <b>elsewhere</b>", "name": " person  0 ", "action": action}

    first = await browser.post(path, **typed)
    again = await browser.post(path, **typed)
    after = await browser.get(browser.home(resident.person))
    late = await browser.get(path)

    (ended,) = resident.events(Tag.ENDED)
    assert (first.status, again.status) == (200, 200)
    assert "You have withdrawn" in first.text
    assert "It was recorded before" in again.text
    assert ended.data["how"] == Exit.WITHDRAWN
    assert ended.actor == resident.person
    assert resident.store.submissions.get(ended.submission).text == "A job <b>elsewhere</b>"
    assert "It ended on" in after.text
    assert "Nothing to withdraw from" in late.text


async def test_second_withdrawal_by_another_page_says_that_it_has_ended(browser, resident):
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"
    one, other = [action_in(await browser.get(path)) for _ in range(2)]
    typed = {"reason": "A job", "name": "Person 0"}

    await browser.post(path, **typed, action=one)
    second = await browser.post(path, **typed, action=other)

    assert second.status == 409
    assert "It has ended meanwhile" in second.text
    assert "(withdrawn)" not in second.text
    assert len(resident.events(Tag.ENDED)) == 1


async def test_concern_reaches_coordinators_alone(browser, resident):
    words = "My desk is in a corridor, and nobody answers."
    path = f"{browser.home(resident.person)}/concern/{resident.id}"
    action = action_in(await browser.get(path))

    page = await browser.post(path, reason=words, action=action)
    await resident.settled()
    mentor = await browser.get(browser.home(resident.mentor.id))
    coordinator = resident.start.coordinators[0]
    told = [row for row in resident.mails() if row.notice == "concern-raised"]

    assert "Your concern is on its way" in page.text
    assert {row.receiver for row in told} <= set(resident.start.coordinators)
    assert coordinator in {row.receiver for row in told}
    assert "oncern:" not in mentor.text
    assert words not in mentor.text


async def test_mentor_may_raise_a_concern_too(browser, resident):
    path = f"{browser.home(resident.mentor.id)}/concern/{resident.id}"
    action = action_in(await browser.get(path))

    page = await browser.post(path, reason="They have gone quiet.", action=action)
    theirs = await browser.get(browser.home(resident.person))

    assert page.status == 200
    assert resident.events(Tag.FLAGGED)[0].data["by"] == resident.mentor.id
    assert "gone quiet" not in theirs.text


async def test_address_is_read_once_more_before_it_is_changed(browser, resident):
    path = f"{browser.home(resident.person)}/address"
    action = action_in(await browser.get(path))
    typed = {"email": "new.person@example.org", "action": action}

    check = await browser.post(path, **typed, step="check")
    unchanged = resident.store.people.get(resident.person).email
    done = await browser.post(path, **typed, step="confirm")

    assert "From now on we write to" in check.text
    assert unchanged == "person0@example.org"
    assert "Your address is changed" in done.text
    assert resident.store.people.get(resident.person).email == "new.person@example.org"


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "That is no address"),
        ("nobody", "That is no address"),
        ("PERSON0@example.org", "That is the address that we have"),
        ("mentor1@example.org", "That address can&#39;t be used here"),
    ],
)
async def test_bad_addresses_are_refused(browser, resident, email, sentence):
    path = f"{browser.home(resident.person)}/address"

    page = await browser.post(path, email=email, step="confirm", action="a-one")

    assert page.status == 422
    assert sentence in page.text
    assert resident.store.people.get(resident.person).email == "person0@example.org"


async def test_what_can_not_be_sent_is_kept(browser, resident, monkeypatch):
    path = f"{browser.home(resident.person)}/concern/{resident.id}"
    action = action_in(await browser.get(path))
    connect = browser.house.connect

    async def away(**_):
        raise UnavailableError("The Temporal server can't be reached: secret-host:7233")

    monkeypatch.setattr("web.door.QUIET", 0.0)
    monkeypatch.setattr(browser.house, "connect", away)
    failed = await browser.post(path, reason="Nobody answers.", action=action)
    opened = await browser.get(path)
    monkeypatch.setattr(browser.house, "connect", connect)
    sent = await browser.post(path, reason="Nobody answers.", action=action)
    after = await browser.get(path)

    assert failed.status == 503
    assert "Not sent yet" in failed.text
    assert "secret-host" not in failed.text
    assert action in failed.text
    assert "Nobody answers." in failed.text
    assert "Nobody answers." in opened.text
    assert sent.status == 200
    assert "Nobody answers." not in after.text
    assert len(resident.events(Tag.FLAGGED)) == 1


async def test_hostile_words_are_words(browser, resident):
    words = "</textarea><script>alert(1)</script>\x00 {{ 7 * 7 }} \u202e"
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"

    page = await browser.post(path, reason=words, name="<img src=x>")

    assert page.status == 422
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text
    assert "{{ 7 * 7 }}" in page.text


@pytest.mark.parametrize("who", ["resident", "mentor", "calendar"])
async def test_pages_ask_a_constant_number_of_queries(browser, rehearsal, resident, who):  # noqa: F811  # As above.
    person = resident.person if who == "resident" else resident.mentor.id
    path = browser.home(person) if who != "calendar" else browser.house.links.calendar(person)
    await browser.get(path)  # Definitions are read once.
    await resident.settled()

    few = await queries(browser, path)
    for _ in range(3):
        other = await rehearsal.start("residence")
        await other.reach("report m1")
        await other.report("m1")
        await other.settled()
    many = await queries(browser, path)

    assert few == many
    assert many <= {"resident": 24, "mentor": 14, "calendar": 8}[who]


async def test_what_was_recorded_for_somebody_says_so_and_nothing_else_does(browser, resident):
    """Another mentor's answer is nobody's own; a coordinator's in one's name is, and was not typed."""
    coordinator = resident.start.coordinators[0]
    own = resident.find("report m1")
    home = browser.home(resident.person)

    await resident.complete(
        own, actor=coordinator, name_of=resident.person, reason=resident.text("Ill.")
    )
    entered = await browser.get(home)
    await resident.mentor.sign_off("m1")
    await resident.reach("report m2")
    await resident.report("m2")
    after = await browser.get(home)

    assert entered.text.count("Recorded for you") == 1
    assert after.text.count("Recorded for you") == 1
    assert after.text.count("Report: ") >= 2


async def test_whoever_has_answered_very_much_sees_the_newest(browser, resident, monkeypatch):
    await resident.report("m1")
    await resident.mentor.sign_off("m1")
    monkeypatch.setattr("web.people.MANY", 1)

    page = await browser.get(browser.home(resident.mentor.id))

    assert "Sign-off: First" in page.text
    assert "Of the residencies that began last, these are your newest answers." in page.text
    assert "You have not answered anything yet" not in page.text


async def test_tasks_are_called_alike_on_every_page(browser, resident):
    coordinator = resident.start.coordinators[0]
    await resident.act("bounced", who=[resident.person], item="welcome")

    page = await browser.get(browser.home(coordinator))
    feed = await browser.get(browser.house.links.calendar(coordinator))

    assert "Correct an address" in page.text
    shown = page.text + feed.text.replace("\r\n ", "")
    assert f": {resident.person}" not in shown
    assert f": {resident.person.replace('-', ' ')}" not in shown


async def queries(browser, path):
    """How many statements a page costs."""
    browser.house.store.clicks.flush()  # Else it may come just then.
    counted = []
    engine = browser.house.store.database.engine

    def count(*given):
        counted.append(given[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert (await browser.get(path)).status == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len([one for one in counted if not one.startswith(("PRAGMA", "BEGIN"))])


def test_every_end_has_its_words():
    assert set(ENDS) == set(Exit)


async def test_calendar_is_made_when_it_is_asked_for(browser, resident):
    home = browser.home(resident.person)
    before = await browser.get(home)

    await browser.post(f"{home}/calendar")
    scanned = await browser.get(home)
    answer = await browser.post(f"{home}/calendar", keep="yes")
    after = await browser.get(home)

    grant = resident.store.grants.standing(Purpose.CALENDAR, resident.person, at=datetime.now(UTC))
    assert "Get the address of my calendar" in before.text
    assert "Get the address of my calendar" in scanned.text
    assert answer.status == 303
    assert f"/calendar/{browser.house.links.token(grant)}.ics" in after.text
