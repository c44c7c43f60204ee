"""The outbox: one row for each mail, written before anything is sent.

An attempt claims a row by a conditional update, sends, and settles it; nobody else can settle it
meanwhile. Bodies are not kept: the transport's own copy and the letter tell what was said.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    bindparam,
    func,
    or_,
    select,
    update,
)

from residency.errors import ResidencyError
from store.database import Database
from store.mails import (
    CLAIM,
    COLUMNS,
    NEWEST_FIRST,
    ONCE_MORE,
    Mail,
    Mails,
    Opened,
    Settled,
    chosen,
    known_rows,
    mail,
    put_rows,
    serialize,
)
from store.posting import MailState, before
from store.tables import outbox

# Built once: every post asks.
_SAID = select(*COLUMNS).where(
    outbox.c.subject == bindparam("of"),
    outbox.c.receiver.in_(bindparam("receivers", expanding=True)),
    outbox.c.notice.in_(bindparam("notices", expanding=True)),
    or_(outbox.c.state.in_([MailState.SENT, MailState.UNKNOWN]), outbox.c.digest != ""),
)
WAITS = select(outbox.c.receiver, func.max(outbox.c.not_before)).where(
    or_(outbox.c.subject == bindparam("of"), outbox.c.carrier == bindparam("of")),
    outbox.c.state == MailState.QUEUED,
    outbox.c.claimed.is_not(None),  # Else it only waits for its receiver's window.
    outbox.c.not_before > bindparam("after"),
)
_AWAITED = WAITS.group_by(outbox.c.receiver)


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    # Writing rows

    def put_many(self, rows: Sequence[Mail]) -> list[Mail]:
        """Writes rows in one transaction; those that are new come back."""
        with self._database.writing() as connection:
            serialize(self._database, connection, rows)
            return put_rows(connection, rows, known_rows(connection, [row.key for row in rows]))

    def hold(self, rows: Sequence[Mail]) -> set[str]:
        """Writes these rows as held, and holds those that wait; the keys of all that are held now.

        What is being sent, or was, stays as it is: its key does not come back.
        """
        held = set[str]()
        with self._database.writing() as connection:
            serialize(self._database, connection, rows)
            known = known_rows(connection, [row.key for row in rows])
            put_rows(connection, [replace(row, state=MailState.HELD) for row in rows], known)
            for row in rows:
                state = known[row.key].state if row.key in known else MailState.HELD
                if state is MailState.HELD or (
                    state is MailState.QUEUED
                    and _move(connection, row.key, MailState.HELD, detail=row.detail)
                ):
                    held.add(row.key)
        return held

    # Sending

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
            serialize(self._database, connection, rows)
            known = known_rows(connection, [row.key for row in rows])
            claimed = {
                row.key: _claimed(row, attempt, at=datetime.now(UTC))
                for row in rows
                if row.key not in known and row.state is MailState.QUEUED and not _waits(row, now)
            }
            put_rows(connection, rows, known, claimed=claimed)
            return [
                opened
                for key in dict.fromkeys(row.key for row in rows)
                if (opened := _opened(connection, key, attempt, known, claimed, dead, now))
            ]

    def open_unknown(self, key: str, attempt: str) -> Opened | None:
        """Takes a mail of unknown fate, to be sent once more; its row counts that from here on.

        None where its fate is known by now.
        """
        values = {"of": key, "by": attempt, "now": datetime.now(UTC)}
        with self._database.writing() as connection:
            if connection.execute(ONCE_MORE, values).rowcount != 1:
                return None
            row = known_rows(connection, [key])[key]
            return Opened(row=row, previous=MailState.UNKNOWN)

    def open_by_hand(self, key: str, attempt: str) -> Opened | None:
        """Takes a mail that a person sends, held or queued; None where it is neither.

        Its time does not matter: whoever sends it has seen that it waits.
        """
        waiting = (MailState.HELD, MailState.QUEUED)
        with self._database.writing() as connection:
            row = known_rows(connection, [key]).get(key)
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

    def settle_many(self, attempt: str, settled: Iterable[Settled]) -> set[str]:
        """Settles rows in one transaction; the keys of those that were this attempt's to settle."""
        with self._database.writing() as connection:
            return {one.key for one in settled if _settle(connection, attempt, one)}

    # By hand

    def move(self, key: str, state: MailState, *, detail: str = "") -> bool:
        """Holds, releases (`queued`), skips or discards a row that nobody is sending.

        False where it is not in a state from which that is allowed.
        """
        with self._database.writing() as connection:
            return _move(connection, key, state, detail=detail)

    def release(self, keys: Sequence[str], *, detail: str) -> None:
        """Queues those of these rows that are held for that reason."""
        if not keys:
            return
        change = update(outbox).where(
            outbox.c.key.in_(keys), outbox.c.state == MailState.HELD, outbox.c.detail == detail
        )
        with self._database.writing() as connection:
            connection.execute(change.values(state=MailState.QUEUED, detail=""))

    # Reading

    def get(self, key: str) -> Mail | None:
        found = self._read(select(*COLUMNS).where(outbox.c.key == key))
        return found[0] if found else None

    def many(self, keys: Iterable[str]) -> dict[str, Mail]:
        """The rows by key; keys that no row has are left out."""
        wanted = list(keys)
        if not wanted:
            return {}
        with self._database.reading() as connection:
            return known_rows(connection, wanted)

    def left_over(
        self, notices: Collection[str], *, now: datetime, claimed_before: datetime
    ) -> Mails:
        """Rows of these notices that nobody is at work on, and whose time has come; oldest first.

        They wait, are of unknown fate, or an attempt has held them since before `claimed_before`.
        All instants are real ones.
        """
        is_due = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
        is_told = outbox.c.not_before.is_not(None)  # Else somebody must act, not we.
        query = select(*COLUMNS).where(
            outbox.c.notice.in_(notices),
            or_(
                outbox.c.state.in_([MailState.QUEUED, MailState.HELD]) & is_due,
                (outbox.c.state == MailState.UNKNOWN) & is_told & is_due,
                (outbox.c.state == MailState.SENDING) & (outbox.c.claimed < claimed_before),
            ),
        )
        return self._read(query.order_by(outbox.c.created))

    def said(
        self, residency: str, *, receivers: Collection[str], notices: Collection[str]
    ) -> Mails:
        """What was said to these people by these notices: sent, perhaps sent, or in a digest."""
        wanted = {"of": residency, "receivers": list(receivers), "notices": list(notices)}
        with self._database.reading() as connection:
            return [mail(row) for row in connection.execute(_SAID, wanted)]

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
        only = chosen(
            residency=residency,
            cohort=cohort,
            receiver=receiver,
            state=state,
            notice=notice,
            rehearsals=rehearsals,
        )
        query = select(*COLUMNS).where(*only).order_by(*NEWEST_FIRST)
        return self._read(query.limit(limit))[::-1]

    def counts(
        self, *, residency: str = "", cohort: str = "", rehearsals: bool = False
    ) -> dict[str, int]:
        """How many rows there are in each state that any row is in."""
        only = chosen(residency=residency, cohort=cohort, rehearsals=rehearsals)
        query = select(outbox.c.state, func.count()).where(*only)
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


def awaited(connection: Connection, residency: str, *, after: datetime) -> dict[str, datetime]:
    """For whom a mail of a residency waits because it could not be sent, and until when.

    Only what waits for longer than `after`, an instant of the program's time.
    """
    return dict(connection.execute(_AWAITED, {"of": residency, "after": after}).all())


def _move(connection: Connection, key: str, state: MailState, *, detail: str) -> bool:
    allowed = {MailState.HELD, MailState.QUEUED}.intersection(before(state))
    values: dict[str, Any] = {"state": state, "detail": detail}
    if state is MailState.SKIPPED:
        values["skip"] = detail
    change = update(outbox).where(outbox.c.key == key, outbox.c.state.in_(allowed))
    return connection.execute(change.values(values)).rowcount == 1


def _claim(connection: Connection, key: str, attempt: str, *, dead: str = "") -> bool:
    values = {"of": key, "by": attempt, "dead": dead, "now": datetime.now(UTC)}
    return connection.execute(CLAIM, values).rowcount == 1


def _waits(row: Mail, now: datetime | None) -> bool:
    later = now is not None and row.not_before is not None and row.not_before > now
    return later and row.state is MailState.QUEUED


def _opened(
    connection: Connection,
    key: str,
    attempt: str,
    known: Mapping[str, Mail],
    claimed: Mapping[str, Mail],
    dead: Collection[str],
    now: datetime | None,
) -> Opened | None:
    """A row that is the attempt's now: written so, or claimed if that may be; None if it is not."""
    if (own := claimed.get(key)) is not None:
        return Opened(row=own, previous=None)
    row = known.get(key)
    if row is None or _waits(row, now):
        return None
    taken_over = row.state is MailState.SENDING and row.attempt in dead
    if row.state is not MailState.QUEUED and not taken_over:
        return None
    if not _claim(connection, key, attempt, dead=row.attempt if taken_over else ""):
        return None
    return Opened(row=_claimed(row, attempt, at=row.claimed), previous=row.state)


def _claimed(row: Mail, attempt: str, *, at: datetime | None) -> Mail:
    attempts = row.attempts + 1
    return replace(row, state=MailState.SENDING, attempt=attempt, attempts=attempts, claimed=at)


def _settle(connection: Connection, attempt: str, one: Settled) -> bool:
    if MailState.SENDING not in before(one.state):
        raise ResidencyError(
            f'A mail that is being sent can\'t become "{one.state}"; '
            "allowed: sent, failed, unknown, skipped, queued."
        )
    values: dict[str, Any] = {
        "state": one.state,
        "detail": one.detail,
        "not_before": one.not_before,
        **{
            name: value
            for name in ("message_id", "line", "transport", "skip")
            if (value := getattr(one, name))
        },
    }
    if one.state is MailState.SENT:
        values["sent"] = datetime.now(UTC)
    change = _settling(tuple(values), anybody=one.state is MailState.SENT, untried=one.untried)
    given = {f"to_{name}": value for name, value in values.items()}
    return connection.execute(change, {"of": one.key, "by": attempt, **given}).rowcount == 1


@lru_cache(maxsize=128)
def _settling(names: tuple[str, ...], *, anybody: bool, untried: bool) -> Update:
    """The statement that settles a row by those columns; it takes longer to make than to run."""
    mine: ColumnElement[bool] = (outbox.c.state == MailState.SENDING) & (
        outbox.c.attempt == bindparam("by")
    )
    if anybody:
        mine = or_(mine, outbox.c.state == MailState.UNKNOWN)
    change = update(outbox).where(outbox.c.key == bindparam("of"), mine)
    values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
    if untried:
        values["attempts"] = outbox.c.attempts - 1
    return change.values(values)
