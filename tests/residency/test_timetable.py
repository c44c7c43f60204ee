"""Every date of a residency, computed from its first day and its shifts."""

from datetime import date

import pytest

from residency.timetable import Timetable
from residency.wire import BoardState, Shift
from tests.residency.boards import FIRST_DAY, NOON, start_of


def timetable(*shifts, program="tiny"):
    return Timetable(start_of(program), BoardState(shifts=list(shifts)))


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
