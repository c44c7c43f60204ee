"""The record: what happened to each residency, in order, and never edited.

Truncate-and-append (docs/decisions/0002-record.md): a batch may come again, in another order than
before, or stand for something that never became true. So a batch replaces what it contradicts, and
one that was decided later voids what it knows nothing of.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from residency.errors import ResidencyError
from residency.wire import Batch, Event, Tag
from store.corrections import give_back_address, take_address
from store.database import PATIENCE, Database
from store.projections import BLANK, Projection
from store.tables import AnyRow, events, residencies


class StaleBatchError(ResidencyError):
    """A batch was decided before what is recorded already, by a worker that was frozen since."""


class GapError(ResidencyError):
    """A batch does not continue the record: events before it are missing."""


_HEAD = (
    select(
        residencies.c.seq,
        residencies.c.run,
        residencies.c.history,
        residencies.c.runs,
        residencies.c.truncations,
        residencies.c.seat,
    )
    .where(residencies.c.id == bindparam("of"))
    .with_for_update()
)
_EVENT_COLUMNS = (
    events.c.seq,
    events.c.at,
    events.c.tag,
    events.c.actor,
    events.c.name_of,
    events.c.action,
    events.c.task,
    events.c.submission,
    events.c.data,
)
_EVENTS = (
    select(*_EVENT_COLUMNS)
    .where(
        events.c.residency == bindparam("of"),
        events.c.void == 0,
        events.c.seq >= bindparam("first"),
    )
    .order_by(events.c.seq)
)
_WRITE = insert(events)
_MOVE_HEAD = update(residencies).where(residencies.c.id == bindparam("of"))
_VOID = (
    update(events)
    .where(
        events.c.residency == bindparam("of"),
        events.c.void == 0,
        events.c.seq >= bindparam("first"),
    )
    .values(void=bindparam("generation"))
)


class Record:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, batch: Batch, *, run_id: str = "", patience: float = PATIENCE) -> None:
        """Writes a batch and what it projects in one transaction; durable on return.

        What the batch has in common with the record stays; from the first difference on, the
        record's events are marked void and the batch's take their place. What stands behind a
        batch that was decided later is void too: it was decided in a task that was lost. The same
        batch again changes nothing.

        `run_id` is Temporal's, of the run that decided it: a run that the record has not seen yet
        is newer than all that it has, also where it begins at a shorter history, as one that was
        reset does. `patience` is in seconds. Raises StaleBatchError for a batch of a former run,
        or decided at a shorter history than the last one, GapError where events before it are
        missing, UnavailableError.
        """
        _in_order(batch)
        with self._database.writing(patience=patience) as connection:
            self._database.alone(connection, batch.residency)
            _append(connection, batch, run_id)

    def events(self, residency: str, *, after: int = 0) -> list[Event]:
        """The valid events of a residency, oldest first; those `after` a sequence only."""
        with self._database.reading() as connection:
            return read(connection, residency, first=after + 1)

    def action(self, residency: str, action: str) -> Event | None:
        """The first event that an action caused; None where it caused none."""
        query = (
            select(*_EVENT_COLUMNS)
            .where(events.c.residency == residency, events.c.void == 0, events.c.action == action)
            .order_by(events.c.seq)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _event(row) if row is not None else None

    def count(self, residency: str = "", *, tag: Tag | None = None, void: bool = False) -> int:
        """How many events: of one residency or all, of one tag; the valid ones, or the void."""
        query = select(func.count()).select_from(events)
        query = query.where(events.c.void > 0 if void else events.c.void == 0)
        if residency:
            query = query.where(events.c.residency == residency)
        if tag is not None:
            query = query.where(events.c.tag == tag)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()


def read(connection: Connection, residency: str, *, first: int = 0) -> list[Event]:
    found = connection.execute(_EVENTS, {"of": residency, "first": first})
    return [_event(row) for row in found]


def _event(row: AnyRow) -> Event:
    return Event(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.


def _in_order(batch: Batch) -> None:
    for place, event in enumerate(batch.events):
        if event.seq != batch.first + place:
            raise GapError(
                f'{batch.residency}: the batch from event {batch.first} has "{event.seq}" '
                f"where {batch.first + place} must stand."
            )


def _append(connection: Connection, batch: Batch, run_id: str) -> None:
    head = connection.execute(_HEAD, {"of": batch.residency}).one_or_none()
    last = head.seq if head is not None else 0
    if batch.first > last + 1 or batch.first < 1:
        raise GapError(
            f'{batch.residency}: the batch begins at event "{batch.first}", but the record ends at '
            f"{last}; what comes between is missing."
        )
    told = batch.events
    if batch.first <= last:
        told = _unlike(told, read(connection, batch.residency, first=batch.first))
    if head is None:
        connection.execute(insert(residencies), {"id": batch.residency, "seq": 0, **BLANK})
        _replace(connection, batch, told, head, runs=_runs((), run_id), agreed=0)
        return
    runs = head.runs.split()
    age = _age(batch, head, run_id, runs)
    if batch.events and not told and age <= 0:
        return
    if age < 0:
        raise StaleBatchError(
            f"{batch.residency}: the batch from event {batch.first} was decided at history "
            f'"{batch.run}/{batch.history}", but the record is at {head.run}/{head.history}.'
        )
    agreed = last
    if told or age > 0:
        agreed = batch.first + len(batch.events) - len(told) - 1
    _replace(connection, batch, told, head, runs=_runs(runs, run_id), agreed=agreed)


def _age(batch: Batch, head: AnyRow, run_id: str, runs: Sequence[str]) -> int:
    """Whether a batch was decided before (-1), at (0) or after (1) what is recorded already.

    The ids of runs have no order, so it is that in which they came; a reset one counts no
    continuing and begins at a shorter history. Without ids the counts must do.
    """
    if run_id and runs and run_id != runs[-1]:
        return -1 if run_id in runs else 1
    decided, recorded = (batch.run, batch.history), (head.run, head.history)
    return (decided > recorded) - (decided < recorded)


def _runs(known: Sequence[str], run_id: str) -> str:
    """The runs that have recorded something, the newest last."""
    return " ".join(known if not run_id or run_id in known else [*known, run_id])


def _unlike(told: list[Event], known: list[Event]) -> list[Event]:
    """The events of a batch from the first on that the record does not have just so."""
    for place, event in enumerate(told):
        if place >= len(known) or known[place] != event:
            return told[place:]
    return []


def _replace(
    connection: Connection,
    batch: Batch,
    told: list[Event],
    head: AnyRow | None,
    *,
    runs: str,
    agreed: int,
) -> None:
    """Voids what stands behind the event `agreed`, and writes what is told in its place."""
    projection = Projection(connection, batch.residency, seat=head.seat if head else "")
    truncations = head.truncations if head else 0
    if head is not None and agreed < head.seq:
        truncations += 1
        _truncate(connection, projection, first=agreed + 1, generation=truncations)
    if told:
        connection.execute(_WRITE, _rows(batch.residency, told))
        projection.apply(told)
        for event in told:
            if event.tag is Tag.ADDRESS:
                take_address(connection, event)
    connection.execute(
        _MOVE_HEAD,
        {
            "of": batch.residency,
            "seq": told[-1].seq if told else agreed,
            "run": batch.run,
            "history": batch.history,
            "runs": runs,
            "truncations": truncations,
            "next_at": batch.next_at,
            **projection.row,
        },
    )


def _truncate(
    connection: Connection, projection: Projection, *, first: int, generation: int
) -> None:
    """Marks events void and computes anew what the rest of them says."""
    residency = projection.residency
    voided = read(connection, residency, first=first)
    connection.execute(_VOID, {"of": residency, "first": first, "generation": generation})
    projection.forget()
    projection.apply(read(connection, residency))
    for person in dict.fromkeys(
        str(event.data.get("person")) for event in voided if event.tag is Tag.ADDRESS
    ):
        give_back_address(connection, residency, person)


def _rows(residency: str, told: Iterable[Event]) -> list[dict[str, Any]]:
    recorded = datetime.now(UTC)
    return [
        {**event.model_dump(), "residency": residency, "void": 0, "recorded": recorded}
        for event in told
    ]
