"""What one person has a part in: a fixed number of queries, however much there is."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, true

from residency.actions import BEFORE_OFFER
from residency.exits import NOTICES
from residency.wire import Event, Exit, State, Tag
from store.database import Database
from store.posting import MailState
from store.shown import ResidencyRow
from store.tables import (
    AnyRow,
    appointments,
    events,
    meetings,
    outbox,
    people,
    residencies,
    task_people,
    tasks,
)

RECENT = 30
"""So many of somebody's answers are shown; the record has all of them."""
LATELY = 200
"""So many residencies are looked through for the newest answers of whoever has more than MANY."""
MANY = 1000
"""So many tasks are counted one by one; a coordinator's may be far more."""
PRESENTATION = "presentation"
_ANSWERS = (Tag.PART, Tag.DONE, Tag.THANKED)
_SELECTING = ("reviewers", "interviewers")
_ANY_ROUND = ("panelists", "mentors")
"""Who meets the resident at the presentation."""
_OWN_ENDS = (Exit.WITHDRAWN, Exit.DECLINED)
"""Ends that the person has said themselves."""
_TOLD = (MailState.SENT, MailState.SKIPPED, MailState.DISCARDED)
"""A mail went, or never will: a person decided so, or there is no address that it can go to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One task that somebody has answered. `at` is None where only the task's end is known."""

    residency: str
    resident_name: str
    definition: str
    key: str
    kind: str
    item: str
    round: int
    outcome: str
    at: datetime | None
    actor: str  # who recorded it: they themselves, or a coordinator in their name


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How many tasks wait for somebody, and how many they have answered."""

    open: int
    done: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What somebody is in a residency that goes on; `place` 0 is the lead."""

    role: str
    residency: str
    resident_name: str
    definition: str
    stage: str
    place: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Date:
    """A meeting that somebody takes part in."""

    residency: str
    resident_name: str
    definition: str
    item: str
    at: datetime
    minutes: int
    sequence: int
    canceled: bool


Dates = list[Date]
Parts = list[Part]
Answers = list[Answered]


class Agenda:
    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, person: str) -> Load:
        """What waits for them, and what they have done; MANY of either is as far as is counted."""
        mine = and_(task_people.c.residency == tasks.c.residency, task_people.c.key == tasks.c.key)
        waits = (
            select(task_people.c.key)
            .join(tasks, mine)
            .where(
                task_people.c.person == person,
                tasks.c.state == State.OPEN,
                ~task_people.c.answered,
                or_(tasks.c.rule != "lead", task_people.c.place == 0),
            )
            .limit(MANY)
            .subquery()
        )
        done = (
            select(task_people.c.key)
            .where(task_people.c.person == person, task_people.c.answered)
            .limit(MANY)
            .subquery()
        )
        query = select(
            select(func.count()).select_from(waits).scalar_subquery().label("open"),
            select(func.count()).select_from(done).scalar_subquery().label("done"),
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return Load(open=row.open, done=row.done)

    def parts(self, person: str) -> Parts:
        """The roles that somebody has now; who selects has none once that is over."""
        standing = or_(
            appointments.c.role.not_in(_SELECTING), residencies.c.stage.in_(BEFORE_OFFER)
        )
        query = (
            select(
                appointments.c.role,
                appointments.c.residency,
                appointments.c.place,
                residencies.c.stage,
                residencies.c.definition,
                func.coalesce(people.c.name, "").label("resident_name"),
            )
            .join(residencies, residencies.c.id == appointments.c.residency)
            .outerjoin(people, people.c.id == residencies.c.person)
            .where(
                appointments.c.person == person,
                appointments.c.active,
                residencies.c.ended == "",
                standing,
            )
            .order_by(appointments.c.role, people.c.name, appointments.c.residency)
        )
        with self._database.reading() as connection:
            return [Part(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's documented name.

    def answered(self, person: str, *, limit: int = RECENT, lately: bool = False) -> Answers:
        """What somebody answered last, the newest first.

        `lately` looks through the LATELY residencies alone that began last: for whoever has answered
        more than can be put in order while a page waits.
        """
        with self._database.reading() as connection:
            chosen = connection.execute(_last_answered(person, limit, lately=lately)).all()
            told = _told(connection, person, {(row.residency, row.key) for row in chosen})
        return _answers(chosen, told)

    def done(self, person: str, residency: str) -> Answers:
        """All that somebody answered in one residency, the newest first."""
        query = _last_answered(person, MANY).where(tasks.c.residency == residency)
        with self._database.reading() as connection:
            chosen = connection.execute(query).all()
            told = _told(connection, person, {(row.residency, row.key) for row in chosen})
        return _answers(chosen, told)

    def meetings(self, person: str) -> Dates:
        """All meetings of somebody: of their own residencies, and those they are appointed to."""
        appointed = (
            select(appointments.c.residency)
            .where(
                appointments.c.residency == meetings.c.residency,
                appointments.c.person == person,
                appointments.c.active,
                or_(
                    appointments.c.item == meetings.c.item,
                    and_(
                        meetings.c.item == PRESENTATION,
                        appointments.c.role.in_(_ANY_ROUND),
                        appointments.c.item == "",
                    ),
                ),
            )
            .exists()
        )
        theirs = select(appointments.c.residency).where(appointments.c.person == person)
        own = select(residencies.c.id).where(residencies.c.person == person)
        query = (
            select(
                meetings,
                residencies.c.definition,
                func.coalesce(people.c.name, "").label("resident_name"),
            )
            .join(residencies, residencies.c.id == meetings.c.residency)
            .outerjoin(people, people.c.id == residencies.c.person)
            .where(
                meetings.c.residency.in_(theirs.union(own)),
                or_(residencies.c.person == person, appointed),
            )
            .order_by(meetings.c.at, meetings.c.residency, meetings.c.item)
        )
        with self._database.reading() as connection:
            return [Date(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's documented name.

    def untold(self, person: str, own: Sequence[ResidencyRow]) -> set[str]:
        """Those of somebody's own residencies that have ended, and whose mail about it did not go yet."""
        wanted = {
            row.id: NOTICES[Exit(row.ended)]
            for row in own
            if row.ended and Exit(row.ended) not in _OWN_ENDS
        }
        if not wanted:
            return set()
        query = select(outbox.c.subject, outbox.c.notice, outbox.c.letter).where(
            outbox.c.subject.in_(wanted), outbox.c.receiver == person, outbox.c.state.in_(_TOLD)
        )
        with self._database.reading() as connection:
            told = {
                row.subject
                for row in connection.execute(query)
                if wanted[row.subject] in _notices(row.notice, row.letter)
            }
        return set(wanted) - told

    def courses(self, residencies: Collection[str]) -> dict[str, list[Event]]:
        """When each residency entered its stages and when its dates moved, oldest first."""
        query = (
            select(events)
            .where(
                events.c.residency.in_(list(residencies)),
                events.c.void == 0,
                events.c.tag.in_((Tag.STAGE, Tag.SHIFTED)),
            )
            .order_by(events.c.residency, events.c.seq)
        )
        found: dict[str, list[Event]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(query):
                event = Event(seq=row.seq, at=row.at, tag=Tag(row.tag), data=row.data)
                found[row.residency].append(event)
        return found


def _notices(notice: str, letter: dict[str, Any]) -> set[str]:
    """What one mail tells: its own notice, and those that it carries as lines."""
    return {notice, *(str(line.get("notice")) for line in letter.get("lines") or ())}


def _last_answered(person: str, limit: int, *, lately: bool = False) -> Select[Any]:
    last = select(residencies.c.id).order_by(
        residencies.c.started_at.desc(), residencies.c.id.desc()
    )
    among = residencies.c.id.in_(last.limit(LATELY)) if lately else true()
    return (
        select(
            tasks,
            residencies.c.definition,
            func.coalesce(people.c.name, "").label("resident_name"),
        )
        .join(
            task_people,
            and_(task_people.c.residency == tasks.c.residency, task_people.c.key == tasks.c.key),
        )
        .join(residencies, residencies.c.id == tasks.c.residency)
        .outerjoin(people, people.c.id == residencies.c.person)
        .where(task_people.c.person == person, task_people.c.answered, among)
        .order_by(func.coalesce(tasks.c.closed_at, tasks.c.opened).desc(), tasks.c.key)
        .limit(limit)
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What the record says of somebody's answer."""

    at: datetime
    outcome: str
    actor: str


def _answers(chosen: Sequence[AnyRow], told: Mapping[tuple[str, str], _Told]) -> list[Answered]:
    found = [
        Answered(
            residency=row.residency,
            resident_name=row.resident_name,
            definition=row.definition,
            key=row.key,
            kind=row.kind,
            item=row.item,
            round=row.round,
            outcome=own.outcome if (own := told.get((row.residency, row.key))) else row.outcome,
            at=own.at if own else row.closed_at,
            actor=own.actor if own else row.by,
        )
        for row in chosen
    ]
    return sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)


def _told(
    connection: Connection, person: str, chosen: set[tuple[str, str]]
) -> dict[tuple[str, str], _Told]:
    """Their last word on each of these tasks."""
    query = (
        select(
            events.c.residency,
            events.c.task,
            events.c.at,
            events.c.actor,
            events.c.name_of,
            events.c.data,
        )
        .where(
            events.c.residency.in_({residency for residency, _ in chosen}),
            events.c.task.in_({key for _, key in chosen}),
            events.c.void == 0,
            events.c.tag.in_(_ANSWERS),
        )
        .order_by(events.c.residency, events.c.seq)
    )
    return {
        (row.residency, row.task): _Told(row.at, str(row.data.get("outcome") or ""), row.actor)
        for row in connection.execute(query)
        if person in (row.name_of or row.actor, row.data.get("by"))
    }
