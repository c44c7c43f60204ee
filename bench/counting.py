"""What a journey of ours has: its human steps, and the records and mails that follow each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.twin import Step
from residency.wire import Tag
from store.posting import MailState
from store.tables import events

if TYPE_CHECKING:
    from bench.histories import Told
    from bench.journeys import Driven
    from bench.scene import Scene
    from store.mails import Mail
    from store.tables import AnyRow


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One journey, step by step. `steps` begins with what follows the start."""

    steps: list[Step]
    human: int
    rungs: int
    mails: int
    faults: list[str]  # what is missing, double or otherwise not as it should be


def count(scene: Scene, driven: Driven, told: Told) -> Counted:
    """Reads the record and the outbox of a journey, and says all that is wrong with them."""
    store, residency = scene.house.store, driven.residency
    query = select(events.c.seq, events.c.recorded, events.c.tag, events.c.action).where(
        events.c.residency == residency, events.c.void == 0
    )
    with store.database.reading() as connection:
        rows = list(connection.execute(query.order_by(events.c.seq)))
    mails = store.outbox.list(residency=residency)
    sent = [mail for mail in mails if mail.state is MailState.SENT]
    batches = {row.recorded: row.seq for row in rows}  # a batch by its last event
    rung = sorted({batches[row.recorded] for row in rows if row.tag == Tag.RANG})
    marks = _marks(driven, rows, rung)
    return Counted(
        steps=_steps(marks, list(batches.values()), [mail.letter.seq for mail in sent]),
        human=len(driven.acts),
        rungs=sum(row.tag == Tag.RANG for row in rows),
        mails=len(sent),
        faults=[
            *_record_faults(told, [row.seq for row in rows]),
            *([f"{n} void events"] if (n := store.record.count(residency, void=True)) else []),
            *_mail_faults(told, mails),
        ],
    )


def _marks(driven: Driven, rows: Sequence[AnyRow], rung: list[int]) -> list[tuple[int, str]]:
    """Where steps begin: at a person's action, and (nobody acts) where something rang."""
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.action, row.seq)
    acted = [(first[act], kind) for act, kind in zip(driven.acts, driven.kinds, strict=True)]
    return sorted([*acted, *((seq, "rung") for seq in rung)])


def _steps(marks: list[tuple[int, str]], batches: list[int], letters: list[int]) -> list[Step]:
    """The records and mails between each two marks."""
    ends = [seq for seq, _ in marks] + [1 << 40]
    steps, begin = [], 0
    for kind, end in zip(["start", *(kind for _, kind in marks)], ends, strict=True):
        steps.append(
            Step(
                kind=kind,
                records=sum(begin <= seq < end for seq in batches),
                mails=sum(begin <= seq < end for seq in letters),
            )
        )
        begin = end
    return steps


def _record_faults(told: Told, seqs: list[int]) -> list[str]:
    faults = []
    if told.result != "completed":
        faults.append(f"ended as {told.result}")
    if seqs != list(range(1, len(seqs) + 1)):
        faults.append("the record has gaps")
    if not seqs:
        faults.append("the record is empty")
    return faults


def _mail_faults(told: Told, mails: Sequence[Mail]) -> list[str]:
    """Each letter has one row, each row is sent or skipped with its reason, and was tried once."""
    faults = []
    for mail in mails:
        settled = mail.state is MailState.SENT or (mail.state is MailState.SKIPPED and mail.skip)
        if not settled or mail.attempts > 1:
            faults.append(f"{mail.notice} is {mail.state} after {mail.attempts} attempts")
    rows = {(mail.notice, mail.occurrence, mail.receiver) for mail in mails}
    if rows != told.letters:
        faults.append(f"{len(rows ^ told.letters)} mails are in history or outbox alone")
    return faults
