"""What pages and commands share: somebody's answers become an Act, with what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from residency.forms import Form, results, score, validate
from residency.wire import Act, Said
from store.ids import derived
from store.people import email_key
from store.submissions import Submission

if TYPE_CHECKING:
    from client import Residencies
    from store import Store
    from store.cohorts import CohortRow
    from store.shown import ResidencyRow

REASON = "reason"
ADDRESS = "address"
MEETING = "meeting"
"""The house's form for the place and link of a meeting, where a program names no other."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What is stored before an Act is sent: answers or a text."""

    id: str
    form: str
    person: str
    answers: dict[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Click:
    """An Act for a residency, with what is to be stored for it; `at` is the program's time."""

    residency: str
    act: Act
    written: list[Written]
    at: datetime


def now_of(cohort: CohortRow | None) -> datetime:
    """The program's time: a rehearsed cohort has its own."""
    if cohort is not None and cohort.rehearsal and cohort.clock is not None:
        return cohort.clock
    return datetime.now(UTC).replace(microsecond=0)


def program_now(store: Store, row: ResidencyRow) -> datetime:
    """The program's time for a residency."""
    return now_of(store.cohorts.get(row.cohort) if row.rehearsal else None)


def answered(
    form: Form, given: Mapping[str, Any], *, form_id: str, kind: str, key: str, person: str
) -> tuple[dict[str, Any], Written]:
    """The fields of an Act that say what was answered, and what is to be stored.

    `key` makes the submission's id: the same action stores nothing a second time. Raises FormError.
    """
    answers = validate(form, given)
    written = Written(id=derived("s", key, "answers"), form=form_id, person=person, answers=answers)
    fields = {
        "submission": written.id,
        "score": score(form, answers),
        "results": judged(form, answers, kind=kind),
    }
    return fields, written


def judged(form: Form, answers: Mapping[str, Any], *, kind: str) -> dict[str, bool]:
    """What a judge said of each requirement; nothing for any other kind of task."""
    if not kind.startswith("judge-"):
        return {}
    asked = [one.id for one in form.fields if one.type == "yes-no"]
    return results(form, answers, asked)


def reason(text: str, *, key: str, person: str) -> Written:
    """A reason, as it is stored."""
    return Written(id=derived("s", key, REASON), form=REASON, person=person, text=text.strip())


def address_taken(store: Store, person: str, email: str) -> bool:
    """Whether somebody else has an address: each has one, in a rehearsal or outside of any."""
    known = store.people.get(person)
    other = store.people.by_email(email, rehearsal=known.rehearsal if known else "")
    return other is not None and other.id != person


def address_stands(store: Store, person: str, email: str) -> bool:
    """Whether mail to somebody goes to this address: the record takes none that another has."""
    known = store.people.get(person)
    return known is not None and email_key(known.email) == email_key(email)


async def do(residencies: Residencies, click: Click) -> Said:
    """Does an action with what was written for it; raises as `Residencies.act` does.

    What was written is kept before anything is sent; the same again changes nothing.
    """
    written = [
        Submission(
            id=one.id,
            residency=click.residency,
            person=one.person,
            form=one.form,
            answers=one.answers,
            at=click.at,
            text=one.text,
        )
        for one in click.written
    ]
    return await residencies.act(click.residency, click.act, written=written)
