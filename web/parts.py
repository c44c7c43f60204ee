"""What the macros of `_parts.html` say: who reads an answer, the ends of a scale, what is missing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mail.words import first_capital
from residency.fields import readable
from residency.forms import FormField, longest, range_of
from web.typed import Beginning

_ENDS: Final = re.compile(r"\s*from (\S+) \(([^()]+)\) to (\S+) \(([^()]+)\)\.?", re.IGNORECASE)
_LONG_LABEL: Final = 70
"""Signs of a question that a sentence repeats."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A scale as it is drawn: its numbers, what its ends mean, and what else its help says."""

    numbers: list[int]
    least: str
    most: str
    help: str


def scale(field: FormField) -> Scale:
    """`From 1 (little) to 5 (outstanding)` in a help stands at the ends of the scale, not above it."""
    least, most = (int(end) for end in field.bounds)
    told = field.help or ""
    found = _ENDS.search(told)
    ends = ("lowest", "highest")
    if found and (found[1], found[3]) == (str(least), str(most)):
        ends = (found[2], found[4])
        told = (told[: found.start()] + told[found.end() :]).strip()
    return Scale(
        numbers=list(range(least, most + 1)),
        least=f"{least}: {ends[0]}",
        most=f"{most}: {ends[1]}",
        help=told,
    )


def read_by(roles: Sequence[str]) -> str:
    """`the resident, mentors and coordinators`."""
    words = ["the resident" if role == "resident" else readable(role).lower() for role in roles]
    return " and ".join(", ".join(words).rsplit(", ", 1))


def fault(field: FormField, value: Any) -> str:
    """What to do about a missing or impossible answer, for whoever gave it; it names the question.

    `residency.forms` says the same with ids, for whoever writes answers into a file.
    """
    return f"{_named(field)}{_advice(field, value)}"


def beside(sentence: str, field: FormField) -> str:
    """A fault as it stands beside its field, where the question need not be named again."""
    return first_capital(sentence.removeprefix(_named(field)))


def naming(sentence: str, field: FormField | None) -> str:
    """A fault as it stands in a list of many, where the question must be named."""
    if field is None or sentence.startswith("“"):
        return sentence
    return f"{_named(field)}{sentence[:1].lower()}{sentence[1:]}"


def _named(field: FormField) -> str:
    label = field.label
    if len(label) > _LONG_LABEL:
        label = f"{label[:_LONG_LABEL].rsplit(' ', 1)[0].rstrip(' ,;:')}…"
    return f"“{label}”: "


def _advice(field: FormField, value: Any) -> str:
    match field.type:
        case "choice":
            return "please choose one."
        case "choices":
            return "please choose at least one."
        case "yes-no":
            return "please answer yes or no."
        case "attestation":
            return "please tick the box."
        case "date":
            return "please give a day, as in 2022-04-03." if value else "please choose a day."
        case "scale":
            return "please choose a number from {:g} to {:g}.".format(*field.bounds)
        case "number":
            return f"please give a number{range_of(field)}."
    return _text_advice(field, value)


def too_long(value: str, most: int) -> str:
    """By how much a text is too long, and how much of it stands on the page; empty where it is not."""
    sent = value.whole if isinstance(value, Beginning) else len(value)
    begins = f"only its first {len(value):,} stand here" if isinstance(value, Beginning) else ""
    if sent > most:
        fits = f"please shorten it by {sent - most:,} characters; {most:,} fit here"
        return f"{fits}. It had {sent:,}, and {begins}." if begins else f"{fits}."
    if begins:
        return f"it had {sent:,} characters, and {begins}: all answers together are too long."
    return ""


def _text_advice(field: FormField, value: Any) -> str:
    if said := too_long(value or "", longest(field)):
        return said
    if field.type == "link":
        return "please give an address that begins with https://."
    if isinstance(value, str) and value.strip():
        if field.type == "line" and len(value.splitlines()) > 1:
            return "please write it in one line."
        return "please take out the characters that can't be seen."
    return "please write something here."
