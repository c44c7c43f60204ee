"""The scene of a rehearsal: its cohort, and who applies when; what can't be played is refused here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from intake import Applicant
from rehearsal.people import default_cast_of, with_people
from rehearsal.script import Script
from residency.cohort import Cohort
from residency.definition import Definition
from residency.errors import ResidencyError
from residency.source import quoted
from residency.validation import did_you_mean
from store import Store
from store.cohorts import CohortRow
from store.ids import derived

if TYPE_CHECKING:
    from rehearsal.driver import Options

BEFORE_FIRST_DAY = timedelta(days=150)
APPLYING = timedelta(days=45)
DAY = timedelta(days=1)


def scene(script: Script, options: Options) -> tuple[Cohort, list[Applicant]]:
    """The cohort with a rehearsal's own people, and who applies to it.

    Raises ResidencyError for a cohort that is not written, and for an end before the beginning.
    """
    program = script.definition.program
    base = _written(script.definition, options.cohort)
    tracks = sorted(program.tracks) if program.tracks else []
    pools, coordinators, applicants = default_cast_of(program.id, tracks=tracks)
    applicants = script.people or applicants
    name = f"{program.id}-{options.cohort or 'rehearsal'}"
    first = options.start or (base.first_day if base else date(2026, 9, 1))
    shift = first - base.first_day if base else timedelta()
    closes = base.closes + shift if base and base.closes else first - BEFORE_FIRST_DAY + APPLYING
    opens = base.opens + shift if base and base.opens else closes - APPLYING
    seats = options.seats or (base.seats if base else len(applicants))
    # What was read is checked already, and what is made here is made of it.
    cohort = Cohort.model_construct(
        name=name[:80],
        opens=min(opens, closes - DAY),
        closes=closes,
        first_day=first,
        seats=seats,
        holidays=base.holidays if base else [],
        coordinators=coordinators,
        others=base.others if base else {},
    )
    _check_until(options.until, cohort, len(applicants))
    return with_people(cohort, pools, coordinators), applicants


def applies_on(cohort: Cohort, number: int, of: int) -> date:
    """Applications come over the weeks before the close, one after the other."""
    assert cohort.closes is not None
    assert cohort.opens is not None
    days = max((cohort.closes - cohort.opens).days, 1)
    return cohort.closes - timedelta(days=max(days * (of - number) // (of + 1), 1))


def check_goes_on(store: Store, row: CohortRow, cohort: Cohort, people: list[Applicant]) -> None:
    """Raises ResidencyError where the rehearsal that is under way has other dates or people."""
    if row.first_day != cohort.first_day:
        raise ResidencyError(
            f"A rehearsal of it is under way with the first day {row.first_day}; "
            f"repeat it with --start {row.first_day} to go on, or add --discard to begin anew."
        )
    applied = {one.id for one in store.lists.residencies(cohort=row.id)}
    for number, applicant in enumerate(people):
        applied.discard(derived("r", row.id, str(number)))
        known = store.people.get(derived("p", row.id, str(number)))
        if known is not None and (known.name, known.email) != (applicant.name, applicant.email):
            raise _other_people()
    if applied:  # By somebody beyond the end of the list.
        raise _other_people()


def _other_people() -> ResidencyError:
    return ResidencyError(
        "A rehearsal of it is under way with other people; repeat it with those, as it was begun "
        "(with --people or without), to go on, or add --discard to begin anew."
    )


def _written(definition: Definition, name: str | None) -> Cohort | None:
    """The cohort of that name, or the first. Where none is written one is made up, of any name."""
    written = definition.cohorts
    if name and written and name not in written:
        known = sorted(written)
        hint = did_you_mean(name, known) or f"; its folder cohorts/ has {', '.join(known)}."
        raise ResidencyError(f"{definition.program.id} has no cohort {quoted(name)}{hint}")
    return written[name] if name and written else next(iter(written.values()), None)


def _check_until(until: date | None, cohort: Cohort, applicants: int) -> None:
    first = min(applies_on(cohort, number, applicants) for number in range(applicants))
    if until is not None and until < first:
        raise ResidencyError(f"--until {until} is before the first application, {first}.")
