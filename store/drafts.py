"""Drafts: answers that somebody has begun to write on a page, as they were typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select

from store.database import Database
from store.tables import drafts


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

    def drop(self, person: str, residency: str, task: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(drafts).where(_of(person, residency, task)))


def _of(person: str, residency: str, task: str) -> Any:
    return and_(drafts.c.person == person, drafts.c.residency == residency, drafts.c.task == task)
