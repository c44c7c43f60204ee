"""What the command line and pages show: a fixed number of queries each, however much there is."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from residency.wire import State
from store import mails, people, record
from store.database import Database
from store.shown import (
    Appointment,
    Counts,
    Decision,
    MeetingRow,
    Moment,
    ResidencyRow,
    TaskRow,
    Wait,
    Whole,
)
from store.tables import (
    AnyRow,
    appointments,
    cohorts,
    decisions,
    meetings,
    residencies,
    task_people,
    tasks,
)
from store.tables import outbox as outbox_table
from store.tables import people as people_table
from store.tables import residencies as residency_table

__all__ = [
    "Appointment",
    "Counts",
    "Decision",
    "Lists",
    "MeetingRow",
    "Moment",
    "ResidencyRow",
    "TaskRow",
    "Wait",
    "Whole",
]


class Lists:
    def __init__(self, database: Database) -> None:
        self._database = database

    def residencies(
        self,
        *,
        cohort: str = "",
        program: str = "",
        stage: str = "",
        person: str = "",
        ended: bool | None = None,
        rehearsals: bool = False,
        limit: int | None = None,
    ) -> list[ResidencyRow]:
        """Oldest first. `ended`: only those that have, or only those that have not.

        Rehearsals are left out, unless a cohort or person is asked for, or `rehearsals`.
        """
        query = _residencies()
        wanted = {"cohort": cohort, "program": program, "stage": stage, "person": person}
        for name, value in wanted.items():
            if value:
                query = query.where(residencies.c[name] == value)
        if ended is not None:
            query = query.where(residencies.c.ended != "" if ended else residencies.c.ended == "")
        if not (rehearsals or cohort or person):
            query = query.where(~residencies.c.rehearsal)
        query = query.order_by(residencies.c.started_at, residencies.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_residency(row) for row in connection.execute(query)]

    def ends(self, ids: Collection[str]) -> dict[str, str]:
        """How those of these residencies ended that did."""
        query = select(residencies.c.id, residencies.c.ended).where(
            residencies.c.id.in_(list(ids)), residencies.c.ended != ""
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def residency(self, id: str) -> Whole | None:  # The contract's name.
        with self._database.reading() as connection:
            found = connection.execute(_residencies().where(residencies.c.id == id))
            row = found.one_or_none()
            return _whole(connection, _residency(row)) if row is not None else None

    def tasks(
        self,
        *,
        person: str = "",
        residency: str = "",
        cohort: str = "",
        residencies: Sequence[str] | None = None,
        open_only: bool = True,
        rehearsals: bool = False,
        limit: int | None = None,
    ) -> list[TaskRow]:
        """Tasks, what is due first at the top. With `person` and `open_only`: what waits on them.

        Rehearsals are left out, unless somebody, residencies or a cohort are asked for.
        """
        query = select(tasks.c.residency, tasks.c.key)
        if residencies is not None:
            query = query.where(tasks.c.residency.in_(residencies))
        if open_only:
            query = query.where(tasks.c.state == State.OPEN)
        if residency:
            query = query.where(tasks.c.residency == residency)
        if cohort:
            query = query.where(_of(residency_table.c.cohort == cohort))
        if person:
            query = _asked(query, person, waiting=open_only)
        if not (rehearsals or person or residency or cohort or residencies is not None):
            query = query.where(_of(~residency_table.c.rehearsal))
        query = query.order_by(tasks.c.due.is_(None), tasks.c.due, tasks.c.residency, tasks.c.key)
        with self._database.reading() as connection:
            if limit is None:
                return _tasks(connection, query)
            # Chosen once, and not in each of the queries that read them.
            first = connection.execute(query.limit(limit)).all()
            wanted = {(row.residency, row.key) for row in first}
            found = _tasks(connection, _among(first))
            return [task for task in found if (task.residency, task.key) in wanted]

    def waits(self, residencies: Sequence[str] | None = None) -> dict[str, list[Wait]]:
        """By residency what it waits for, what is due first at the top, and for whom, with names.

        One query, of these residencies or of all; one that waits for nothing is not among the keys.
        """
        query = _waits()
        if residencies is not None:
            query = query.where(tasks.c.residency.in_(residencies))
        found: dict[tuple[str, str], Wait] = {}
        with self._database.reading() as connection:
            for residency, *own, rule, place, person, name in connection.execute(query):
                key, kind, item, round_, opened, due = own
                wait = found.setdefault(
                    (residency, key),
                    Wait(key=key, kind=kind, item=item, round=round_, opened=opened, due=due),
                )
                if person is not None and (rule != "lead" or place == 0):
                    wait.who[person] = name or person
        by_residency: dict[str, list[Wait]] = defaultdict(list)
        for (residency, _), wait in found.items():
            by_residency[residency].append(wait)
        return by_residency

    def appointments(
        self, *, person: str = "", residency: str = "", active_only: bool = True
    ) -> list[tuple[str, Appointment]]:
        """Residency and appointment: who does what in one, or what one person has."""
        query = select(appointments)
        if person:
            query = query.where(appointments.c.person == person)
        if residency:
            query = query.where(appointments.c.residency == residency)
        if active_only:
            query = query.where(appointments.c.active)
        query = query.order_by(
            appointments.c.residency, appointments.c.role, appointments.c.item, appointments.c.place
        )
        with self._database.reading() as connection:
            return [
                (row.residency, Appointment(**_but_residency(row)))
                for row in connection.execute(query)
            ]

    def timeline(self, residency: str) -> list[Moment]:
        """Events and mails in one line of time; what happened before what was told of it."""
        with self._database.reading() as connection:
            moments = [
                Moment(at=event.at, event=event) for event in record.read(connection, residency)
            ]
            moments += [
                Moment(at=mail.at, mail=mail) for mail in mails.of_residency(connection, residency)
            ]
        # The sort is stable: events stay in their order, and before the mails of their moment.
        return sorted(moments, key=lambda moment: moment.at)

    def counts(self, cohort: str) -> Counts:
        """A cohort at a glance."""
        with self._database.reading() as connection:
            return Counts(
                stages=_count(connection, residencies.c.stage, cohort, residencies.c.ended == ""),
                ends=_count(connection, residencies.c.ended, cohort, residencies.c.ended != ""),
                tasks=_count_tasks(connection, cohort),
                mails=_count_mails(connection, cohort),
            )


def _residencies() -> Select[Any]:
    own = [
        residencies.c[name]
        for name in ResidencyRow.__dataclass_fields__
        if name not in ("cohort_name", "name", "open_tasks", "next_due")
    ]
    still_open = (tasks.c.residency == residencies.c.id) & (tasks.c.state == State.OPEN)
    return (
        select(
            *own,
            func.coalesce(cohorts.c.name, "").label("cohort_name"),
            func.coalesce(people_table.c.name, "").label("name"),
            select(func.count())
            .where(still_open)
            .correlate(residencies)
            .scalar_subquery()
            .label("open_tasks"),
            select(func.min(tasks.c.due))
            .where(still_open)
            .correlate(residencies)
            .scalar_subquery()
            .label("next_due"),
        )
        .outerjoin(cohorts, cohorts.c.id == residencies.c.cohort)
        .outerjoin(people_table, people_table.c.id == residencies.c.person)
    )


def _residency(row: AnyRow) -> ResidencyRow:
    return ResidencyRow(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.


def _of(residency: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tasks whose residency is like that."""
    return tasks.c.residency.in_(select(residency_table.c.id).where(residency))


def _among(rows: Sequence[AnyRow]) -> Select[Any]:
    """These tasks, and others of the same names in the same residencies: both columns have an index,
    and pairs of them have none that SQLite would use.
    """
    return select(tasks.c.residency, tasks.c.key).where(
        tasks.c.residency.in_({row.residency for row in rows}),
        tasks.c.key.in_({row.key for row in rows}),
    )


def _asked(query: Select[Any], person: str, *, waiting: bool) -> Select[Any]:
    query = query.join(
        task_people,
        (task_people.c.residency == tasks.c.residency) & (task_people.c.key == tasks.c.key),
    ).where(task_people.c.person == person)
    if waiting:
        query = query.where(
            ~task_people.c.answered, (tasks.c.rule != "lead") | (task_people.c.place == 0)
        )
    return query


def _waits() -> Select[Any]:
    """Open tasks with everybody who must still answer them; a task that asks nobody is a row, too."""
    own = [tasks.c[name] for name in ("residency", "key", "kind", "item", "round", "opened", "due")]
    still_asked = (
        (task_people.c.residency == tasks.c.residency)
        & (task_people.c.key == tasks.c.key)
        & ((tasks.c.rule == "lead") | ~task_people.c.answered)
    )
    return (
        select(*own, tasks.c.rule, task_people.c.place, task_people.c.person, people_table.c.name)
        .outerjoin(task_people, still_asked)
        .outerjoin(people_table, people_table.c.id == task_people.c.person)
        .where(tasks.c.state == State.OPEN)
        .order_by(tasks.c.due.is_(None), tasks.c.due, tasks.c.key, task_people.c.place)
    )


def _tasks(connection: Connection, chosen: Select[Any]) -> list[TaskRow]:
    """Two queries: the tasks with their residency, and everybody who was asked."""
    these = chosen.subquery()
    own = [
        tasks.c[name]
        for name in TaskRow.__dataclass_fields__
        if name in tasks.c and name != "residency"
    ]
    query = (
        select(
            *own,
            tasks.c.residency,
            residencies.c.person.label("resident"),
            func.coalesce(people_table.c.name, "").label("resident_name"),
            residencies.c.cohort,
            func.coalesce(cohorts.c.name, "").label("cohort_name"),
            residencies.c.program,
            residencies.c.definition,
        )
        .join(these, (these.c.residency == tasks.c.residency) & (these.c.key == tasks.c.key))
        .join(residencies, residencies.c.id == tasks.c.residency)
        .outerjoin(cohorts, cohorts.c.id == residencies.c.cohort)
        .outerjoin(people_table, people_table.c.id == residencies.c.person)
        .order_by(tasks.c.due.is_(None), tasks.c.due, tasks.c.residency, tasks.c.key)
    )
    asked = (
        select(task_people)
        .join(
            these,
            (these.c.residency == task_people.c.residency) & (these.c.key == task_people.c.key),
        )
        .order_by(task_people.c.place)
    )
    who: dict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in connection.execute(asked):
        who[row.residency, row.key].append(row)
    return [_task(row, who[row.residency, row.key]) for row in connection.execute(query)]


def _task(row: AnyRow, asked: list[AnyRow]) -> TaskRow:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
    values["state"] = State(values["state"])
    return TaskRow(
        **values,
        who=[one.person for one in asked],
        answered=[one.person for one in asked if one.answered],
    )


def _whole(connection: Connection, row: ResidencyRow) -> Whole:
    own = select(tasks.c.residency, tasks.c.key).where(tasks.c.residency == row.id)
    its_tasks = sorted(_tasks(connection, own), key=lambda task: task.opened)
    roles = [
        Appointment(**_but_residency(found))
        for found in connection.execute(
            select(appointments)
            .where(appointments.c.residency == row.id)
            .order_by(appointments.c.role, appointments.c.item, appointments.c.place)
        )
    ]
    told = select(decisions).where(decisions.c.residency == row.id).order_by(decisions.c.at)
    met = select(meetings).where(meetings.c.residency == row.id).order_by(meetings.c.at)
    named = [row.person, *(one.person for one in roles)]
    named += [person for task in its_tasks for person in (*task.who, task.by)]
    return Whole(
        row=row,
        tasks=its_tasks,
        appointments=roles,
        decisions=[Decision(**_but_residency(found)) for found in connection.execute(told)],
        meetings=[MeetingRow(**_but_residency(found)) for found in connection.execute(met)],
        people=people.many(connection, named),
    )


def _but_residency(row: AnyRow) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
    del values["residency"]
    return values


def _count(connection: Connection, column: Any, cohort: str, only: Any) -> dict[str, int]:
    query = (
        select(column, func.count())
        .where(residencies.c.cohort == cohort, only)
        .group_by(column)
        .order_by(column)
    )
    return dict(connection.execute(query).all())


def _count_tasks(connection: Connection, cohort: str) -> dict[str, int]:
    query = (
        select(tasks.c.state, func.count())
        .join(residencies, residencies.c.id == tasks.c.residency)
        .where(residencies.c.cohort == cohort)
        .group_by(tasks.c.state)
        .order_by(tasks.c.state)
    )
    return dict(connection.execute(query).all())


def _count_mails(connection: Connection, cohort: str) -> dict[str, int]:
    table = outbox_table
    query = (
        select(table.c.state, func.count())
        .where(table.c.cohort == cohort)
        .group_by(table.c.state)
        .order_by(table.c.state)
    )
    return dict(connection.execute(query).all())
