"""The outbox: one row for each mail, written before anything is sent.

An attempt claims a row by a conditional update, sends, and settles it; nobody else can settle it
meanwhile. Bodies are not kept: the transport's own copy and the letter tell what was said.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from residency.errors import ResidencyError
from residency.wire import Letter
from store import ids
from store.database import Database
from store.posting import BEGINS, Delivery, MailState, before, outranked
from store.tables import AnyRow, outbox

BULK = 200
"""Rows in one query: databases limit how many values a statement has."""


def key(subject: str, notice: str, occurrence: str, receiver: str) -> str:
    """A mail's key: the same for the same four, and opaque, so it may go to a provider."""
    return ids.derived("m", subject, notice, occurrence, receiver, letters=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One row. `at` and `not_before` are the program's time; the other instants are real ones.

    `subject` is what it is about (a residency, cohort or person), `line` the subject line as sent.
    """

    subject: str
    notice: str
    occurrence: str
    receiver: str
    at: datetime
    letter: Letter
    cohort: str = ""
    rehearsal: bool = False
    state: MailState = MailState.QUEUED
    delivery: Delivery = Delivery.NONE
    not_before: datetime | None = None
    line: str = ""
    transport: str = ""
    message_id: str = ""
    path: str = ""
    attempt: str = ""
    attempts: int = 0
    again: int = 0  # how often it was sent once more while its fate was unknown
    skip: str = ""  # why it was not sent
    detail: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    claimed: datetime | None = None
    sent: datetime | None = None

    @property
    def key(self) -> str:
        return key(self.subject, self.notice, self.occurrence, self.receiver)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A row that an attempt has claimed. `previous` is what it was before; None where it is new."""

    row: Mail
    previous: MailState | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What came of sending one row. `not_before` only with `queued`, which gives it back until then,
    and with `unknown`: until then its provider may still tell.
    """

    key: str
    state: MailState
    detail: str = ""
    message_id: str = ""
    line: str = ""
    transport: str = ""
    path: str = ""
    skip: str = ""
    not_before: datetime | None = None


Mails = list[Mail]
_FIELDS = tuple(Mail.__dataclass_fields__)
_COLUMNS = [outbox.c[name] for name in _FIELDS]
_CLAIM = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("of"),
        or_(
            outbox.c.state == MailState.QUEUED,
            (outbox.c.state == MailState.SENDING) & (outbox.c.attempt == bindparam("dead")),
        ),
    )
    .values(
        state=MailState.SENDING,
        attempt=bindparam("by"),
        attempts=outbox.c.attempts + 1,
        claimed=bindparam("now"),
    )
)

_ONCE_MORE = (
    update(outbox)
    .where(outbox.c.key == bindparam("of"), outbox.c.state == MailState.UNKNOWN)
    .values(
        state=MailState.SENDING,
        attempt=bindparam("by"),
        attempts=outbox.c.attempts + 1,
        again=outbox.c.again + 1,
        claimed=bindparam("now"),
    )
)


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    # Writing rows

    def put(self, row: Mail) -> bool:
        """Writes a row, held, queued or skipped; False where its key has one already."""
        return bool(self.put_many([row]))

    def put_many(self, rows: Sequence[Mail]) -> list[Mail]:
        """Writes rows in one transaction; those that are new come back."""
        with self._database.writing() as connection:
            _serialize(self._database, connection, rows)
            return _put(connection, rows, _known(connection, [row.key for row in rows]))

    # Sending

    def claim(self, key: str, attempt: str) -> bool:
        """Takes a queued row for an attempt; False where it is not there to be taken."""
        with self._database.writing() as connection:
            return _claim(connection, key, attempt)

    def open_many(
        self,
        rows: Sequence[Mail],
        attempt: str,
        *,
        dead: Collection[str] = (),
        now: datetime | None = None,
    ) -> list[Opened]:
        """Writes the rows that are new and claims all that are queued, in one transaction.

        What comes back is claimed by `attempt` now, in the order of `rows`. A row left in `sending`
        is taken over only from an attempt among `dead`; its `previous` is `sending` then, and
        whether it was sent is for the transport to say. Rows that are held, skipped or done do not
        come back, nor those that wait for longer than `now`, an instant of the program's time.
        """
        with self._database.writing() as connection:
            _serialize(self._database, connection, rows)
            known = _known(connection, [row.key for row in rows])
            new = {row.key for row in _put(connection, rows, known)}
            return [
                opened
                for row in {row.key: row for row in rows}.values()
                if not _waits(one := known.get(row.key, row), now)
                and (opened := _open(connection, one, attempt, dead, new))
            ]

    def open_unknown(self, key: str, attempt: str) -> Opened | None:
        """Takes a mail of unknown fate, to be sent once more; its row counts that from here on.

        None where its fate is known by now.
        """
        values = {"of": key, "by": attempt, "now": datetime.now(UTC)}
        with self._database.writing() as connection:
            if connection.execute(_ONCE_MORE, values).rowcount != 1:
                return None
            row = _known(connection, [key])[key]
            return Opened(row=row, previous=MailState.UNKNOWN)

    def open_by_hand(self, key: str, attempt: str) -> Opened | None:
        """Takes a mail that a person sends, held or queued; None where it is neither.

        Its time does not matter: whoever sends it has seen that it waits.
        """
        waiting = (MailState.HELD, MailState.QUEUED)
        with self._database.writing() as connection:
            row = _known(connection, [key]).get(key)
            if row is None or row.state not in waiting:
                return None
            taken = update(outbox).where(outbox.c.key == key, outbox.c.state.in_(waiting))
            values = {
                "state": MailState.SENDING,
                "attempt": attempt,
                "attempts": outbox.c.attempts + 1,
                "claimed": datetime.now(UTC),
            }
            if connection.execute(taken.values(values)).rowcount != 1:
                return None
            claimed = replace(
                row, state=MailState.SENDING, attempt=attempt, attempts=row.attempts + 1
            )
            return Opened(row=claimed, previous=row.state)

    def settle(
        self,
        key: str,
        attempt: str,
        state: MailState,
        detail: str = "",
        message_id: str = "",
        *,
        line: str = "",
        transport: str = "",
        path: str = "",
        skip: str = "",
    ) -> bool:
        """Says what came of an attempt; False where the row is not that attempt's any more.

        An unknown row may be settled as sent by anybody: whoever learns of it.
        """
        settled = Settled(
            key=key,
            state=state,
            detail=detail,
            message_id=message_id,
            line=line,
            transport=transport,
            path=path,
            skip=skip,
        )
        return key in self.settle_many(attempt, [settled])

    def settle_many(self, attempt: str, settled: Iterable[Settled]) -> set[str]:
        """Settles rows in one transaction; the keys of those that were this attempt's to settle."""
        with self._database.writing() as connection:
            return {one.key for one in settled if _settle(connection, attempt, one)}

    def requeue(
        self, key: str, attempt: str, not_before: datetime | None, detail: str = ""
    ) -> bool:
        """Gives a row back, to be sent not before an instant of the program's time."""
        back = Settled(key=key, state=MailState.QUEUED, detail=detail, not_before=not_before)
        return key in self.settle_many(attempt, [back])

    def stuck(
        self, *, alive: Collection[str] = (), claimed_before: datetime | None = None
    ) -> list[Mail]:
        """Rows in `sending` of attempts that are not alive; by the real time of their claim."""
        query = select(*_COLUMNS).where(outbox.c.state == MailState.SENDING)
        if claimed_before is not None:
            query = query.where(outbox.c.claimed < claimed_before)
        rows = self._read(query.order_by(outbox.c.claimed))
        return [row for row in rows if row.attempt not in alive]

    # By hand, and by what the provider says later

    def move(self, key: str, state: MailState, *, detail: str = "") -> bool:
        """Holds, releases (`queued`), skips or discards a row that nobody is sending.

        False where it is not in a state from which that is allowed.
        """
        allowed = {MailState.HELD, MailState.QUEUED}.intersection(before(state))
        values: dict[str, Any] = {"state": state, "detail": detail}
        if state is MailState.SKIPPED:
            values["skip"] = detail
        change = (
            update(outbox).where(outbox.c.key == key, outbox.c.state.in_(allowed)).values(values)
        )
        with self._database.writing() as connection:
            return connection.execute(change).rowcount == 1

    def deliver(self, key: str, delivery: Delivery, *, detail: str = "") -> bool:
        """What the provider said of a mail; False where more is known already.

        It does not settle an unknown mail: `settle` does.
        """
        change = update(outbox).where(
            outbox.c.key == key, outbox.c.delivery.in_(outranked(delivery))
        )
        with self._database.writing() as connection:
            done = connection.execute(change.values(delivery=delivery, detail=detail))
            return done.rowcount == 1

    # Reading

    def get(self, key: str) -> Mail | None:
        found = self._read(select(*_COLUMNS).where(outbox.c.key == key))
        return found[0] if found else None

    def many(self, keys: Iterable[str]) -> dict[str, Mail]:
        """The rows by key; keys that no row has are left out."""
        with self._database.reading() as connection:
            return _known(connection, list(keys))

    def awaited(self, residency: str, *, after: datetime) -> dict[str, datetime]:
        """For whom a mail of a residency waits because it could not be sent, and until when.

        Only what waits for longer than `after`, an instant of the program's time.
        """
        query = select(outbox.c.receiver, func.max(outbox.c.not_before)).where(
            outbox.c.subject == residency,
            outbox.c.state == MailState.QUEUED,
            outbox.c.attempts > 0,
            outbox.c.not_before > after,
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query.group_by(outbox.c.receiver)).all())

    def by_message_id(self, message_id: str) -> Mail | None:
        found = self._read(select(*_COLUMNS).where(outbox.c.message_id == message_id).limit(1))
        return found[0] if found else None

    def list(
        self,
        *,
        residency: str = "",
        cohort: str = "",
        receiver: str = "",
        state: MailState | str = "",
        notice: str = "",
        rehearsals: bool = False,
        limit: int | None = None,
    ) -> Mails:
        """Rows by the program's time, oldest first; with a limit, the newest so many of them.

        Rehearsals are left out, unless a residency, cohort or receiver is asked for.
        """
        query = _only(
            select(*_COLUMNS),
            subject=residency,
            cohort=cohort,
            receiver=receiver,
            state=state,
            notice=notice,
        )
        if not (residency or cohort or receiver or rehearsals):
            query = query.where(~outbox.c.rehearsal)
        order = (outbox.c.at.desc(), outbox.c.created.desc(), outbox.c.key.desc())
        return self._read(query.order_by(*order).limit(limit))[::-1]

    def counts(
        self, *, residency: str = "", cohort: str = "", rehearsals: bool = False
    ) -> dict[str, int]:
        """How many rows there are in each state that any row is in."""
        query = _only(select(outbox.c.state, func.count()), subject=residency, cohort=cohort)
        if not (residency or cohort or rehearsals):
            query = query.where(~outbox.c.rehearsal)
        with self._database.reading() as connection:
            return dict(connection.execute(query.group_by(outbox.c.state)).all())

    def by_notice(self, *, cohort: str) -> dict[str, int]:
        """How many mails of each notice a cohort has sent."""
        query = (
            select(outbox.c.notice, func.count())
            .where(outbox.c.cohort == cohort, outbox.c.state == MailState.SENT)
            .group_by(outbox.c.notice)
            .order_by(outbox.c.notice)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def _read(self, query: Select[Any]) -> Mails:
        with self._database.reading() as connection:
            return [mail(row) for row in connection.execute(query)]


def of_residency(connection: Connection, residency: str) -> list[Mail]:
    """For timelines: all mails about a residency, by the program's time."""
    query = select(*_COLUMNS).where(outbox.c.subject == residency)
    found = connection.execute(query.order_by(outbox.c.at, outbox.c.created, outbox.c.key))
    return [mail(row) for row in found]


def mail(row: AnyRow) -> Mail:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
    values["letter"] = Letter(**values["letter"])
    values["state"] = MailState(values["state"])
    values["delivery"] = Delivery(values["delivery"])
    return Mail(**values)


def _only(query: Select[Any], **wanted: str) -> Select[Any]:
    for name, value in wanted.items():
        if value:
            query = query.where(outbox.c[name] == value)
    return query


def _serialize(database: Database, connection: Connection, rows: Sequence[Mail]) -> None:
    """Two activities may carry the same letters; sorted, so that neither waits for the other."""
    for subject in sorted({row.subject for row in rows}):
        database.alone(connection, f"outbox/{subject}")


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, Mail]:
    known: dict[str, Mail] = {}
    for start in range(0, len(keys), BULK):
        query = select(*_COLUMNS).where(outbox.c.key.in_(keys[start : start + BULK]))
        known |= {found.key: found for found in map(mail, connection.execute(query))}
    return known


def _put(connection: Connection, rows: Sequence[Mail], known: dict[str, Mail]) -> list[Mail]:
    new = list({row.key: row for row in rows if row.key not in known}.values())
    for row in new:
        if row.state not in BEGINS:
            raise ResidencyError(
                f'A mail can\'t begin as "{row.state}"; allowed: held, queued, skipped.'
            )
    if new:
        connection.execute(insert(outbox), [_values(row) for row in new])
    return new


def _values(row: Mail) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["letter"] = row.letter.model_dump(mode="json", exclude_defaults=True)
    return values | {"key": row.key}


def _claim(connection: Connection, key: str, attempt: str, *, dead: str = "") -> bool:
    values = {"of": key, "by": attempt, "dead": dead, "now": datetime.now(UTC)}
    return connection.execute(_CLAIM, values).rowcount == 1


def _waits(row: Mail, now: datetime | None) -> bool:
    later = now is not None and row.not_before is not None and row.not_before > now
    return later and row.state is MailState.QUEUED


def _open(
    connection: Connection, row: Mail, attempt: str, dead: Collection[str], new: set[str]
) -> Opened | None:
    taken_over = row.state is MailState.SENDING and row.attempt in dead
    if row.state is not MailState.QUEUED and not taken_over:
        return None
    if not _claim(connection, row.key, attempt, dead=row.attempt if taken_over else ""):
        return None
    claimed = replace(row, state=MailState.SENDING, attempt=attempt, attempts=row.attempts + 1)
    return Opened(row=claimed, previous=None if row.key in new else row.state)


def _settle(connection: Connection, attempt: str, one: Settled) -> bool:
    if MailState.SENDING not in before(one.state):
        raise ResidencyError(
            f'A mail that is being sent can\'t become "{one.state}"; '
            "allowed: sent, failed, unknown, skipped, queued."
        )
    mine: ColumnElement[bool] = (outbox.c.state == MailState.SENDING) & (
        outbox.c.attempt == attempt
    )
    if one.state is MailState.SENT:
        mine = or_(mine, outbox.c.state == MailState.UNKNOWN)
    values: dict[str, Any] = {
        "state": one.state,
        "detail": one.detail,
        "not_before": one.not_before,
        **{
            name: value
            for name in ("message_id", "line", "transport", "path", "skip")
            if (value := getattr(one, name))
        },
    }
    if one.state is MailState.SENT:
        values["sent"] = datetime.now(UTC)
    change = update(outbox).where(outbox.c.key == one.key, mine).values(values)
    return connection.execute(change).rowcount == 1
