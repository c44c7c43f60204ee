"""Days by example and by Hypothesis: business days, rolling, adding, lengths and periods."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residency.dates import (
    Calendar,
    DateError,
    Offset,
    Span,
    SpanError,
    Unit,
    last_day,
    periods,
    zone_named,
)
from tests.residency.hard_dates import DAY, DAY_SPANS, DAYS, LENGTHS, PARIS, calendars

# The calendar itself


@pytest.mark.parametrize(
    "zone", ["Europe/Pari", "Europe", "", "../etc/passwd", "/etc/localtime", "europe paris", "x\0"]
)
def test_calendar_refuses_an_unknown_zone_by_sentence(zone: str) -> None:
    with pytest.raises(DateError) as refusal:
        Calendar(zone)

    assert str(refusal.value) == f'"{zone}" is not a time zone; write one like Europe/Paris'


def test_calendar_refuses_a_week_without_business_days() -> None:
    with pytest.raises(DateError, match='"0, 1, 2, 3, 4, 5, 6" is not a weekend'):
        Calendar("UTC", weekend=frozenset(range(7)))


def test_calendar_refuses_a_window_that_closes_before_it_opens() -> None:
    with pytest.raises(DateError, match='"18:00-08:00" is not a send window'):
        Calendar("UTC", opens=time(18), closes=time(8))


def test_zone_comes_from_the_locked_package_and_is_read_once() -> None:
    assert zone_named("Europe/Paris") is zone_named("Europe/Paris")
    assert zone_named("Europe/Paris").key == "Europe/Paris"


# Business days


def test_business_days_leave_out_weekends_and_holidays() -> None:
    calendar = Calendar("Europe/Paris", holidays=frozenset({date(2022, 4, 18)}))

    assert calendar.is_business(date(2022, 4, 15))
    assert not calendar.is_business(date(2022, 4, 16))
    assert not calendar.is_business(date(2022, 4, 18))
    assert calendar.next_business(date(2022, 4, 15)) == date(2022, 4, 15)
    assert calendar.next_business(date(2022, 4, 16)) == date(2022, 4, 19)
    assert calendar.previous_business(date(2022, 4, 18)) == date(2022, 4, 15)


def test_business_days_follow_another_weekend() -> None:
    calendar = Calendar("Africa/Cairo", weekend=frozenset({4, 5}))

    assert calendar.next_business(date(2022, 4, 15)) == date(2022, 4, 17)


@pytest.mark.parametrize(
    ("day", "last", "rolled"),
    [
        (date(2022, 4, 15), None, date(2022, 4, 15)),
        (date(2022, 4, 16), None, date(2022, 4, 18)),
        (date(2022, 4, 16), date(2022, 4, 18), date(2022, 4, 18)),
        (date(2022, 4, 16), date(2022, 4, 17), date(2022, 4, 15)),
    ],
)
def test_roll_goes_forward_but_never_past_the_last_day(
    day: date, last: date | None, rolled: date
) -> None:
    assert Calendar("Europe/Paris", roll=True).roll_day(day, last) == rolled
    assert Calendar("Europe/Paris").roll_day(day, last) == day


@given(calendars(), DAYS, st.integers(0, 30))
def test_roll_ends_on_a_business_day_up_to_the_last(
    calendar: Calendar, day: date, spare: int
) -> None:
    last = day + spare * DAY

    rolled = calendar.roll_day(day, last)

    assert rolled <= last
    assert rolled == day or calendar.is_business(rolled)
    assert rolled == day or calendar.roll


# Adding to days


@pytest.mark.parametrize(
    ("day", "span", "later"),
    [
        (date(2022, 1, 31), "1 month", date(2022, 2, 28)),
        (date(2024, 1, 31), "1 month", date(2024, 2, 29)),
        (date(2022, 1, 31), "2 months", date(2022, 3, 31)),
        (date(2022, 1, 31), "9 months", date(2022, 10, 31)),
        (date(2022, 12, 31), "2 months", date(2023, 2, 28)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
        (date(2024, 2, 29), "4 years", date(2028, 2, 29)),
        (date(2022, 4, 3), "2 weeks", date(2022, 4, 17)),
        (date(2022, 4, 3), "0 days", date(2022, 4, 3)),
        (date(2022, 4, 1), "1 business day", date(2022, 4, 4)),
        (date(2022, 4, 2), "1 business day", date(2022, 4, 4)),
        (date(2022, 4, 2), "0 business days", date(2022, 4, 2)),
        (date(2022, 4, 1), "6 business days", date(2022, 4, 11)),
    ],
)
def test_add_counts_from_the_given_day(day: date, span: str, later: date) -> None:
    assert PARIS.add(day, Span.parse(span)) == later


@pytest.mark.parametrize(
    ("day", "offset", "shifted"),
    [
        (date(2022, 3, 31), "1 month before", date(2022, 2, 28)),
        (date(2022, 4, 4), "1 business day before", date(2022, 4, 1)),
        (date(2022, 4, 3), "1 business day before", date(2022, 4, 1)),
        (date(2022, 4, 4), "3 days before", date(2022, 4, 1)),
        (date(2022, 4, 4), "on the day", date(2022, 4, 4)),
        (date(2022, 4, 4), "1 week after", date(2022, 4, 11)),
    ],
)
def test_shift_counts_both_ways(day: date, offset: str, shifted: date) -> None:
    assert PARIS.shift(day, Offset.parse(offset)) == shifted


def test_add_refuses_hours_for_days_by_sentence() -> None:
    with pytest.raises(SpanError) as refusal:
        PARIS.add(date(2022, 4, 3), Span.parse("2h"))

    assert str(refusal.value) == (
        '"2 hours" is not a span of calendar days; write 14 days, 2 weeks or 9 months'
    )


@pytest.mark.parametrize("span", ["99999 days", "99999 weeks", "9999y", "99999mo", "9bd"])
def test_add_refuses_what_lies_beyond_the_calendar(span: str) -> None:
    with pytest.raises(DateError, match=r'"9999-12-\d\d" is too far'):
        PARIS.add(date(9999, 12, 28), Span.parse(span))


@given(calendars(), DAYS, DAY_SPANS)
def test_add_never_goes_back_and_follows_its_day(calendar: Calendar, day: date, span: Span) -> None:
    later = calendar.add(day, span)

    assert later >= day
    assert (later == day) == (span.count == 0)
    assert calendar.add(day + DAY, span) >= later


@given(calendars(), DAYS, st.integers(1, 40))
def test_business_days_count_the_business_days_between(
    calendar: Calendar, day: date, count: int
) -> None:
    later = calendar.add(day, Span(count, Unit.BUSINESS_DAYS))
    back = calendar.shift(later, Offset(Span(count, Unit.BUSINESS_DAYS), -1))

    passed = [day + n * DAY for n in range(1, (later - day).days + 1)]
    assert sum(calendar.is_business(each) for each in passed) == count
    assert calendar.is_business(later)
    assert back == calendar.previous_business(day)


# Lengths and periods


@pytest.mark.parametrize(
    ("first", "length", "last"),
    [
        (date(2022, 5, 2), "9 months", date(2023, 2, 1)),
        (date(2022, 1, 31), "1 month", date(2022, 2, 27)),
        (date(2022, 1, 31), "2 months", date(2022, 3, 30)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 27)),
        (date(2022, 1, 1), "12 weeks", date(2022, 3, 25)),
        (date(2022, 1, 1), "1 day", date(2022, 1, 1)),
    ],
)
def test_last_day_is_first_plus_length_less_one(first: date, length: str, last: date) -> None:
    assert last_day(first, Span.parse(length)) == last


def test_periods_count_from_the_first_day_every_time() -> None:
    ends = periods(date(2022, 1, 31), Span.parse("4 months"), Span.parse("1 month"))

    assert ends == [date(2022, 2, 27), date(2022, 3, 30), date(2022, 4, 29), date(2022, 5, 30)]


def test_periods_end_with_a_short_one() -> None:
    ends = periods(date(2022, 1, 1), Span.parse("12 weeks"), Span.parse("5 weeks"))

    assert ends == [date(2022, 2, 4), date(2022, 3, 11), date(2022, 3, 25)]


def test_periods_longer_than_the_length_are_one() -> None:
    ends = periods(date(2022, 1, 1), Span.parse("3 weeks"), Span.parse("1 month"))

    assert ends == [date(2022, 1, 21)]


@pytest.mark.parametrize("length", ["0 days", "3 business days", "2 hours"])
def test_lengths_are_counted_in_calendar_days(length: str) -> None:
    week, wrong = Span.parse("1 week"), Span.parse(length)

    with pytest.raises(SpanError, match=f'"{wrong}" is not a '):
        last_day(date(2022, 1, 1), wrong)
    with pytest.raises(SpanError, match=f'"{wrong}" is not a '):
        periods(date(2022, 1, 1), week, wrong)


@given(DAYS, LENGTHS, LENGTHS)
def test_periods_fill_the_residency(first: date, length: Span, every: Span) -> None:
    calendar = Calendar("UTC")

    ends = periods(first, length, every)

    assert ends == sorted(set(ends))
    assert ends[0] >= first
    assert ends[-1] == last_day(first, length)
    for number, end in enumerate(ends[:-1], start=1):
        assert end + DAY == calendar.add(first, Span(number * every.count, every.unit))


@given(DAYS, st.integers(1, 30))
def test_monthly_periods_are_never_longer_than_a_month(first: date, months: int) -> None:
    ends = periods(first, Span(months, Unit.MONTHS), Span(1, Unit.MONTHS))

    starts = [first, *(end + DAY for end in ends[:-1])]
    assert len(ends) == months
    assert all(28 <= (end - start).days + 1 <= 31 for start, end in zip(starts, ends, strict=True))
