"""A person's own page: what it shows to whom, on a real residency."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from residency.wire import Exit, Tag
from store.grants import Purpose
from tests.web.persons import action_in, browser, house, rehearsal, resident, rows, settings  # noqa: F401  # Fixtures.
from web.journeys import ENDS


async def test_resident_sees_their_own_residency(browser, resident):  # noqa: F811  # The fixtures.
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


async def test_reading_changes_nothing(browser, resident):  # noqa: F811  # As above.
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


async def test_mentor_sees_what_waits_whom_they_mentor_and_what_they_did(browser, resident):  # noqa: F811  # As above.
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


async def test_late_task_is_said_to_be_late(browser, resident):  # noqa: F811  # As above.
    due = resident.find("report m1").due
    resident.store.cohorts.set_clock(resident.start.cohort, due + timedelta(hours=1))

    page = await browser.get(browser.home(resident.person))

    assert "Late: due" in page.text


async def test_revoked_link_is_dead(browser, resident):  # noqa: F811  # As above.
    home = browser.home(resident.person)
    resident.store.grants.revoke(resident.person, at=datetime.now(UTC))

    page = await browser.get(home)

    assert page.status == 404
    assert "Send me a new link" in page.text


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
    assert many <= {"resident": 25, "mentor": 15, "calendar": 8}[who]


async def test_what_was_recorded_for_somebody_says_so_and_nothing_else_does(browser, resident):  # noqa: F811  # As above.
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


async def test_whoever_has_answered_very_much_sees_the_newest(browser, resident, monkeypatch):  # noqa: F811  # As above.
    await resident.report("m1")
    await resident.mentor.sign_off("m1")
    monkeypatch.setattr("web.people.MANY", 1)

    page = await browser.get(browser.home(resident.mentor.id))

    assert "Sign-off: First" in page.text
    assert "Of the people who began last, these are your newest answers." in page.text
    assert "You have not answered anything yet" not in page.text


async def test_tasks_are_called_alike_on_every_page(browser, resident):  # noqa: F811  # As above.
    coordinator = resident.start.coordinators[0]
    await resident.act("bounced", who=[resident.person], item="welcome")

    page = await browser.get(browser.home(coordinator))
    feed = await browser.get(browser.house.links.calendar(coordinator))

    assert "Correct an address" in page.text
    shown = page.text + feed.text.replace("\r\n ", "")
    assert f": {resident.person}" not in shown
    assert f": {resident.person.replace('-', ' ')}" not in shown


async def queries(browser, path):  # noqa: F811  # As above.
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


async def test_calendar_is_made_when_it_is_asked_for(browser, resident):  # noqa: F811  # As above.
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
