"""What a person types as a cohort, a person or a residency, found in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from residency.errors import ResidencyError
from residency.settings import load

if TYPE_CHECKING:
    from store import Store
    from store.cohorts import CohortRow
    from store.lists import Whole
    from store.people import Person

SEVERAL = 12
"""So many are named in a sentence at most."""

_NONE_OPEN = (
    ". None is open; `residency cohort open PROGRAM NAME` opens one, and "
    "`residency cohort list --rehearsals` lists rehearsals."
)


@contextmanager
def open_store() -> Iterator[Store]:
    """The store alone, for what only reads."""
    from wiring import House  # noqa: PLC0415  # Help needs nothing.

    house = House(load())
    try:
        yield house.store
    finally:
        house.store.close()


def cohort_of(store: Store, name: str = "", program: str = "") -> CohortRow:
    """A cohort by its name or id; with neither, the only one that is open here."""
    known = store.cohorts.list(rehearsals=True)
    if program and known and not any(row.program == program for row in known):
        raise ResidencyError(f'"{program}" has no cohort here{_near_program(program, known)}')
    found = [row for row in known if name in (row.id, row.name)] if name else known
    found = [row for row in found if program in ("", row.program)]
    real = [row for row in found if not row.rehearsal]
    chosen = real or ([row for row in found if row.id == name] if name else []) or found[-1:]
    if len(chosen) == 1 and (name or real):
        return chosen[0]
    if len(chosen) > 1:
        raise ResidencyError(
            f"Which cohort? {_listed(f'{row.program} {row.name} ({row.id})' for row in chosen)}. "
            "Say it with --cohort (and --program), or by its id."
        )
    if name and known:
        raise ResidencyError(f'"{name}" is no cohort here{_hint(name, known)}')
    raise ResidencyError("No cohort is open here; `residency cohort open PROGRAM NAME` opens one.")


def _near_program(program: str, known: list[CohortRow]) -> str:
    from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

    programs = sorted({row.program for row in known if not row.rehearsal})
    if not programs:
        return _NONE_OPEN
    return did_you_mean(program, programs) or f"; these have some: {_listed(programs)}."


def _hint(name: str, known: list[CohortRow]) -> str:
    """The cohort that was probably meant, or all: of rehearsals only what is nearly named."""
    from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

    real = [row for row in known if not row.rehearsal]
    for rows in (real, known):
        if near := did_you_mean(name, [row.name for row in rows]):
            return near
    if real:
        return f"; open are {_listed(f'{row.name} ({row.id})' for row in real)}."
    return _NONE_OPEN


def person_of(store: Store, text: str, *, rehearsal: str = "") -> Person:
    """A person by id or address; a rehearsal (a cohort's id) has people of its own."""
    found = store.people.get(text) if text.startswith("p-") and "@" not in text else None
    found = found or store.people.by_email(text, rehearsal=rehearsal)
    if found is None:
        raise ResidencyError(
            f'"{text}" is nobody here; give a person\'s id (p-...) or their address.'
        )
    return found


def residency_of(store: Store, text: str) -> Whole:
    """A residency by its id, or by the address of its person where they have just one."""
    residency = _by_address(store, text) if "@" in text else text
    whole = store.lists.residency(residency)
    if whole is None:
        raise ResidencyError(f'"{text}" is no residency here; `residency status` lists them.')
    return whole


def _by_address(store: Store, address: str) -> str:
    scopes = ["", *(row.id for row in store.cohorts.list(rehearsals=True) if row.rehearsal)]
    people = [store.people.by_email(address, rehearsal=scope) for scope in scopes]
    found = [
        row for person in people if person for row in store.lists.residencies(person=person.id)
    ]
    chosen = [row for row in found if not row.ended] or found
    if len(chosen) > 1:
        ids = _listed(f"{row.id} ({row.cohort_name})" for row in chosen)
        raise ResidencyError(f'"{address}" has several residencies: {ids}. Give one of these ids.')
    return chosen[0].id if chosen else address


def document_of(store: Store, definition: str) -> dict[str, Any]:
    """The definition that a residency or cohort is pinned to; nothing where it isn't kept."""
    try:
        return store.definitions.get(definition)
    except ResidencyError:
        return {}


def names_of(store: Store, people: Iterable[str]) -> dict[str, str]:
    """Names by id; an id that nobody has stays one."""
    ids = list(people)
    known = store.people.many(ids)
    return {id_: known[id_].name if id_ in known else id_ for id_ in ids}


def _listed(texts: Iterable[str]) -> str:
    every = list(texts)
    more = f" and {len(every) - SEVERAL} more" if len(every) > SEVERAL else ""
    return ", ".join(every[:SEVERAL]) + more
