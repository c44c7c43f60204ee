"""Holds: which mails are written for a person's review, instead of being sent."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select

from store.database import Database
from store.tables import holds


class Scope(StrEnum):
    """What a hold is of. `all` and `notice` leave rehearsals alone; they have holds of their own."""

    ALL = "all"
    NOTICE = "notice"
    COHORT = "cohort"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """One hold. `name` is a notice or a cohort's id, `by` the person who asked for it."""

    scope: Scope
    name: str = ""
    by: str = ""
    reason: str = ""
    since: datetime


# Built once: every post asks.
_NAMED = and_(holds.c.scope == Scope.COHORT, holds.c.name == bindparam("cohort"))
_OF_REHEARSAL = select(holds.c.scope, holds.c.name).where(_NAMED)
_OF_COHORT = select(holds.c.scope, holds.c.name).where(or_(holds.c.scope != Scope.COHORT, _NAMED))


class Holds:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, hold: Hold) -> bool:
        """False where the same is on hold already."""
        with self._database.writing() as connection:
            self._database.alone(connection, "holds")
            known = connection.execute(select(holds.c.scope).where(_same(hold.scope, hold.name)))
            if known.first() is not None:
                return False
            connection.execute(insert(holds), asdict(hold))
            return True

    def remove(self, scope: Scope, name: str = "") -> bool:
        """False where it was not on hold. Mails that are held already stay held."""
        with self._database.writing() as connection:
            return connection.execute(delete(holds).where(_same(scope, name))).rowcount == 1

    def list(self) -> list[Hold]:
        """All holds, oldest first."""
        query = select(holds).order_by(holds.c.since, holds.c.scope, holds.c.name)
        with self._database.reading() as connection:
            return [
                Hold(**{**row._mapping, "scope": Scope(row.scope)})  # noqa: SLF001  # SQLAlchemy's documented name.
                for row in connection.execute(query)
            ]


@dataclass(frozen=True, slots=True)
class Covered:
    """Which mails of a cohort are to be held."""

    everything: bool = False
    notices: frozenset[str] = frozenset()

    def __contains__(self, notice: str) -> bool:
        return self.everything or notice in self.notices


def covering(connection: Connection, *, cohort: str, rehearsal: bool) -> Covered:
    """What is on hold for the mails of a cohort."""
    query = _OF_REHEARSAL if rehearsal else _OF_COHORT
    found = connection.execute(query, {"cohort": cohort}).all()
    return Covered(
        everything=any(row.scope != Scope.NOTICE for row in found),
        notices=frozenset(row.name for row in found if row.scope == Scope.NOTICE),
    )


def _same(scope: Scope, name: str) -> ColumnElement[bool]:
    return and_(holds.c.scope == scope, holds.c.name == name)
