"""What pages and commands share: somebody's answers become an Act, and what they wrote is kept first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from residency.forms import Form, results, score, validate
from residency.wire import Act, Said
from store.ids import derived

if TYPE_CHECKING:
    from client import Residencies
    from store import Store
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


def program_now(store: Store, row: ResidencyRow) -> datetime:
    """The program's time: a rehearsal has its own."""
    if row.rehearsal:
        cohort = store.cohorts.get(row.cohort)
        if cohort is not None and cohort.clock is not None:
            return cohort.clock
    return datetime.now(UTC).replace(microsecond=0)


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


async def do(store: Store, residencies: Residencies, click: Click) -> Said:
    """Keeps what was written, then does the action; raises as `Residencies.act` does."""
    await asyncio.to_thread(keep, store, click)
    return await residencies.act(click.residency, click.act)


def keep(store: Store, click: Click) -> None:
    """Stores what was written; the same again changes nothing, whenever it comes."""
    for written in click.written:
        known = store.submissions.get(written.id)
        if known is not None and (known.answers, known.text) == (written.answers, written.text):
            continue
        store.submissions.add(
            written.id,
            residency=click.residency,
            person=written.person,
            form=written.form,
            answers=written.answers,
            at=click.at,
            text=written.text,
        )
