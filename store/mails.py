"""One row of the outbox, as everybody speaks of it; how rows are written and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, or_, select, update

from residency.errors import ResidencyError
from residency.wire import Letter
from store import ids
from store.database import Database
from store.posting import BEGINS, Delivery, MailState
from store.tables import AnyRow, outbox

BULK = 200
"""Rows in one query: databases limit how many values a statement has."""


@lru_cache(maxsize=4096)
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
    carrier: str = ""  # the residency that comes for it, where that is not its subject
    digest: str = ""  # the key of the digest that it is in
    detail: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    claimed: datetime | None = None
    sent: datetime | None = None

    @property
    def key(self) -> str:
        return key(self.subject, self.notice, self.occurrence, self.receiver)

    @property
    def residency(self) -> str:
        """The residency whose workflow comes for it."""
        return self.carrier or self.subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A row that an attempt has claimed. `previous` is what it was before; None where it is new."""

    row: Mail
    previous: MailState | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What came of sending one row. `not_before` only with `queued`, which gives it back until then,
    and with `unknown`: until then its provider may still tell. `untried`: it was given back before
    anything was sent, so that attempt does not count.
    """

    key: str
    state: MailState
    detail: str = ""
    message_id: str = ""
    line: str = ""
    transport: str = ""
    skip: str = ""
    not_before: datetime | None = None
    untried: bool = False


Mails = list[Mail]
FIELDS = tuple(Mail.__dataclass_fields__)
COLUMNS = [outbox.c[name] for name in FIELDS]
# Built once: that takes longer than asking.
_KNOWN = select(*COLUMNS).where(outbox.c.key.in_(bindparam("keys", expanding=True)))
_PUT = insert(outbox)
NEWEST_FIRST = (outbox.c.at.desc(), outbox.c.created.desc(), outbox.c.key.desc())
CLAIM = (
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

ONCE_MORE = (
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


def of_residency(connection: Connection, residency: str) -> list[Mail]:
    """For timelines: all mails about a residency, by the program's time."""
    query = select(*COLUMNS).where(outbox.c.subject == residency)
    found = connection.execute(query.order_by(outbox.c.at, outbox.c.created, outbox.c.key))
    return [mail(row) for row in found]


def mail(row: AnyRow) -> Mail:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
    values["letter"] = Letter(**values["letter"])
    values["state"] = MailState(values["state"])
    values["delivery"] = Delivery(values["delivery"])
    return Mail(**values)


def serialize(database: Database, connection: Connection, rows: Sequence[Mail]) -> None:
    """Two activities may carry the same letters; sorted, so that neither waits for the other."""
    for subject in sorted({row.subject for row in rows}):
        database.alone(connection, f"outbox/{subject}")


def known_rows(connection: Connection, keys: Sequence[str]) -> dict[str, Mail]:
    found: dict[str, Mail] = {}
    for start in range(0, len(keys), BULK):
        rows = connection.execute(_KNOWN, {"keys": keys[start : start + BULK]})
        found |= {one.key: one for one in map(mail, rows)}
    return found


def put_rows(
    connection: Connection,
    rows: Sequence[Mail],
    known: Mapping[str, Mail],
    *,
    claimed: Mapping[str, Mail] | None = None,
) -> list[Mail]:
    """Writes the rows that are new, and those of them that are `claimed` at once as they stand there."""
    new = list({row.key: row for row in rows if row.key not in known}.values())
    for row in new:
        if row.state not in BEGINS:
            raise ResidencyError(
                f'A mail can\'t begin as "{row.state}"; allowed: held, queued, skipped.'
            )
    if new:
        written = [(claimed or {}).get(row.key, row) for row in new]
        connection.execute(_PUT, [values_of(row) for row in written])
    return new


def values_of(row: Mail) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS}
    values["letter"] = row.letter.model_dump(mode="json", exclude_defaults=True)
    return values | {"key": row.key}


def chosen(
    *,
    residency: str = "",
    cohort: str = "",
    receiver: str = "",
    notice: str = "",
    state: str = "",
    rehearsals: bool = False,
) -> list[ColumnElement[bool]]:
    """Which rows are asked for; what is empty is not asked.

    Rehearsals are left out, unless a residency, cohort or receiver is asked for.
    """
    wanted = {
        "subject": residency,
        "cohort": cohort,
        "receiver": receiver,
        "notice": notice,
        "state": state,
    }
    only = [outbox.c[name] == value for name, value in wanted.items() if value]
    return only if residency or cohort or receiver or rehearsals else [*only, ~outbox.c.rehearsal]
