"""Days and instants of a residency: calendars, ends of days, send windows, due dates, periods.

A *day* is a `date` in the calendar's zone. An *instant* is a `datetime` in UTC; a naive one raises
ValueError. Nothing here reads a clock. Spans and offsets (`residency.spans`) can be imported from
here too.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from residency.errors import ResidencyError
from residency.spans import Offset, Span, SpanError, Unit

__all__ = [
    "Calendar",
    "DateError",
    "Offset",
    "Span",
    "SpanError",
    "Unit",
    "due_after",
    "instant_text",
    "last_day",
    "parse_instant",
    "periods",
    "rung_at",
    "zone_named",
]

MIDNIGHT: Final = time()
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_TICK: Final = timedelta(microseconds=1)
_ZONE_NAME: Final = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")


class DateError(ResidencyError, ValueError):
    """A zone, a day, an instant or a calendar that does not exist or can't be computed with."""


@dataclass(frozen=True)
class Calendar:
    """What a residency computes its dates with.

    `weekend` holds weekdays, Monday is 0. The send window goes from `opens` until just before
    `closes`; a `closes` of 00:00 is the end of the day. `roll` moves due dates off weekends and
    holidays.
    """

    zone: str
    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    roll: bool = False
    opens: time = time(8)
    closes: time = time(18)

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if not self.weekend < frozenset(range(7)):
            days = ", ".join(str(day) for day in sorted(self.weekend))
            raise DateError(
                f'"{days}" is not a weekend; it holds at most six of the weekdays 0 to 6'
            )
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise DateError(
                f'"{self.opens:%H:%M}-{self.closes:%H:%M}" is not a send window; '
                "it closes after it opens, on the same day"
            )

    # Days

    def is_business(self, day: date) -> bool:
        """Whether the day is neither on a weekend nor a holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def next_business(self, day: date) -> date:
        """The first business day that is not before `day`."""
        while not self.is_business(day):
            day = _moved(day, 1)
        return day

    def previous_business(self, day: date) -> date:
        """The last business day that is not after `day`."""
        while not self.is_business(day):
            day = _moved(day, -1)
        return day

    def roll_day(self, day: date, last: date | None = None) -> date:
        """If due dates roll: the next business day, or the one before where that passes `last`."""
        if not self.roll:
            return day
        forward = self.next_business(day)
        return forward if last is None or forward <= last else self.previous_business(day)

    def add(self, day: date, span: Span) -> date:
        """The day `span` after `day`; months clamp at the end of a month, business days skip."""
        return self._counted(day, span, 1)

    def shift(self, day: date, offset: Offset) -> date:
        """The day that lies `offset` before or after `day`."""
        return self._counted(day, offset.span, offset.sign)

    def _counted(self, day: date, span: Span, sign: int) -> date:
        if span.unit is not Unit.BUSINESS_DAYS:
            return _counted(day, span, sign)
        step = self.next_business if sign > 0 else self.previous_business
        for _ in range(span.count):
            day = step(_moved(day, sign))
        return day

    # Instants

    def at(self, day: date, clock: time) -> datetime:
        """The instant of a local time: the first of two, or the first that exists after a gap."""
        tz, local = zone_named(self.zone), datetime.combine(day, clock.replace(tzinfo=None))
        with_early, with_late = (_utc(local, tz, fold=fold) for fold in (0, 1))
        if _local(with_early, tz) == local:
            return with_early
        # In a gap the two readings lie on both sides of the change, which is on a whole second.
        start = with_late.replace(microsecond=0)
        seconds = range(int((with_early - start) / _SECOND) + 2)
        return (
            start
            + bisect_left(seconds, local, key=lambda n: _local(start + n * _SECOND, tz)) * _SECOND
        )

    def end_of(self, day: date) -> datetime:
        """The instant at which the day is over; what arrives before it is in time.

        That is the next local midnight, or the first instant after it where clocks skip it. Where
        clocks are set back over midnight, so that the day comes back, it is the second midnight.
        """
        following = _moved(day, 1)
        first = self.at(following, MIDNIGHT)
        second = _utc(datetime.combine(following, MIDNIGHT), zone_named(self.zone), fold=1)
        return second if second > first and self.day_of(second - _TICK) <= day else first

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant."""
        return _aware(instant).astimezone(zone_named(self.zone)).date()

    def due_day(self, due: datetime) -> date:
        """The local day that a due instant belongs to: the end of a day belongs to that day."""
        return self.day_of(_aware(due) - _TICK)

    def plus(self, instant: datetime, span: Span) -> datetime:
        """The instant `span` later: hours exactly, days at the same local time."""
        instant = _aware(instant)
        if span.count == 0:
            return instant
        if (exact := span.exact) is not None:
            return _reckoned(instant, exact)
        local = instant.astimezone(zone_named(self.zone))
        return self.at(self.add(local.date(), span), local.time())

    def window(self, instant: datetime, zone: str | None = None) -> datetime:
        """The instant itself inside the send window of `zone`, else the next opening of it.

        A window is one stretch of time each business day, from the first time that clocks show
        `opens` until they first show `closes`, so a change of clocks neither skips nor repeats it.
        """
        if zone is not None:
            return replace(self, zone=zone).window(instant)
        instant = _aware(instant)
        day = self.next_business(self.day_of(instant))
        while True:
            opening = self.at(day, self.opens)
            # A day that the zone skipped (Samoa's December 30, 2011) has no window.
            if self.day_of(opening) == day:
                if instant <= opening:
                    return opening
                if instant < self._closing(day):
                    return instant
            day = self.next_business(_moved(day, 1))

    def _closing(self, day: date) -> datetime:
        return self.end_of(day) if self.closes == MIDNIGHT else self.at(day, self.closes)

    def ring(self, day: date) -> datetime:
        """When a reminder of that day rings: one hour after the window opens."""
        hour = min(self.opens.hour + 1, 23)
        return self.at(day, self.opens.replace(hour=hour))


def due_after(
    opening: datetime, span: Span, calendar: Calendar, *, last: date | None = None
) -> datetime:
    """When a task is due that opened then: the end of the local day `span` later, rolled if asked.

    A span of seconds, minutes or hours gives the exact instant. Rolling doesn't pass `last`.
    """
    if span.exact is not None:
        return calendar.plus(opening, span)
    day = calendar.add(calendar.day_of(opening), span)
    return calendar.end_of(calendar.roll_day(day, last))


def rung_at(due: datetime, offset: Offset, calendar: Calendar) -> datetime:
    """When a rung of a ladder rings: on the day `offset` from the due day, at the ringing hour.

    An offset of seconds, minutes or hours counts exactly, from the due instant.
    """
    if (exact := offset.span.exact) is not None:
        return _reckoned(_aware(due), offset.sign * exact)
    return calendar.ring(calendar.shift(calendar.due_day(due), offset))


def last_day(first: date, length: Span) -> date:
    """The last day of a residency: first day + length - 1 day."""
    _check_length(length)
    return _moved(_counted(first, length, 1), -1)


def periods(first: date, length: Span, every: Span) -> list[date]:
    """The last day of each period, counted from the first day every time.

    Jan 31 and every month gives Feb 27, Mar 30, Apr 29. A last short period ends on the last day.
    """
    last, ends = last_day(first, length), list[date]()
    _check_length(every)
    while not ends or ends[-1] < last:
        multiple = _counted(first, every, len(ends) + 1)
        ends.append(min(_moved(multiple, -1), last))
    return ends


def instant_text(instant: datetime) -> str:
    """ISO 8601 with a Z: 2022-04-03T22:00:00Z."""
    return _aware(instant).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read ISO 8601 with a Z or an offset; a DateError where it has neither."""
    try:
        return _aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise DateError(
            f'"{text}" is not an instant; write it with its offset, as in 2022-04-03T22:00:00Z'
        ) from None


@cache
def zone_named(name: str) -> ZoneInfo:
    """The zone of that name, as in Europe/Paris; a DateError for any other text.

    It is read from the locked tzdata package and never from the machine, whose version differs:
    a workflow that is replayed elsewhere must compute the same instants.
    """
    if _ZONE_NAME.fullmatch(name):
        source = resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
        with suppress(OSError, ValueError), source.open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    raise DateError(f'"{name}" is not a time zone; write one like Europe/Paris')


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"a naive datetime is no instant: {instant.isoformat()}")
    return instant.astimezone(UTC)


def _utc(local: datetime, tz: ZoneInfo, *, fold: int) -> datetime:
    try:
        return local.replace(tzinfo=tz, fold=fold).astimezone(UTC)
    except OverflowError:
        raise _beyond(local) from None


def _local(instant: datetime, tz: ZoneInfo) -> datetime:
    """What clocks show there at that instant, as a naive datetime."""
    return instant.astimezone(tz).replace(tzinfo=None)


def _moved(day: date, days: int) -> date:
    try:
        return day + days * _DAY
    except OverflowError:
        raise _beyond(day) from None


def _reckoned(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        raise _beyond(instant) from None


def _counted(day: date, span: Span, times: int) -> date:
    """The day that many times the span away, back where `times` is negative."""
    count = times * span.count
    match span.unit:
        case Unit.DAYS:
            return _moved(day, count)
        case Unit.WEEKS:
            return _moved(day, count * 7)
        case Unit.MONTHS:
            return _month_moved(day, count)
        case Unit.YEARS:
            return _month_moved(day, count * 12)
    raise SpanError(f'"{span}" is not a span of calendar days; write 14 days, 2 weeks or 9 months')


def _month_moved(day: date, months: int) -> date:
    """The same day of another month, or its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise _beyond(day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _check_length(length: Span) -> None:
    if length.count == 0:
        raise SpanError(f'"{length}" is not a length; it is at least 1 day')


def _beyond(start: date) -> DateError:
    return DateError(f'"{start}" is too far from what is counted; days go from year 1 to 9999')
