"""A person's calendar: read by icalendar, the same bytes for the same dates, and only for its holder."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from residency.dates import zone_named
from tests.web.persons import (  # noqa: F401  # Fixtures, and what they need.
    browser,
    house,
    rehearsal,
    resident,
    settings,
)


async def calendar_of(browser, person):  # noqa: F811  # The fixture's name.
    answer = await browser.get(browser.house.links.calendar(person))
    assert answer.status == 200
    return answer, Calendar.from_ical(answer.text)


def days(calendar):
    """Whole days by what is on them."""
    return {
        str(one["SUMMARY"]): one.decoded("DTSTART")
        for one in calendar.walk("VEVENT")
        if not isinstance(one.decoded("DTSTART"), datetime)
    }


def moments(calendar):
    return {
        str(one["SUMMARY"]): one.decoded("DTEND")
        for one in calendar.walk("VEVENT")
        if isinstance(one.decoded("DTSTART"), datetime)
    }


async def test_resident_has_all_their_dates(browser, resident):  # noqa: F811  # The fixtures.
    answer, calendar = await calendar_of(browser, resident.person)

    task = resident.find("report m1")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert days(calendar) == {
        "First day": date(2027, 3, 1),
        "First ends": date(2027, 3, 14),
        "Second ends": date(2027, 3, 28),
        "The fair ends": date(2027, 4, 7),
        "Third ends": days(calendar)["Third ends"],
        "Last day": date(2027, 4, 11),
    }
    assert moments(calendar)["Report: First"] == task.due
    assert "Presentation" in moments(calendar)
    assert all(moment.tzinfo is not None for moment in moments(calendar).values())
    assert {moment.utcoffset() for moment in moments(calendar).values()} == {timedelta()}


async def test_same_dates_are_the_same_bytes_and_need_not_be_sent_again(browser, resident):  # noqa: F811  # As above.
    link = browser.house.links.calendar(resident.person)
    first, second = await browser.get(link), await browser.get(link)

    known = await browser.get(link, **{"If-None-Match": first.headers["etag"]})
    head = await browser.head(link)

    assert first.text == second.text
    assert first.headers["cache-control"] == "private, max-age=3600"
    assert (known.status, known.text) == (304, "")
    assert head.status == 200
    assert head.headers["etag"] == first.headers["etag"]


async def test_moved_date_keeps_its_uid_and_counts_up(browser, resident):  # noqa: F811  # As above.
    key = resident.find("report m1").key
    _, before = await calendar_of(browser, resident.person)
    day = resident.find("report m1").due.date() + timedelta(days=2)

    await resident.act("move-date", task=key, day=day)
    _, after = await calendar_of(browser, resident.person)

    was, now = (
        next(one for one in each.walk("VEVENT") if one["SUMMARY"] == "Report: First")
        for each in (before, after)
    )
    assert was["UID"] == now["UID"]
    assert now["SEQUENCE"] == was["SEQUENCE"] + 1
    assert now.decoded("DTEND") > was.decoded("DTEND")
    uids = [str(one["UID"]) for one in after.walk("VEVENT")]
    assert len(uids) == len(set(uids))


async def test_extension_moves_what_is_to_come(browser, resident):  # noqa: F811  # As above.
    await resident.act("extend", weeks=2, reason="The data came late.")

    _, calendar = await calendar_of(browser, resident.person)

    row = resident.store.lists.residency(resident.id).row
    assert days(calendar)["Last day"] == row.last_day == date(2027, 4, 25)
    assert days(calendar)["The fair ends"] == date(2027, 4, 7)
    assert days(calendar)["Second ends"] == date(2027, 4, 11)


async def test_mentor_has_what_waits_and_the_presentation(browser, resident):  # noqa: F811  # As above.
    await resident.reach("materials")
    (row,) = resident.store.lists.residency(resident.id).meetings
    mentor = resident.mentor.id

    _, theirs = await calendar_of(browser, mentor)
    _, own = await calendar_of(browser, resident.person)
    _, strangers = await calendar_of(browser, resident.roles["coordinators"][1])

    name = resident.store.people.get(resident.person).name
    (met,) = [one for one in theirs.walk("VEVENT") if str(one["SUMMARY"]).startswith("Present")]
    assert met.decoded("DTSTART") == row.at
    assert met["SUMMARY"] == f"Presentation: {name}"
    assert days(theirs) == {}
    assert [str(one["SUMMARY"]) for one in own.walk("VEVENT")].count("Presentation") == 1
    assert not [one for one in strangers.walk("VEVENT") if "Present" in str(one["SUMMARY"])]


async def test_other_links_open_no_calendar(browser, resident):  # noqa: F811  # As above.
    token = browser.home(resident.person).removeprefix("/me/")

    answers = [
        await browser.get(f"/calendar/{each}.ics") for each in (token, "forged", f"{token}x")
    ]

    assert {answer.status for answer in answers} == {404}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("zone", ["Europe/Lisbon"])
async def test_what_is_due_ends_with_its_local_day(browser, resident, zone):  # noqa: F811  # As above.
    _, calendar = await calendar_of(browser, resident.person)

    due = moments(calendar)["Report: First"].astimezone(zone_named(zone))
    assert due.time() == datetime(2027, 1, 1, tzinfo=UTC).time()
