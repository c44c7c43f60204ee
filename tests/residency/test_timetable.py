"""Every date of a residency, computed from its first day and its shifts."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residency.schedule import schedule
from residency.timetable import Timetable
from residency.wire import BoardState, Shift
from tests.residency.boards import FIRST_DAY, NOON, start_of


def timetable(*shifts, program="tiny", **plan):
    return Timetable(start_of(program, **plan), BoardState(shifts=list(shifts)))


def days(dates):
    return {name: day.isoformat()[5:] for name, day in dates.days().items()}


def extension(weeks, since):
    return Shift(kind="extension", days=7 * weeks, since=since)


def test_days_without_a_shift():
    assert days(timetable()) == {
        "first-day": "03-01",
        "m1": "03-14",
        "m2": "03-28",
        "m3": "04-07",  # the last one, so early that its sign-off ends before the last day
        "presentation": "04-04",
        "last-day": "04-11",
    }


def test_extension_moves_what_is_to_come_and_the_last_day():
    dates = timetable(extension(2, date(2027, 3, 20)))

    assert days(dates) == {
        "first-day": "03-01",
        "m1": "03-14",
        "m2": "04-11",
        "m3": "04-21",
        "presentation": "04-18",
        "last-day": "04-25",
    }


def test_fixed_date_never_moves():
    dates = timetable(extension(2, date(2027, 3, 1)), program="residence")

    assert dates.milestone_day(dates.milestone("fair")) == date(2027, 4, 7)
    assert dates.fixed_behind(date(2027, 3, 20)) == ["fair"]
    assert dates.fixed_behind(date(2027, 4, 8)) == []


def test_first_day_moves_everything_that_counts_from_it():
    dates = timetable(Shift(kind="first-day", first_day=date(2027, 3, 15)))

    assert (dates.first_day, dates.last_day) == (date(2027, 3, 15), date(2027, 4, 25))
    assert dates.milestone_day(dates.milestone("m1")) == date(2027, 3, 28)


def test_last_first_day_counts():
    dates = timetable(
        Shift(kind="first-day", first_day=date(2027, 3, 15)),
        Shift(kind="first-day", first_day=FIRST_DAY),
    )

    assert days(dates) == days(timetable())


def test_shift_tells_what_it_moved():
    dates = timetable()

    moves = dates.shift(extension(1, date(2027, 4, 1)))

    assert [(move.what, move.was.isoformat(), move.will_be.isoformat()) for move in moves] == [
        ("m3", "2027-04-07", "2027-04-14"),
        ("presentation", "2027-04-04", "2027-04-11"),
        ("last-day", "2027-04-11", "2027-04-18"),
    ]


@pytest.mark.parametrize(
    ("anchor", "day"),
    [
        ("first:-14d", date(2027, 2, 15)),
        ("first:0d", FIRST_DAY),
        ("last:-1d", date(2027, 4, 10)),
        ("presentation:-7d", date(2027, 3, 28)),
        ("milestone:m2", date(2027, 3, 28)),
    ],
)
def test_anchors(anchor, day):
    assert timetable().day(anchor) == day


@pytest.mark.parametrize("anchor", ["easter:-1d", "milestone:m9"])
def test_unknown_anchor_is_a_key_error(anchor):
    with pytest.raises(KeyError):
        timetable().day(anchor)


def test_what_is_asked_for_in_residence_is_due_before_the_end():
    dates = timetable()

    assert dates.due("90d", anchor="", opened=NOON) == dates.ends
    assert dates.due("1d", anchor="", opened=NOON) < dates.ends
    assert dates.due("", anchor="", opened=NOON) is None


def due_day(dates, anchor):
    return dates.calendar.due_day(dates.due("", anchor=anchor, opened=NOON))


@pytest.mark.parametrize("length", ["6w", "41d", "2mo"])
@pytest.mark.parametrize("program", ["tiny", "residence"])
@given(first_day=st.dates(date(2027, 1, 1), date(2027, 12, 31)))
@settings(max_examples=12, deadline=None)
def test_rolled_due_dates_are_those_of_the_schedule(program, length, first_day):
    holidays = [date(2027, 3, 29), date(2027, 5, 3), date(2027, 12, 24)]
    start = start_of(program, roll=True, holidays=holidays, length=length)
    start = start.model_copy(update={"first_day": first_day})
    dates, plan = Timetable(start, BoardState()), start.plan
    titles = {"kinds": {kind: f"{kind}." for kind in plan.kinds}, "items": {}}
    for item in plan.milestones.items:
        titles["items"][item.id] = item.id

    rows = schedule(plan, first_day=first_day, titles=titles)

    said = {row.what: row.date for row in rows if row.what.endswith(": due")}
    for item in plan.onboarding.items:
        assert said[f"item-{item.id}.: due"] == due_day(dates, f"first:{item.due}")
    for item in plan.milestones.items:
        assert said[f"{item.report}.: {item.id}: due"] == due_day(dates, f"milestone:{item.id}")
        if item.sign_off:
            signing = plan.kinds[item.sign_off].due
            opened = dates.calendar.ring(dates.milestone_day(item))
            due = dates.calendar.due_day(dates.due(signing, anchor="", opened=opened))
            assert said[f"{item.sign_off}.: {item.id}: due"] == due
    assert said["schedule-presentation.: due"] == due_day(dates, "presentation:-7d")
    meeting = next(row for row in rows if row.what == "Presentation" and not row.notice)
    assert meeting.date == dates.presentation_day


def test_anchored_days_roll_but_fixed_ones():
    dates = timetable(program="residence", roll=True, holidays=[date(2027, 4, 7)])

    assert due_day(dates, "first:+5d") == date(2027, 3, 8)  # a Saturday, so it rolls to Monday
    assert due_day(dates, "last:-1d") == date(2027, 4, 9)  # a Saturday: Monday is behind the end
    assert due_day(dates, "milestone:fair") == date(2027, 4, 7)


def test_shifted_presentation_is_rolled_again():
    holiday = date(2027, 4, 19)  # the presentation's Monday, two weeks later
    dates = timetable(extension(2, date(2027, 3, 20)), roll=True, holidays=[holiday])

    assert dates.presentation_day == date(2027, 4, 20)


def test_what_opens_in_residence_rolls_back_before_the_end():
    dates = timetable(roll=True)  # the last day is Sunday, April 11
    thursday, saturday = (datetime(2027, 4, day, 12, tzinfo=UTC) for day in (8, 10))

    due = [dates.due(span, anchor="", opened=thursday) for span in ("2d", "9d")]

    assert [dates.calendar.due_day(one) for one in due] == [date(2027, 4, 9)] * 2
    assert dates.due("9d", anchor="", opened=saturday) == dates.ends
