"""How values become words: names, dates and times in the reader's zone, safe single lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, TypedDict

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from mail import french
from residency.dates import parse_instant, zone_named

# Line and paragraph breaks, controls, byte order marks, marks that turn the writing direction, and
# the private area, which templates use for themselves.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ue000-\uf8ff\ud800-\udfff]+"
)
_SPACES: Final = re.compile(r"[^\S\u00a0\u202f]+")  # Those that don't break are kept.
_LINKLIKE: Final = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=:)(?=//)|(?<=[^\s@])(?=@)")
_YEAR: Final = re.compile(r"(?:[,\s]|'de'|'del')*y+$")  # At the end of a locale's full date.
_PLURALS: Final[tuple[str, ...]] = ("zero", "one", "two", "few", "many", "other")
_JOINER: Final = "\u2060"  # Takes no room, allows no break, and ends what looks like an address.


@dataclass(frozen=True)
class Phrases:
    """How a language puts dates into words; what it does not say stands as figures and names."""

    when: str = "{day}, {time}"
    zone: str = "{city}"
    by: str = "{when}"
    late: str = "{when}"
    waits: str = "{names}"
    more: str = "+ {number}"
    elsewhere: str = ""
    progress: str = "{word} {number}/{of}"
    colon: str = ": "


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
    return time_text(value, phrases=context["language"].phrases, **_manner(context))


@pass_context
def when_filter(context: Context, value: Any) -> str:
    """Tuesday, May 31, 23:59 (Paris time); a day without a time is just its date."""
    return when_text(value, phrases=context["language"].phrases, **_manner(context))


@pass_context
def plural(context: Context, number: Any, *forms: str) -> str:
    """3 weeks, 1 semaine: the number with the form that the language has for it."""
    locale = Locale.parse(context["locale"])
    if not isinstance(number, int | float):
        return f"{one_line(number)} {forms[-1]}"
    rule = locale.plural_form
    kinds = [each for each in _PLURALS if each in rule.tags or each == "other"]
    form = forms[min(kinds.index(str(rule(number))), len(forms) - 1)]
    return f"{format_decimal(number, locale=locale)} {form}"


@pass_context
def worded(context: Context, value: Any) -> str:
    """A word of the software or of the program in the reader's language."""
    text: str = context["language"].text(str(value))
    return text


@pass_context
def titled(context: Context, notice: Any) -> str:
    """What a mail is called in the reader's language; its notice's name where that says nothing."""
    name = str(notice or "")
    title: str = context["language"].notices.get(name, name)
    return title


def when_text(value: Any, *, phrases: Phrases, zone: str, locale: str, year: int) -> str:
    """An instant or a day in words; `year` is the one that need not be said."""
    day = date_text(value, zone=zone, locale=locale, year=year)
    if _is_day(value):
        return day
    time_ = time_text(value, phrases=phrases, zone=zone, locale=locale, year=year)
    return phrases.when.format(day=day, time=time_)


def date_text(value: Any, *, zone: str, locale: str, year: int) -> str:
    day = date.fromisoformat(str(value)) if _is_day(value) else _local(_instant(value), zone)[0]
    return _date_text(day, day.year != year, locale)


def time_text(value: Any, *, phrases: Phrases, zone: str, locale: str, year: int) -> str:  # noqa: ARG001  # As the others.
    clock = _clock_text(_local(_instant(value), zone)[1], locale)
    return f"{clock} ({_zone_text(zone, locale, phrases.zone)})"


def first_capital(value: object) -> str:
    """The text with its first letter as a capital and the others as they are."""
    text = str(value)
    return text[:1].upper() + text[1:]


FILTERS: Final = {
    "names": names,
    "date": date_filter,
    "time": time_filter,
    "when": when_filter,
    "plural": plural,
    "worded": worded,
    "titled": titled,
    "de": french.of,
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
    text = format_date(day, format=pattern if with_year else _YEAR.sub("", pattern), locale=locale)
    return french.first_of_month(text) if _is_french(locale) and day.day == 1 else text


@lru_cache(maxsize=4096)
def _clock_text(clock: time, locale: str) -> str:
    """23:59, 23 h 59 in Canada. In English always 23:59, which people of all countries read."""
    if Locale.parse(locale).language == "en":
        return f"{clock:%H:%M}"
    return format_time(clock, format="short", locale=locale)


@lru_cache(maxsize=512)
def _zone_text(zone: str, locale: str, pattern: str) -> str:
    if "/" not in zone or zone.startswith("Etc/"):
        return zone.removeprefix("Etc/")
    city = get_timezone_location(zone_named(zone), locale=locale, return_city=True)
    return pattern.format(city=city, of_city=french.of_city(city) if _is_french(locale) else city)


def _is_french(locale: str) -> bool:
    return Locale.parse(locale).language == "fr"
