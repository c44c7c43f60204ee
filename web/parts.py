"""What the macros of `_parts.html` need said: who reads an answer, what the ends of a scale mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from residency.fields import readable
from residency.forms import FormField

_ENDS: Final = re.compile(r"\s*from (\S+) \(([^()]+)\) to (\S+) \(([^()]+)\)\.?", re.IGNORECASE)


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
