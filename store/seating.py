"""Grants the seats of a cohort: counted and taken in one transaction, so never one too many."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select

from residency.errors import ResidencyError
from residency.wire import SeatSaid, SeatWanted
from store.tables import cohorts, residencies, seats


def seat(connection: Connection, wanted: SeatWanted) -> SeatSaid:
    """Takes a seat where one is left."""
    said = left(connection, wanted)
    if said.granted and wanted.residency not in _taken(connection, wanted):
        _take(connection, wanted)
        return said.model_copy(update={"taken": said.taken + 1})
    return said


def left(connection: Connection, wanted: SeatWanted) -> SeatSaid:
    """What would be said now; nothing is taken."""
    total = _seats(connection, wanted)
    taken = _taken(connection, wanted)
    granted = wanted.residency in taken or len(taken) < total
    return SeatSaid(granted=granted, taken=len(taken), seats=total)


def _taken(connection: Connection, wanted: SeatWanted) -> set[str]:
    by_track = _by_track(connection, wanted.cohort, wanted.track)
    return taken_by(connection, wanted.cohort, track=wanted.track if by_track else None)


def taken_by(connection: Connection, cohort: str, *, track: str | None = None) -> set[str]:
    """The residencies that have a seat: all that got one, less those that freed it since."""
    query = (
        select(seats.c.residency)
        .outerjoin(residencies, residencies.c.id == seats.c.residency)
        .where(seats.c.cohort == cohort)
        .where(seats.c.after >= func.coalesce(residencies.c.seat_freed, 0))
    )
    if track is not None:
        query = query.where(seats.c.track == track)
    return set(connection.execute(query).scalars())


def _of_cohort(connection: Connection, cohort: str) -> int | dict[str, int]:
    found = connection.execute(select(cohorts.c.seats).where(cohorts.c.id == cohort)).scalar()
    if found is None:
        raise ResidencyError(f'There is no cohort "{cohort}".')
    given: int | dict[str, int] = found
    return given


def _by_track(connection: Connection, cohort: str, track: str) -> bool:
    return bool(track) and isinstance(_of_cohort(connection, cohort), dict)


def _seats(connection: Connection, wanted: SeatWanted) -> int:
    given = _of_cohort(connection, wanted.cohort)
    if isinstance(given, int):
        return given
    return given.get(wanted.track, 0) if wanted.track else sum(given.values())


def _take(connection: Connection, wanted: SeatWanted) -> None:
    head = select(residencies.c.seq).where(residencies.c.id == wanted.residency)
    connection.execute(delete(seats).where(seats.c.residency == wanted.residency))
    connection.execute(
        insert(seats),
        {
            "residency": wanted.residency,
            "cohort": wanted.cohort,
            "track": wanted.track,
            "after": connection.execute(head).scalar() or 0,
            "at": datetime.now(UTC),
        },
    )
