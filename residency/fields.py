"""The kinds of value that a definition holds: strict, read as written, never converted."""

import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from residency.dates import Offset, Span, Unit, zone_named
from residency.source import quoted

_ID: Final = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_ADDRESS: Final = re.compile(
    r"(?=[^@]{1,64}@.{1,253}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_COUNTRY: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_MOST_DAYS: Final = 3_653
# About how many days a unit has: good enough to put the rungs of a ladder in order.
_UNIT_DAYS: Final = {
    Unit.SECONDS: 1 / 86_400,
    Unit.MINUTES: 1 / 1_440,
    Unit.HOURS: 1 / 24,
    Unit.DAYS: 1,
    Unit.WEEKS: 7,
    Unit.MONTHS: 30,
    Unit.YEARS: 365,
    Unit.BUSINESS_DAYS: 1.4,
}

ROLES: Final = ("resident", "reviewers", "interviewers", "panelists", "mentors", "coordinators")
"""The roles of every program; a cohort's `others` may add more."""

_SINGULAR: Final = {role.removesuffix("s"): role for role in ROLES if role.endswith("s")}


class Model(BaseModel):
    """Base of what stands in a definition: unknown keys and values of another type are faults."""

    # Built when first used: a model within another is then built only once.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def span_of(value: Any) -> str:
    """A span as `14 days`; a ValueError for anything else, and for more than ten years."""
    span = Span.parse(_said(value))
    if _days(span) > _MOST_DAYS:
        raise ValueError(f"{quoted(value)} is too long; write at most 10 years")
    return str(span)


def length_of(value: Any) -> str:
    """A span of at least one calendar day."""
    text = span_of(value)
    span = Span.parse(text)
    if span.count == 0 or span.exact is not None or span.unit is Unit.BUSINESS_DAYS:
        raise ValueError(f"{quoted(value)} is not a length; write days, weeks, months or years")
    return text


def offset_of(value: Any) -> str:
    """An offset as `3 days before`; a ValueError as for a span."""
    offset = Offset.parse(_said(value))
    if _days(offset.span) > _MOST_DAYS:
        raise ValueError(f"{quoted(value)} is too far; write at most 10 years")
    return str(offset)


def days_of(offset: Offset) -> float:
    """About how many days an offset is; before is negative."""
    return offset.sign * _days(offset.span)


def _days(span: Span) -> float:
    return span.count * _UNIT_DAYS[span.unit]


def _said(value: Any) -> str:
    """What was written, so that a bare number is refused in the span's own words."""
    return value if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return str(value)


def day_of(value: Any) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{quoted(_shown(value))} is not a date; write one like 2022-04-03")


def _address(value: Any) -> str:
    """Checked without the network: shape, length and what a domain may hold."""
    if isinstance(value, str) and (_ADDRESS.fullmatch(value) or _is_international(value)):
        return value
    raise ValueError(
        f"{quoted(_shown(value))} is not an e-mail address; write one like ada@example.org"
    )


def _is_international(address: str) -> bool:
    if address.isascii():
        return False
    # Imported here: it costs as much as reading a program, and most addresses don't need it.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # See above.

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _matching(pattern: re.Pattern[str], allowed: str) -> BeforeValidator:
    def check(value: Any) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise ValueError(f"{quoted(_shown(value))} is not {allowed}")

    return BeforeValidator(check)


def _zone(value: Any) -> str:
    return zone_named(_said(value)).key


def _role(value: Any) -> str:
    if isinstance(value, str) and (_ID.fullmatch(value)):
        return _SINGULAR.get(value, value)
    raise ValueError(f"{quoted(_shown(value))} is not a role; write {', '.join(ROLES)} or another")


def _one_line(value: str) -> str:
    if not value.strip():
        raise ValueError("the text is empty")
    return value


def off(value: Any) -> Any:
    """`off` becomes None; a null was not decided and is a fault."""
    if value is None:
        raise ValueError("null, and nobody assumed a value; write one under assumed, or `off`")
    return None if value == "off" else value


def listed(value: Any) -> Any:
    """One text may stand for a list of one."""
    return [value] if isinstance(value, str) else value


def texts(value: Any) -> Any:
    """A list of ids becomes a mapping of ids to texts made from them: full_time, "Full time"."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: readable(item) for item in value}
    return value


def readable(identifier: str) -> str:
    """full_time -> Full time."""
    words = re.sub(r"[-_]+", " ", identifier).strip()
    return words[:1].upper() + words[1:]


SpanText = Annotated[str, BeforeValidator(span_of)]
"""A span, kept as `14 days`."""
LengthText = Annotated[str, BeforeValidator(length_of)]
"""A span of at least one calendar day, kept as `9 months`."""
OffsetText = Annotated[str, BeforeValidator(offset_of)]
"""An offset, kept as `3 days before`."""
Day = Annotated[date, BeforeValidator(day_of)]
Clock = Annotated[str, _matching(_CLOCK, "a time of day; write one like 08:00")]
Zone = Annotated[str, BeforeValidator(_zone)]
Locale = Annotated[str, _matching(_LOCALE, "a language; write one like en, fr or pt-BR")]
Country = Annotated[str, _matching(_COUNTRY, "a country; write two letters, as in FR or US-CA")]
Address = Annotated[str, BeforeValidator(_address)]
Color = Annotated[str, _matching(_COLOR, 'a color; write one like "#ff9d00"')]
Id = Annotated[
    str, _matching(_ID, "an id; use small letters, digits, and single - or _ between them")
]
Text = Annotated[str, AfterValidator(_one_line)]
Role = Annotated[str, BeforeValidator(_role)]
Count = Annotated[int, Field(ge=0, le=1000)]
Some = Annotated[int, Field(ge=1, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
