"""Digests: what rang for somebody on a morning, by the record, and one mail in place of many.

Which reminders there are is asked of the record, not of the outbox: a mail process may be slow, and
the record has them all (docs/decisions/0007-digests.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, or_, select, tuple_, update

from residency.wire import Line, Tag
from store.database import Database
from store.mails import Mail, known_rows, put_rows, serialize
from store.posting import MailState
from store.tables import AnyRow, events, outbox, residencies, task_people, tasks

LEAST = 2
"""Fewer tasks make no digest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rang:
    """One rung of a ladder that rang for a receiver. `who` are those whose task it is, where it is
    not the receiver's; `person` is whom the residency is about.
    """

    residency: str
    person: str
    at: datetime
    notice: str
    task: str
    rung: int
    revision: int
    due: datetime
    who: str = ""
    weekly: bool = False

    @property
    def occurrence(self) -> str:
        return f"{self.task}~{self.revision}~{self.rung}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A task that somebody had, from its opening until it was closed."""

    residency: str
    task: str
    opened: datetime
    closed: datetime | None

    def was_open(self, at: datetime) -> bool:
        return self.opened < at and (self.closed is None or self.closed >= at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A mail that a digest stands for. Without a line, another one about the same task has it."""

    row: Mail  # as it is written where there is no row of it yet; its `skip` says why it is
    line: Line | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Became:
    """What became of a task: who has it (nobody, once it is closed), and its date where that moved."""

    who: tuple[str, ...] | None = None  # None where it was not handed on
    moved: str | None = None  # the instant; None where it was not moved

    def is_due(self, due: datetime | None) -> bool:
        """Whether the date still holds that it rang for."""
        if self.moved is None:
            return True
        return bool(self.moved) and datetime.fromisoformat(self.moved) == due


class Digests:
    def __init__(self, database: Database) -> None:
        self._database = database

    def rang(self, *, cohort: str, receiver: str, after: datetime, before: datetime) -> list[Rang]:
        """What rang for somebody between two instants, of tasks that were not closed before then."""
        query = (
            select(events, residencies.c.person)
            .join(residencies, residencies.c.id == events.c.residency)
            .join(tasks, (tasks.c.residency == events.c.residency) & (tasks.c.key == events.c.task))
            .where(
                residencies.c.cohort == cohort,
                or_(tasks.c.closed_at.is_(None), tasks.c.closed_at >= before),
                events.c.tag == Tag.RANG,
                events.c.void == 0,
                events.c.at > after,
                events.c.at < before,
            )
            .order_by(events.c.residency, events.c.seq)
        )
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return [
            _rang(row)
            for row in found
            if "notice" in row.data and receiver in str(row.data["to"]).split(",")
        ]

    def since(
        self, places: Sequence[tuple[str, str]], *, moment: datetime
    ) -> dict[tuple[str, str], Became]:
        """What became by then of tasks, each with its residency; what nothing became of is left out."""
        place = tuple_(tasks.c.residency, tasks.c.key)
        closed = select(tasks.c.residency, tasks.c.key).where(
            place.in_(places), tasks.c.closed_at < moment
        )
        place = tuple_(events.c.residency, events.c.task)
        changed = (
            select(events.c.residency, events.c.task, events.c.tag, events.c.data)
            .where(
                place.in_(places),
                events.c.tag.in_((Tag.REASSIGNED, Tag.MOVED)),
                events.c.void == 0,
                events.c.at < moment,
            )
            .order_by(events.c.seq)
        )
        with self._database.reading() as connection:
            found = dict[tuple[str, str], Became]()
            for row in connection.execute(changed):
                at = row.residency, row.task
                found[at] = _became(found.get(at, Became()), row)
            gone = Became(who=())
            return found | {(row.residency, row.key): gone for row in connection.execute(closed)}

    def gather(self, digest: Mail, members: Sequence[Member]) -> Mail | None:
        """Writes a digest in place of its members' mails, in one transaction; the digest's row.

        Members that wait no more are left out. The same digest is written once: who comes later
        gets the row that is there. None where too little is left for one.
        """
        with self._database.writing() as connection:
            serialize(self._database, connection, [digest, *(each.row for each in members)])
            there = known_rows(connection, [digest.key]).get(digest.key)
            if there is not None:
                return there
            known = known_rows(connection, [each.row.key for each in members])
            waiting = [
                each
                for each in members
                if each.row.key not in known or known[each.row.key].state is MailState.QUEUED
            ]
            lines = [each.line for each in waiting if each.line is not None]
            if len(lines) < LEAST:
                return None
            letter = digest.letter.model_copy(update={"lines": lines})
            row = replace(digest, letter=letter)
            put_rows(connection, [row], {})
            _take_in(connection, waiting, known)
            return row


def asked(
    connection: Connection, *, cohort: str, receivers: Sequence[str]
) -> dict[str, list[Asked]]:
    """The tasks of a cohort that each of these people has or had."""
    query = (
        select(
            task_people.c.person, tasks.c.residency, tasks.c.key, tasks.c.opened, tasks.c.closed_at
        )
        .join(
            task_people,
            (task_people.c.residency == tasks.c.residency) & (task_people.c.key == tasks.c.key),
        )
        .join(residencies, residencies.c.id == tasks.c.residency)
        .where(task_people.c.person.in_(receivers), residencies.c.cohort == cohort)
    )
    found: dict[str, list[Asked]] = {each: [] for each in receivers}
    for row in connection.execute(query):
        one = Asked(residency=row.residency, task=row.key, opened=row.opened, closed=row.closed_at)
        found[row.person].append(one)
    return found


def _take_in(connection: Connection, members: Sequence[Member], known: dict[str, Mail]) -> None:
    put_rows(connection, [each.row for each in members], known)
    for row in (each.row for each in members if each.row.key in known):
        taken = {"state": row.state, "skip": row.skip, "digest": row.digest, "not_before": None}
        connection.execute(update(outbox).where(outbox.c.key == row.key).values(taken))


def _became(before: Became, row: AnyRow) -> Became:
    if row.tag == Tag.MOVED:
        return replace(before, moved=str(row.data.get("due") or ""))
    return replace(before, who=tuple(who for who in str(row.data["who"]).split(",") if who))


def _rang(row: AnyRow) -> Rang:
    data = row.data
    return Rang(
        residency=row.residency,
        person=row.person,
        at=row.at,
        notice=data["notice"],
        task=row.task,
        rung=int(data["rung"]),
        revision=int(data["revision"]),
        due=datetime.fromisoformat(data["due"]),
        who=data.get("who", ""),
        weekly=bool(data.get("weekly")),
    )
