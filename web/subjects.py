"""What somebody speaks about on their own page: which residency, and whether it is theirs to speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from acts import program_now
from store.grants import Purpose
from web.door import DeadLinkError, Door, Visitor
from web.told import whole_as_told

if TYPE_CHECKING:
    from store.shown import Whole

WITHDRAW: Final = "withdraw"
CONCERN: Final = "concern"
CORRECT: Final = "correct-address"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Who says what, about which residency. `at` is the program's time."""

    verb: str
    visitor: Visitor
    whole: Whole
    document: dict[str, Any]
    at: datetime

    @property
    def residency(self) -> str:
        return self.whole.row.id

    @property
    def person(self) -> str:
        return self.visitor.person.id

    @property
    def home(self) -> str:
        """Where the page leads back to."""
        own = self.whole.row.person == self.person
        return f"{self.visitor.path}/r/{self.residency}" if own else self.visitor.path


def subject_of(door: Door, verb: str, token: str, residency: str) -> Subject:
    """What the link lets its holder speak about. Raises DeadLinkError for everything else."""
    visitor = door.visitor(Purpose.PERSON, token)
    whole = door.store.lists.residency(residency or _newest(door, visitor))
    if whole is None or not _may(verb, visitor.person.id, whole):
        raise DeadLinkError
    return Subject(
        verb=verb,
        visitor=visitor,
        whole=whole_as_told(door.store, visitor.person.id, whole),
        document=door.store.definitions.get(whole.row.definition),
        at=program_now(door.store, whole.row),
    )


def _newest(door: Door, visitor: Visitor) -> str:
    """Their newest residency, one that goes on before one that has ended; else one they have a part in."""
    own = door.store.lists.residencies(person=visitor.person.id)
    going_on = [row.id for row in own if not row.ended]
    parts = [one.residency for one in door.store.agenda.parts(visitor.person.id)]
    return (going_on or parts or [row.id for row in own] or [""])[-1]


def _may(verb: str, person: str, whole: Whole) -> bool:
    """A resident all of it; a mentor may raise a concern, and everybody correct their own address."""
    if whole.row.person == person:
        return True
    if verb == CORRECT:
        return any(one.person == person and one.active for one in whole.appointments)
    return verb == CONCERN and person in whole.role("mentors")


def coordinators_of(door: Door, whole: Whole) -> str:
    """Who coordinates it: Noor Haddad and Sam Okafor."""
    ids = whole.role("coordinators")
    if not ids:
        cohort = door.store.cohorts.get(whole.row.cohort)
        ids = list(cohort.coordinators) if cohort else []
    names = [one.name for one in door.store.people.many(ids).values()]
    return " and ".join(", ".join(names).rsplit(", ", 1)) or "the coordinators"
