"""All that the letters of one post can speak of, read in one transaction: every mail pays for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, exists, select

from residency.wire import Tag
from store import digests, people, submissions
from store.database import Database
from store.digests import Asked
from store.holds import Covered, covering
from store.mails import Mail, known_rows
from store.outbox import WAITS, awaited
from store.people import Person
from store.submissions import Submission
from store.tables import AnyRow, appointments, cohorts, events, holds, outbox, residencies, tasks

_OF: BindParameter[str] = bindparam("residency")
_ROW = (
    select(
        residencies.c.person,
        residencies.c.definition,
        residencies.c.cohort,
        residencies.c.first_day,
        residencies.c.last_day,
        residencies.c.rehearsal,
        cohorts.c.name.label("cohort_name"),
        cohorts.c.coordinators,
        cohorts.c.plan,
        # Both are seldom; who asks for them apart asks for nothing.
        exists(select(holds.c.scope)).label("has_holds"),
        exists(WAITS.with_only_columns(outbox.c.key)).label("has_waiting"),
    )
    .outerjoin(cohorts, cohorts.c.id == residencies.c.cohort)
    .where(residencies.c.id == _OF)
)
_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)
_CLOSED = select(tasks.c.key, tasks.c.closed_at).where(
    tasks.c.residency == _OF, tasks.c.key.in_(_KEYS), tasks.c.closed_at.is_not(None)
)
_CHANGED = (
    select(events.c.task, events.c.at, events.c.tag, events.c.data)
    .where(
        events.c.residency == _OF,
        events.c.task.in_(_KEYS),
        events.c.void == 0,
        events.c.tag.in_((Tag.REASSIGNED, Tag.MOVED)),
    )
    .order_by(events.c.seq)
)
_HELD = (
    select(appointments.c.role, appointments.c.item, appointments.c.person)
    .where(appointments.c.residency == _OF, appointments.c.active)
    .order_by(appointments.c.role, appointments.c.place)
)
_MEETINGS = (
    select(events.c.submission, events.c.data)
    .where(
        events.c.residency == _OF,
        events.c.void == 0,
        events.c.tag == Tag.MEETING,
        events.c.submission != "",
    )
    .order_by(events.c.seq.desc())
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the letters of a post name. `mails` are the keys of those that a digest may have taken
    in, `receivers` whom these are for; `tasks` are asked for where a letter may be later than them.
    """

    people: Collection[str] = ()
    submissions: Collection[str] = ()
    meetings: Collection[str] = ()  # items
    tasks: Collection[str] = ()
    mails: Collection[str] = ()
    receivers: Collection[str] = ()
    late: bool = True  # in a rehearsal: whether any letter is later than its moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A task was handed to other people (`who`), or its date was moved."""

    at: datetime
    who: frozenset[str] | None = None  # None where only its date was moved


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One residency as mails see it, and what the outbox has of the letters."""

    person: str
    definition: str
    cohort: str
    rehearsal: str  # the name of a rehearsed cohort
    first_day: date | None
    last_day: date | None
    coordinators: Sequence[str]
    mentors: Sequence[str]  # the lead first
    plan: Mapping[str, Any]
    people: Mapping[str, Person]
    submissions: Mapping[str, Submission]
    parties: Mapping[str, Sequence[str]]  # item -> who meets
    places: Mapping[str, Mapping[str, Any]]  # item -> what was last said of its place
    closed: Mapping[str, datetime]  # when a task was closed
    changed: Mapping[str, Sequence[Changed]]  # what became of open tasks
    on_hold: Covered
    awaited: Mapping[str, datetime]  # for whom a mail waits that could not be sent, and until when
    known: Mapping[str, Mail]
    asked: Mapping[str, Sequence[Asked]]


def read_scene(
    database: Database, residency: str, wanted: Wanted, *, after: datetime
) -> Scene | None:
    """The scene of a residency; None where it is gone.

    What waits, waits for longer than `after`, an instant of the program's time.
    """
    with database.reading() as connection:
        row = connection.execute(
            _ROW, {"residency": residency, "of": residency, "after": after}
        ).one_or_none()
        if row is None:
            return None
        roles = _roles(connection, residency)
        coordinators = roles.get(("coordinators", ""), []) or row.coordinators or []
        mentors = roles.get(("mentors", ""), [])
        parties = {item: _party(row.person, roles, item) for item in wanted.meetings}
        everybody = {
            row.person,
            *coordinators,
            *mentors,
            *wanted.people,
            *(each for party in parties.values() for each in party),
        }
        return Scene(
            person=row.person,
            definition=row.definition,
            cohort=row.cohort,
            rehearsal=row.cohort_name or row.cohort if row.rehearsal else "",
            first_day=row.first_day,
            last_day=row.last_day,
            coordinators=coordinators,
            mentors=mentors,
            plan=row.plan or {},
            people=people.many(connection, sorted(everybody)),
            submissions=_submissions(connection, wanted.submissions),
            parties=parties,
            places=_places(connection, residency, wanted.meetings),
            closed=_closed(connection, residency, wanted, row),
            changed=_changed(connection, residency, wanted, row),
            on_hold=covering(connection, cohort=row.cohort, rehearsal=bool(row.rehearsal))
            if row.has_holds
            else Covered(),
            awaited=awaited(connection, residency, after=after) if row.has_waiting else {},
            known=known_rows(connection, list(wanted.mails)),
            asked=digests.asked(connection, cohort=row.cohort, receivers=list(wanted.receivers))
            if wanted.receivers
            else {},
        )


def _roles(connection: Connection, residency: str) -> dict[tuple[str, str], list[str]]:
    """Who has a role in it, by its item, the lead first."""
    held: dict[tuple[str, str], list[str]] = {}
    for role, item, person in connection.execute(_HELD, {"residency": residency}):
        held.setdefault((role, item), []).append(person)
    return held


def _party(person: str, roles: Mapping[tuple[str, str], list[str]], item: str) -> list[str]:
    """Everybody who takes part in a meeting: the person first, as the invitations go out."""
    if item == "presentation":
        return [person, *roles.get(("panelists", ""), []), *roles.get(("mentors", ""), [])]
    return [person, *roles.get(("interviewers", item), [])]


def _places(
    connection: Connection, residency: str, meetings: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """What the last schedule or move of each meeting that said a place said of it."""
    places: dict[str, Mapping[str, Any]] = {}
    if not meetings:
        return places
    for row in connection.execute(_MEETINGS, {"residency": residency}).all():
        item = row.data["item"]
        if item not in meetings or item in places:
            continue
        kept = submissions.get(connection, row.submission)
        if kept is not None and (kept.answers.get("place") or kept.answers.get("link")):
            places[item] = kept.answers
    return places


def _submissions(connection: Connection, ids: Collection[str]) -> dict[str, Submission]:
    found = [submissions.get(connection, each) for each in sorted(ids)]
    return {one.id: one for one in found if one is not None}


def _closed(
    connection: Connection, residency: str, wanted: Wanted, row: AnyRow
) -> dict[str, datetime]:
    """A rehearsal's mail may be behind its record, so it is asked only what its time allows."""
    if not wanted.tasks or (row.rehearsal and not wanted.late):
        return {}
    rows = connection.execute(_CLOSED, {"residency": residency, "keys": list(wanted.tasks)})
    return {one.key: one.closed_at for one in rows}


def _changed(
    connection: Connection, residency: str, wanted: Wanted, row: AnyRow
) -> dict[str, list[Changed]]:
    """What became of tasks that are open, in order; asked as little of a rehearsal as `_closed`."""
    if not wanted.tasks or (row.rehearsal and not wanted.late):
        return {}
    found: dict[str, list[Changed]] = {}
    for one in connection.execute(_CHANGED, {"residency": residency, "keys": list(wanted.tasks)}):
        who = frozenset(str(one.data["who"]).split(",")) if one.tag == Tag.REASSIGNED else None
        found.setdefault(one.task, []).append(Changed(at=one.at, who=who))
    return found
