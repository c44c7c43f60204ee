"""How long and how far from: spans ("14 days") and offsets ("3 days before"), read and written."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self

from residency.errors import ResidencyError

LARGEST_COUNT: Final = 99_999
_QUOTED_WIDTH: Final = 60


class SpanError(ResidencyError, ValueError):
    """A text is not a span or offset, or a span is of a kind that can't be used where it stands.

    It is a ValueError too, so that pydantic's validators report it as a fault of their field.
    """


class Unit(StrEnum):
    """What a span counts in; the value is what is stored."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    BUSINESS_DAYS = "business_days"


_SHORT: Final = {
    Unit.SECONDS: "s",
    Unit.MINUTES: "min",
    Unit.HOURS: "h",
    Unit.DAYS: "d",
    Unit.WEEKS: "w",
    Unit.MONTHS: "mo",
    Unit.YEARS: "y",
    Unit.BUSINESS_DAYS: "bd",
}
_PLURAL: Final = {unit: unit.value.replace("_", " ") for unit in Unit}
_WRITTEN: Final = (
    {short: unit for unit, short in _SHORT.items()}
    | {plural: unit for unit, plural in _PLURAL.items()}
    | {plural.removesuffix("s"): unit for unit, plural in _PLURAL.items()}
)
_ISO: Final = {
    "D": Unit.DAYS,
    "W": Unit.WEEKS,
    "M": Unit.MONTHS,
    "Y": Unit.YEARS,
    "TS": Unit.SECONDS,
    "TM": Unit.MINUTES,
    "TH": Unit.HOURS,
}
_CLOCK_SECONDS: Final = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600}
_WRITTEN_SPAN: Final = re.compile(r"([0-9]{1,5}) ?([a-z]+(?: [a-z]+)?)")
_ISO_SPAN: Final = re.compile(r"P(T?)([0-9]{1,5})([A-Z])")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: a count (0 to 99,999) of one unit."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.count <= LARGEST_COUNT:
            raise SpanError(f'"{self.count}" is not a count of a span; it goes from 0 to 99999')

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "14 days", "14d" or "P14D"; a SpanError says what to write instead."""
        span = _read_span(text.strip())
        if span is None:
            raise SpanError(f'"{_quoted(text)}" is not a span; write 14 days, 2 weeks or P14D')
        return cls(*span)

    def __str__(self) -> str:
        words = _PLURAL[self.unit]
        return f"{self.count} {words.removesuffix('s') if self.count == 1 else words}"

    @property
    def short(self) -> str:
        """The short form: 30s, 15min, 2h, 14d, 2w, 9mo, 1y, 3bd."""
        return f"{self.count}{_SHORT[self.unit]}"

    @property
    def exact(self) -> timedelta | None:
        """The elapsed time of a span of seconds, minutes or hours; None for one of days."""
        seconds = _CLOCK_SECONDS.get(self.unit)
        return None if seconds is None else timedelta(seconds=seconds * self.count)


@dataclass(frozen=True, slots=True)
class Offset:
    """How far before (sign -1) or after (+1) something; the sign is 0 exactly if the count is."""

    span: Span
    sign: int

    def __post_init__(self) -> None:
        if self.sign not in (-1, 0, 1) or (self.sign == 0) != (self.span.count == 0):
            raise SpanError(
                f'"{self.sign}" is not the sign of an offset of {self.span}; it is -1 for before, '
                "1 for after, and 0 only where the count is 0"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "3 days before", "1 day after", "on the day", "-3d", "+1d" or "0d"."""
        offset = _read_offset(text.strip())
        if offset is None:
            raise SpanError(
                f'"{_quoted(text)}" is not an offset; '
                "write 2 days before, 1 day after or 0 days after"
            )
        (count, unit), sign = offset
        return cls(Span(count, unit), sign if count else 0)

    def __str__(self) -> str:
        return f"{self.span} {'before' if self.negative else 'after'}"

    @property
    def short(self) -> str:
        """The short form, as stored in keys: -3d, +1d, 0d."""
        return f"{('', '+', '-')[self.sign]}{self.span.short}"

    @property
    def negative(self) -> bool:
        """Whether it lies before what it counts from."""
        return self.sign < 0


def _read_span(text: str) -> tuple[int, Unit] | None:
    if match := _WRITTEN_SPAN.fullmatch(text):
        count, unit = match[1], _WRITTEN.get(match[2])
    elif match := _ISO_SPAN.fullmatch(text):
        count, unit = match[2], _ISO.get(match[1] + match[3])
    else:
        return None
    return None if unit is None else (int(count), unit)


def _read_offset(text: str) -> tuple[tuple[int, Unit], int] | None:
    if text == "on the day":
        return (0, Unit.DAYS), 0
    if text.startswith(("-", "+")):
        span, sign = _read_span(text[1:]), -1 if text[0] == "-" else 1
    elif text.endswith((" before", " after")):
        start, _, word = text.rpartition(" ")
        span, sign = _read_span(start), -1 if word == "before" else 1
    else:
        # Without a direction only zero is clear: "0d" is, "3d" is not.
        span, sign = _read_span(text), 0
        if span is not None and span[0] != 0:
            return None
    return None if span is None else (span, sign)


def _quoted(text: str) -> str:
    """The text as an error quotes it: on one line, and not longer than a line."""
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_WIDTH else f"{line[: _QUOTED_WIDTH - 3]}..."
