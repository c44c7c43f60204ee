"""How values become words: names, dates and times in the reader's zone, safe single lines."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, TypedDict

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from residency.dates import parse_instant, zone_named

# Line and paragraph breaks, controls, byte order marks, marks that turn the writing direction, and
# the private area, which templates use for themselves.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ue000-\uf8ff\ud800-\udfff]+"
)
_SPACES: Final = re.compile(r"\s+")
_LINKLIKE: Final = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=:)(?=//)|(?<=[^\s@])(?=@)")
_YEAR: Final = re.compile(r"(?:[,\s]|'de'|'del')*y+$")  # At the end of a locale's full date.
_JOINER: Final = "\u2060"  # Takes no room, allows no break, and ends what looks like an address.


def one_line(value: object, *, limit: int = 2000) -> str:
    """The value as one line of plain text, cut to `limit` signs."""
    text = str(value)
    if not text.isascii() or not text.isprintable():
        text = _UNSAFE.sub(" ", text)
    # The standard library reads encoded words even in what it is told is plain text.
    text = _SPACES.sub(" ", text).strip().replace("=?", "= ?")
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def own_words(value: object, *, limit: int = 120) -> str:
    """A person's words: one line in which a mail program finds no link and no address."""
    return _LINKLIKE.sub(lambda found: f"{found.group()}{_JOINER}", one_line(value, limit=limit))


def shown(value: object) -> object:
    """What a template prints: markup of our own as it is, all else as one line."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else one_line(value)


@pass_context
def names(context: Context, people: Sequence[Mapping[str, str]]) -> str:
    """Ada, Grace and Lin; the words for nobody where there is nobody."""
    if not people:
        return one_line(context["program"]["organization"])
    return format_list([person["name"] for person in people], locale=str(context["locale"]))


@pass_context
def date_filter(context: Context, value: Any) -> str:
    """Tuesday, May 31; with the year where it is not the mail's own."""
    return date_text(value, **_manner(context))


@pass_context
def time_filter(context: Context, value: Any) -> str:
    """23:59 (Paris time); the end of a day is a minute before midnight."""
    return time_text(value, **_manner(context))


@pass_context
def when_filter(context: Context, value: Any) -> str:
    """Tuesday, May 31, 23:59 (Paris time); a day without a time is just its date."""
    return when_text(value, **_manner(context))


def when_text(value: Any, *, zone: str, locale: str, year: int) -> str:
    """An instant or a day in words; `year` is the one that need not be said."""
    day = date_text(value, zone=zone, locale=locale, year=year)
    if _is_day(value):
        return day
    return f"{day}, {time_text(value, zone=zone, locale=locale, year=year)}"


def date_text(value: Any, *, zone: str, locale: str, year: int) -> str:
    day = date.fromisoformat(str(value)) if _is_day(value) else _local(_instant(value), zone)[0]
    return _date_text(day, day.year != year, locale)


def time_text(value: Any, *, zone: str, locale: str, year: int) -> str:  # noqa: ARG001  # As the others.
    return f"{_local(_instant(value), zone)[1]:%H:%M} ({_zone_text(zone, locale)})"


def first_capital(value: object) -> str:
    """The text with its first letter as a capital and the others as they are."""
    text = str(value)
    return text[:1].upper() + text[1:]


FILTERS: Final = {
    "names": names,
    "date": date_filter,
    "time": time_filter,
    "when": when_filter,
    "first_capital": first_capital,
}


class _Manner(TypedDict):
    zone: str
    locale: str
    year: int


def _manner(context: Context) -> _Manner:
    return {
        "zone": context["reader"]["zone"],
        "locale": context["locale"],
        "year": context["at"].year,
    }


def _is_day(value: Any) -> bool:
    return (isinstance(value, str) and len(value) == len("2022-05-31")) or type(value) is date


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else parse_instant(str(value))


@lru_cache(maxsize=4096)
def _local(instant: datetime, zone: str) -> tuple[date, time]:
    """The reader's day and time; midnight is the end of the day before."""
    local = instant.astimezone(zone_named(zone))
    if local.time() == time():
        local = (instant.astimezone(UTC) - timedelta(minutes=1)).astimezone(zone_named(zone))
    return local.date(), local.time()


@lru_cache(maxsize=4096)
def _date_text(day: date, with_year: bool, locale: str) -> str:  # noqa: FBT001  # A cache's key.
    pattern = str(Locale.parse(locale).date_formats["full"])
    return format_date(day, format=pattern if with_year else _YEAR.sub("", pattern), locale=locale)


@lru_cache(maxsize=512)
def _zone_text(zone: str, locale: str) -> str:
    if "/" not in zone or zone.startswith("Etc/"):
        return zone.removeprefix("Etc/")
    city = get_timezone_location(zone_named(zone), locale=locale, return_city=True)
    return f"{city} time" if Locale.parse(locale).language == "en" else city
