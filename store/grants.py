"""Grants: what a link lets whoever holds it do. A link is an id, signed; what it allows stands here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import ColumnElement, and_, insert, select, update

from store.database import Database
from store.ids import new
from store.tables import AnyRow, grants


class Purpose(StrEnum):
    """What a link is for; each is signed with a salt of its own."""

    TASK = "task"  # one person's part in one task
    PERSON = "person"  # all that one person may see and do
    CALENDAR = "calendar"  # reading one person's dates
    APPLICATION = "application"  # an application on its way in


LASTS: Final = MappingProxyType(
    {
        Purpose.TASK: timedelta(days=90),
        Purpose.PERSON: timedelta(days=90),
        Purpose.CALENDAR: timedelta(days=400),
        Purpose.APPLICATION: timedelta(days=60),
    }
)
"""How long a grant lasts after it was last given; every mail that carries its link gives it anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One grant. `residency` and `task` are empty where it is a person's; instants are real ones."""

    id: str
    purpose: Purpose
    person: str
    residency: str = ""
    task: str = ""
    number: int = 0
    created: datetime
    expires: datetime
    revoked_at: datetime | None = None

    def allows(self, *, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires


class Grants:
    def __init__(self, database: Database) -> None:
        self._database = database

    def give(
        self, purpose: Purpose, person: str, *, residency: str = "", task: str = "", at: datetime
    ) -> Grant:
        """The grant of this person for this purpose, good for as long as LASTS says from now on.

        Given again, it is the same one while it allows something: one that has expired or was
        revoked stays dead, and another takes its place. It is written only where a day or more is
        gained, so that whoever only reads writes next to nothing.
        """
        expires = at + LASTS[purpose]
        subject = _of(purpose, person, residency, task)
        latest = select(grants).where(subject).order_by(grants.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(latest).one_or_none()
        if row is not None and _is_fresh(_grant(row), expires, at=at):
            return _grant(row)
        with self._database.writing() as connection:
            self._database.alone(connection, f"grants/{person}")
            row = connection.execute(latest).one_or_none()
            if row is not None and _grant(row).allows(at=at):
                later = max(expires, row.expires)
                connection.execute(
                    update(grants).where(grants.c.id == row.id).values(expires=later)
                )
                return _grant(row, expires=later)
            fresh = {
                "id": f"{new('g')}{new('g')[2:]}",
                "purpose": purpose,
                "person": person,
                "residency": residency,
                "task": task,
                "number": 0 if row is None else row.number + 1,
                "created": at,
                "expires": expires,
            }
            connection.execute(insert(grants), fresh)
            return Grant(**fresh)  # type: ignore[arg-type]  # The columns are the fields.

    def get(self, id: str) -> Grant | None:  # As everywhere in the store.
        with self._database.reading() as connection:
            row = connection.execute(select(grants).where(grants.c.id == id)).one_or_none()
            return _grant(row) if row is not None else None

    def standing(self, purpose: Purpose, person: str, *, at: datetime) -> Grant | None:
        """What a person was given for a purpose of theirs and has still; nothing is given here."""
        subject = _of(purpose, person, "", "")
        latest = select(grants).where(subject).order_by(grants.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(latest).one_or_none()
        return _grant(row) if row is not None and _grant(row).allows(at=at) else None

    def revoke(self, person: str, *, purpose: Purpose | None = None, at: datetime) -> int:
        """Ends all links of a person, or those for one purpose; how many there were."""
        open_ = and_(grants.c.person == person, grants.c.revoked_at.is_(None))
        if purpose is not None:
            open_ = and_(open_, grants.c.purpose == purpose)
        with self._database.writing() as connection:
            return connection.execute(update(grants).where(open_).values(revoked_at=at)).rowcount


def _of(purpose: Purpose, person: str, residency: str, task: str) -> ColumnElement[bool]:
    return and_(
        grants.c.purpose == purpose,
        grants.c.person == person,
        grants.c.residency == residency,
        grants.c.task == task,
    )


def _is_fresh(grant: Grant, expires: datetime, *, at: datetime) -> bool:
    return grant.allows(at=at) and expires - grant.expires < timedelta(days=1)


def _grant(row: AnyRow, **changed: datetime) -> Grant:
    values = {**row._mapping, **changed}  # noqa: SLF001  # SQLAlchemy's documented name.
    return Grant(**{**values, "purpose": Purpose(row.purpose)})
