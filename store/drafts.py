"""Drafts: answers that somebody has begun to write on a page, as they were typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select

from residency.wire import State
from store.database import Database
from store.tables import drafts, residencies, task_people, tasks


class Drafts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, person: str, residency: str, task: str, given: dict[str, Any], *, at: datetime
    ) -> None:
        """Keeps a draft, in place of the one before."""
        keys = {"person": person, "residency": residency, "task": task}
        with self._database.writing() as connection:
            self._database.alone(connection, f"drafts/{person}")
            connection.execute(delete(drafts).where(_of(person, residency, task)))
            connection.execute(insert(drafts), {**keys, "given": given, "at": at})

    def get(self, person: str, residency: str, task: str) -> tuple[dict[str, Any], datetime] | None:
        """What was typed, and when."""
        query = select(drafts.c.given, drafts.c.at).where(_of(person, residency, task))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return (row.given, row.at) if row is not None else None

    def forget_closed(self) -> int:
        """Deletes the drafts that nobody can send any more; how many there were.

        Their task is closed, answered or somebody else's by now, or their residency has ended.
        """
        waits = (
            select(task_people.c.key)
            .join(
                tasks,
                and_(
                    tasks.c.residency == task_people.c.residency, tasks.c.key == task_people.c.key
                ),
            )
            .where(
                task_people.c.residency == drafts.c.residency,
                task_people.c.key == drafts.c.task,
                task_people.c.person == drafts.c.person,
                ~task_people.c.answered,
                tasks.c.state == State.OPEN,
            )
            .exists()
        )
        going_on = (
            select(residencies.c.id)
            .where(residencies.c.id == drafts.c.residency, residencies.c.ended == "")
            .exists()
        )
        said = drafts.c.task.not_like("%/%")  # On one's own page, of one's own accord: of no task.
        with self._database.writing() as connection:
            kept = and_(going_on, or_(said, waits))
            return connection.execute(delete(drafts).where(~kept)).rowcount

    def drop(self, person: str, residency: str, task: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(drafts).where(_of(person, residency, task)))


def _of(person: str, residency: str, task: str) -> Any:
    return and_(drafts.c.person == person, drafts.c.residency == residency, drafts.c.task == task)
