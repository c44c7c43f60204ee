"""Cohorts and their people; who is given work or a seat is decided in `pools` and `seating`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from residency.errors import ResidencyError
from residency.wire import Assign, Assigned, SeatSaid, SeatWanted
from store import discard, pools, seating
from store.database import PATIENCE, Database
from store.tables import AnyRow, cohorts, members


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortRow:
    """One run of a program. `clock` is a rehearsal's, where it was moved to last."""

    id: str
    program: str
    name: str
    definition: str
    first_day: date
    seats: int | dict[str, int]  # in all, or for each track
    coordinators: list[str]  # person ids; the first hears of what nobody else does
    plan: dict[str, Any] = field(default_factory=dict)  # as compiled when it was opened
    opens: date | None = None
    closes: date | None = None
    rehearsal: bool = False
    clock: datetime | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def seats_in_all(self) -> int:
        return self.seats if isinstance(self.seats, int) else sum(self.seats.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody of a cohort's pool, at their place of the file. `most` None has no limit."""

    role: str
    person: str
    place: int = 0
    most: int | None = None
    tracks: list[str] = field(default_factory=list)  # empty is every track


Rows = list[CohortRow]
Pool = list[Member]
_COLUMNS = [cohorts.c[name] for name in CohortRow.__dataclass_fields__]


class Cohorts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, cohort: CohortRow, members: Iterable[Member] = ()) -> None:
        """Keeps a cohort with its people, who must be kept before.

        Opened again under the same id, its dates, seats and people are taken over; what was given
        to people and the clock stay. Raises ResidencyError where another one has its name.
        """
        with self._database.writing() as connection:
            self._database.alone(connection, f"cohorts/{cohort.program}")
            _keep(connection, cohort)
            _keep_members(connection, cohort.id, list(members))

    def get(self, id: str) -> CohortRow | None:  # The contract's name.
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(cohorts.c.id == id)).one_or_none()
        return _cohort(row) if row is not None else None

    def some(self, ids: Iterable[str]) -> dict[str, CohortRow]:
        """The cohorts by id; ids that none has are left out."""
        query = select(*_COLUMNS).where(cohorts.c.id.in_(sorted(set(ids))))
        with self._database.reading() as connection:
            return {row.id: _cohort(row) for row in connection.execute(query)}

    def by_name(self, program: str, name: str) -> CohortRow | None:
        """The one that is not a rehearsal."""
        query = select(*_COLUMNS).where(
            cohorts.c.program == program, cohorts.c.name == name, cohorts.c.scope == ""
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _cohort(row) if row is not None else None

    def list(self, *, rehearsals: bool = False) -> Rows:
        """All, by program and first day; with `rehearsals` those too."""
        query = select(*_COLUMNS).order_by(
            cohorts.c.program, cohorts.c.first_day, cohorts.c.name, cohorts.c.created
        )
        if not rehearsals:
            query = query.where(cohorts.c.scope == "")
        with self._database.reading() as connection:
            return [_cohort(row) for row in connection.execute(query)]

    def members(self, id: str) -> Pool:  # The contract's name.
        """Everybody of its pools, by role and place."""
        columns = [members.c[name] for name in Member.__dataclass_fields__]
        query = (
            select(*columns).where(members.c.cohort == id).order_by(members.c.role, members.c.place)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [Member(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's documented name.

    def set_clock(self, id: str, at: datetime) -> None:  # The contract's name.
        """Remembers where a rehearsal's clock was moved to; it never goes back."""
        change = (
            update(cohorts)
            .where(cohorts.c.id == id, cohorts.c.rehearsal)
            .where(cohorts.c.clock.is_(None) | (cohorts.c.clock < at))
            .values(clock=at)
        )
        with self._database.writing() as connection:
            connection.execute(change)

    def assign(self, wanted: Assign, *, patience: float = PATIENCE) -> Assigned:
        """People of a pool, least loaded first, in turn; fewer than asked for where nobody is left.

        Load is what somebody has in this role and cohort, of residencies that have not ended.
        Asked again for the same residency, role and item, it gives the same people; an answer of
        nobody is not remembered.
        """
        with self._database.writing(patience=patience) as connection:
            self._database.alone(connection, wanted.cohort)
            return pools.assign(connection, wanted)

    def seat(self, wanted: SeatWanted, *, patience: float = PATIENCE) -> SeatSaid:
        """A seat of the cohort, or of the track where each has its own, if one is left."""
        with self._database.writing(patience=patience) as connection:
            self._database.alone(connection, wanted.cohort)
            return seating.seat(connection, wanted)

    def seat_left(self, wanted: SeatWanted) -> SeatSaid:
        """What `seat` would say now; nothing is taken."""
        with self._database.reading() as connection:
            return seating.left(connection, wanted)

    def discard(self, id: str) -> None:  # The contract's name.
        """Deletes all rows of a rehearsal: people, submissions, records, mails. Definitions stay.

        Raises ResidencyError for a cohort that is no rehearsal.
        """
        with self._database.writing() as connection:
            discard.discard(connection, id)


def _keep(connection: Connection, cohort: CohortRow) -> None:
    values = asdict(cohort) | {"scope": cohort.id if cohort.rehearsal else ""}
    known = connection.execute(select(cohorts).where(cohorts.c.id == cohort.id)).one_or_none()
    if known is not None:
        if (known.program, known.scope) != (values["program"], values["scope"]):
            raise ResidencyError(f'The id "{cohort.id}" belongs to another cohort already.')
        for name in ("created", "clock"):
            del values[name]
        connection.execute(update(cohorts).where(cohorts.c.id == cohort.id).values(values))
        return
    same_name = select(cohorts.c.id).where(
        cohorts.c.program == cohort.program,
        cohorts.c.name == cohort.name,
        cohorts.c.scope == values["scope"],
    )
    if (other := connection.execute(same_name).scalar()) is not None:
        raise ResidencyError(
            f'The cohort "{cohort.name}" of {cohort.program} is open already: {other}.'
        )
    connection.execute(insert(cohorts), values)


def _keep_members(connection: Connection, cohort: str, people: list[Member]) -> None:
    connection.execute(members.delete().where(members.c.cohort == cohort))
    if people:
        rows = [{"cohort": cohort, **asdict(member)} for member in people]
        connection.execute(insert(members), rows)


def _cohort(row: AnyRow) -> CohortRow:
    return CohortRow(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
