"""Instants by example and by Hypothesis over the hard zones: ends of days, windows, due dates."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from residency.dates import (
    Calendar,
    DateError,
    Offset,
    Span,
    Unit,
    due_after,
    instant_text,
    parse_instant,
    rung_at,
    zone_named,
)
from tests.residency.hard_dates import (
    DAY,
    DAY_SPANS,
    DAYS,
    INSTANTS,
    PARIS,
    TICK,
    ZONES,
    calendars,
    utc,
)

# Instants of local times


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        ("Europe/Paris", date(2022, 1, 10), time(8), "2022-01-10T07:00"),
        ("Europe/Paris", date(2022, 7, 10), time(8), "2022-07-10T06:00"),
        ("Europe/Paris", date(2022, 3, 27), time(2), "2022-03-27T01:00"),
        ("Europe/Paris", date(2022, 3, 27), time(2, 30), "2022-03-27T01:00"),
        ("Europe/Paris", date(2022, 3, 27), time(2, 59, 59, 999999), "2022-03-27T01:00"),
        ("Europe/Paris", date(2022, 3, 27), time(3), "2022-03-27T01:00"),
        ("Europe/Paris", date(2022, 10, 30), time(2, 30), "2022-10-30T00:30"),
        ("America/New_York", date(2022, 3, 13), time(2, 30), "2022-03-13T07:00"),
        ("America/New_York", date(2022, 11, 6), time(1, 30), "2022-11-06T05:30"),
        ("Australia/Lord_Howe", date(2022, 10, 2), time(2, 15), "2022-10-01T15:30"),
        ("Australia/Lord_Howe", date(2022, 4, 3), time(1, 45), "2022-04-02T14:45"),
        ("Africa/Cairo", date(2023, 4, 28), time(0), "2023-04-27T22:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 30), "2018-11-04T03:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(9), "2011-12-30T10:00"),
        ("Pacific/Kiritimati", date(2022, 1, 1), time(0), "2021-12-31T10:00"),
        ("Pacific/Chatham", date(2022, 1, 1), time(0), "2021-12-31T10:15"),
    ],
)
def test_at_gives_the_first_instant_that_exists(
    zone: str, day: date, clock: time, instant: str
) -> None:
    assert Calendar(zone).at(day, clock) == utc(instant)


def test_at_reads_a_local_time_whatever_zone_or_fold_it_carries() -> None:
    instant = PARIS.at(date(2022, 10, 30), time(2, 30, tzinfo=UTC, fold=1))

    assert instant == utc("2022-10-30T00:30")


@given(calendars(), DAYS, st.times())
@example(Calendar("Pacific/Apia"), date(2011, 12, 30), time(12))
def test_at_is_the_earliest_instant_that_shows_the_time_or_a_later_one(
    calendar: Calendar, day: date, clock: time
) -> None:
    local, tz = datetime.combine(day, clock), zone_named(calendar.zone)

    instant = calendar.at(day, clock)

    shown = instant.astimezone(tz).replace(tzinfo=None)
    before = (instant - TICK).astimezone(tz).replace(tzinfo=None)
    assert instant.tzinfo is UTC
    assert before < local <= shown
    assert shown == local or instant.microsecond == 0


# Ends of days


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/Paris", date(2022, 4, 3), "2022-04-03T22:00"),
        ("Europe/Paris", date(2022, 3, 27), "2022-03-27T22:00"),
        ("Europe/Paris", date(2022, 10, 30), "2022-10-30T23:00"),
        ("Africa/Cairo", date(2023, 4, 27), "2023-04-27T22:00"),
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T03:00"),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-18T03:00"),
        ("America/Havana", date(2022, 11, 5), "2022-11-06T04:00"),
        ("America/St_Johns", date(2010, 11, 6), "2010-11-07T03:30"),
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-30T10:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00"),
        ("Pacific/Kiritimati", date(2022, 1, 1), "2022-01-01T10:00"),
        ("Pacific/Pago_Pago", date(2022, 1, 1), "2022-01-02T11:00"),
    ],
)
def test_end_of_day_is_the_next_midnight_that_exists(zone: str, day: date, end: str) -> None:
    assert Calendar(zone).end_of(day) == utc(end)


@given(calendars(), DAYS, st.times())
def test_end_of_day_is_after_every_time_of_it(calendar: Calendar, day: date, clock: time) -> None:
    instant, end = calendar.at(day, clock), calendar.end_of(day)

    assert instant <= end
    assert instant < end or calendar.day_of(instant) > day


@given(calendars(), INSTANTS)
@example(Calendar("America/St_Johns"), utc("2010-11-07T03:00"))
def test_what_arrives_on_a_day_is_in_time_for_it(calendar: Calendar, instant: datetime) -> None:
    day = calendar.day_of(instant)
    end = calendar.end_of(day)

    assert instant < end
    assert calendar.day_of(end) > day
    assert calendar.day_of(end - TICK) == calendar.due_day(end) == day
    assert calendar.end_of(day - DAY) < end


# Adding to instants


@pytest.mark.parametrize(
    ("instant", "span", "later"),
    [
        ("2022-03-26T12:00", "1 day", "2022-03-27T11:00"),
        ("2022-03-26T12:00", "24 hours", "2022-03-27T12:00"),
        ("2022-03-26T01:30", "1 day", "2022-03-27T01:00"),
        ("2022-10-29T00:30", "1 day", "2022-10-30T00:30"),
        ("2022-01-31T11:00", "1 month", "2022-02-28T11:00"),
        ("2022-04-01T10:00", "1 business day", "2022-04-04T10:00"),
        ("2022-04-01T10:00", "15 minutes", "2022-04-01T10:15"),
        ("2022-04-01T10:00", "30 seconds", "2022-04-01T10:00:30"),
        ("2022-10-30T01:30", "0 days", "2022-10-30T01:30"),
    ],
)
def test_plus_keeps_the_clock_for_days_and_counts_hours(
    instant: str, span: str, later: str
) -> None:
    assert PARIS.plus(utc(instant), Span.parse(span)) == utc(later)


@given(calendars(), INSTANTS, st.builds(Span, st.integers(0, 60), st.sampled_from(Unit)))
def test_plus_never_goes_back(calendar: Calendar, instant: datetime, span: Span) -> None:
    later = calendar.plus(instant, span)

    assert later >= instant
    assert later.tzinfo is UTC
    if span.exact is not None:
        assert later - instant == span.exact


# Send windows


@pytest.mark.parametrize(
    ("instant", "zone", "sent"),
    [
        ("2022-04-01T10:00", None, "2022-04-01T10:00"),
        ("2022-04-01T05:59", None, "2022-04-01T06:00"),
        ("2022-04-01T06:00", None, "2022-04-01T06:00"),
        ("2022-04-01T15:59:59", None, "2022-04-01T15:59:59"),
        ("2022-04-01T16:00", None, "2022-04-04T06:00"),
        ("2022-04-02T10:00", None, "2022-04-04T06:00"),
        ("2022-04-15T17:00", None, "2022-04-19T06:00"),
        ("2022-04-01T10:00", "America/New_York", "2022-04-01T12:00"),
        ("2022-04-01T10:00", "Pacific/Kiritimati", "2022-04-03T18:00"),
        ("2022-04-03T18:30", "Pacific/Kiritimati", "2022-04-03T18:30"),
        ("2022-03-25T20:00", None, "2022-03-28T06:00"),
        ("2022-10-28T20:00", None, "2022-10-31T07:00"),
        ("2011-12-30T05:00", "Pacific/Apia", "2012-01-01T18:00"),
    ],
)
def test_window_waits_for_the_next_opening(instant: str, zone: str | None, sent: str) -> None:
    calendar = Calendar("Europe/Paris", holidays=frozenset({date(2022, 4, 18)}))

    assert calendar.window(utc(instant), zone) == utc(sent)


def test_window_that_lies_in_a_gap_opens_once_after_it() -> None:
    calendar = Calendar("Europe/Paris", weekend=frozenset(), opens=time(2), closes=time(2, 30))

    assert calendar.window(utc("2022-03-26T12:00")) == utc("2022-03-27T01:00")
    assert calendar.window(utc("2022-03-27T01:00")) == utc("2022-03-27T01:00")
    assert calendar.window(utc("2022-03-27T01:01")) == utc("2022-03-28T00:00")


def test_window_is_not_repeated_when_clocks_go_back() -> None:
    calendar = Calendar("Europe/Paris", weekend=frozenset(), opens=time(2), closes=time(2, 30))

    assert calendar.window(utc("2022-10-29T12:00")) == utc("2022-10-30T00:00")
    assert calendar.window(utc("2022-10-30T01:00")) == utc("2022-10-31T01:00")


def test_window_that_closes_at_midnight_is_open_all_day() -> None:
    calendar = Calendar("Europe/Paris", weekend=frozenset(), opens=time(), closes=time())

    assert calendar.window(utc("2022-03-27T21:59:59")) == utc("2022-03-27T21:59:59")


@given(calendars(), INSTANTS, st.none() | st.sampled_from(ZONES))
@example(Calendar("Pacific/Apia"), utc("2011-12-30T09:00"), None)
def test_window_is_never_earlier_and_idempotent(
    calendar: Calendar, instant: datetime, zone: str | None
) -> None:
    sent = calendar.window(instant, zone)

    there = Calendar(zone or calendar.zone)
    assert sent >= instant
    assert sent.tzinfo is UTC
    assert calendar.window(sent, zone) == sent
    assert calendar.is_business(there.day_of(sent))


@given(calendars(), INSTANTS, st.timedeltas(timedelta(), timedelta(days=9)))
def test_window_keeps_the_order_and_skips_no_opening(
    calendar: Calendar, instant: datetime, pause: timedelta
) -> None:
    sent, sent_later = calendar.window(instant), calendar.window(instant + pause)

    assert sent <= sent_later
    if sent > instant and instant + pause <= sent:
        assert sent_later == sent


@given(calendars(), DAYS)
def test_window_opens_exactly_once_on_every_business_day(calendar: Calendar, day: date) -> None:
    assume(calendar.is_business(day))
    assume(calendar.day_of(calendar.at(day, calendar.opens)) == day)

    opening = calendar.at(day, calendar.opens)
    just_before = opening - TICK

    assert calendar.window(opening) == opening
    if calendar.day_of(just_before) == day:
        assert calendar.window(just_before) == opening


def test_ring_is_one_hour_after_the_window_opens() -> None:
    late = Calendar("Europe/Paris", opens=time(23, 30), closes=time())

    assert PARIS.ring(date(2022, 4, 1)) == utc("2022-04-01T07:00")
    assert PARIS.ring(date(2022, 1, 1)) == utc("2022-01-01T08:00")
    assert late.ring(date(2022, 4, 1)) == utc("2022-04-01T21:30")


# Due dates and ladders


@pytest.mark.parametrize(
    ("opening", "span", "roll", "due"),
    [
        ("2022-04-01T10:00", "14 days", False, "2022-04-15T22:00"),
        ("2022-04-01T22:30", "14 days", False, "2022-04-16T22:00"),
        ("2022-04-01T22:30", "14 days", True, "2022-04-18T22:00"),
        ("2022-03-26T10:00", "1 day", False, "2022-03-27T22:00"),
        ("2022-04-01T10:00", "0 days", False, "2022-04-01T22:00"),
        ("2022-04-01T10:00", "3bd", False, "2022-04-06T22:00"),
        ("2022-04-01T10:00", "20s", True, "2022-04-01T10:00:20"),
        ("2022-04-02T10:00", "2h", True, "2022-04-02T12:00"),
    ],
)
def test_due_is_the_end_of_the_day_or_the_exact_instant(
    opening: str, span: str, *, roll: bool, due: str
) -> None:
    calendar = Calendar("Europe/Paris", roll=roll)

    assert due_after(utc(opening), Span.parse(span), calendar) == utc(due)


def test_due_rolls_back_where_it_would_pass_the_last_day() -> None:
    calendar = Calendar("Europe/Paris", roll=True)

    due = due_after(utc("2022-04-01T10:00"), Span.parse("15d"), calendar, last=date(2022, 4, 17))

    assert due == utc("2022-04-15T22:00")


@given(calendars(), INSTANTS, DAY_SPANS)
def test_due_is_after_its_opening_on_the_counted_day(
    calendar: Calendar, opening: datetime, span: Span
) -> None:
    due = due_after(opening, span, calendar)

    counted = calendar.add(calendar.day_of(opening), span)
    assert due > opening
    assert due == calendar.end_of(calendar.roll_day(counted))


@pytest.mark.parametrize(
    ("offset", "rings"),
    [
        ("3 days before", "2022-04-12T07:00"),
        ("on the day", "2022-04-15T07:00"),
        ("1 day after", "2022-04-16T07:00"),
        ("1 business day after", "2022-04-18T07:00"),
        ("10 seconds before", "2022-04-15T21:59:50"),
        ("1 hour after", "2022-04-15T23:00"),
    ],
)
def test_rung_rings_from_the_due_day_or_to_the_second(offset: str, rings: str) -> None:
    due = PARIS.end_of(date(2022, 4, 15))

    assert rung_at(due, Offset.parse(offset), PARIS) == utc(rings)


# Instants as text, and naive ones


@pytest.mark.parametrize(
    ("text", "instant", "written"),
    [
        ("2022-04-03T22:00:00Z", utc("2022-04-03T22:00"), "2022-04-03T22:00:00Z"),
        ("2022-04-04T00:00+02:00", utc("2022-04-03T22:00"), "2022-04-03T22:00:00Z"),
        ("2022-04-03T22:00:00.5Z", utc("2022-04-03T22:00:00.500"), "2022-04-03T22:00:00.500000Z"),
    ],
)
def test_instant_is_read_with_its_offset(text: str, instant: datetime, written: str) -> None:
    parsed = parse_instant(text)

    assert (parsed, parsed.tzinfo) == (instant, UTC)
    assert instant_text(parsed) == written


@pytest.mark.parametrize(
    "text", ["2022-04-03", "2022-04-03T22:00", "soon", "", "2022-02-30T00:00Z"]
)
def test_instant_without_offset_is_refused_by_sentence(text: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse_instant(text)

    assert str(refusal.value) == (
        f'"{text}" is not an instant; write it with its offset, as in 2022-04-03T22:00:00Z'
    )


@given(INSTANTS, st.integers(-14, 14))
def test_instant_text_comes_back_from_any_zone(instant: datetime, hours: int) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))

    assert parse_instant(instant_text(elsewhere)) == instant


def test_naive_instants_are_refused_everywhere() -> None:
    naive = datetime(2022, 4, 3, 22)  # noqa: DTZ001  # That it is naive is the point.

    for take in (
        PARIS.day_of,
        PARIS.due_day,
        PARIS.window,
        instant_text,
        lambda each: PARIS.plus(each, Span.parse("1h")),
        lambda each: PARIS.plus(each, Span.parse("0d")),
        lambda each: due_after(each, Span.parse("1d"), PARIS),
        lambda each: rung_at(each, Offset.parse("-1h"), PARIS),
    ):
        with pytest.raises(ValueError, match="naive"):
            take(naive)
