"""What people look up about mails, and how they end those whose fate stays open.

Lists leave the letters out: to read one takes longer than all the rest of a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from store.database import Database
from store.mails import NEWEST_FIRST, chosen
from store.posting import Delivery, MailState
from store.reviews import Did
from store.tables import AnyRow, outbox, reviews

BULK = 500
"""Values in one query: databases limit how many a statement has."""
ENDED_BY_HAND = frozenset({MailState.FAILED, MailState.UNKNOWN})
"""The states in which a mail waits for a person, and goes nowhere without one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a list; as in `store.mails.Mail`."""

    key: str
    at: datetime
    notice: str
    receiver: str
    cohort: str
    state: MailState
    delivery: Delivery
    not_before: datetime | None
    line: str
    skip: str
    detail: str


_COLUMNS = [outbox.c[name] for name in Entry.__dataclass_fields__]


class Mailbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(
        self,
        *,
        residency: str = "",
        cohort: str = "",
        notice: str = "",
        state: str = "",
        rehearsals: bool = False,
        limit: int | None = None,
    ) -> tuple[list[Entry], int]:
        """The newest mails, oldest first; and how many there are in all.

        Rehearsals are left out, unless a residency or cohort is asked for.
        """
        only = chosen(
            residency=residency, cohort=cohort, notice=notice, state=state, rehearsals=rehearsals
        )
        rows = select(*_COLUMNS).where(*only).order_by(*NEWEST_FIRST).limit(limit)
        every = select(func.count()).select_from(outbox).where(*only)
        with self._database.reading() as connection:
            found = [_entry(row) for row in connection.execute(rows)][::-1]
            if limit is None or len(found) < limit:
                return found, len(found)
            return found, connection.execute(every).scalar_one()

    def beginning(self, text: str, *, limit: int = 2) -> list[str]:
        """The keys that begin with this text, at most so many."""
        query = select(outbox.c.key).where(outbox.c.key.startswith(text, autoescape=True))
        with self._database.reading() as connection:
            return list(connection.scalars(query.order_by(outbox.c.key).limit(limit)))

    def waiting(self) -> dict[str, int]:
        """How many mails wait for a person, by their state; rehearsals have their own.

        One that failed and was sent once more is left out where that one, or one after it, went.
        """
        query = select(outbox.c.state, func.count()).where(~outbox.c.rehearsal)
        with self._database.reading() as connection:
            counts: dict[str, int] = dict(connection.execute(query.group_by(outbox.c.state)).all())
            if failed := counts.get(MailState.FAILED, 0):
                counts[MailState.FAILED] = failed - _replaced(connection)
        return counts

    def settle(self, key: str, *, sent: bool, detail: str) -> bool:
        """A person says that a mail of unknown fate arrived, or that it is not wanted any more.

        False where it does not wait for that: what failed can't have arrived.
        """
        states = {MailState.UNKNOWN} if sent else ENDED_BY_HAND
        state = MailState.SENT if sent else MailState.DISCARDED
        change = update(outbox).where(outbox.c.key == key, outbox.c.state.in_(states))
        with self._database.writing() as connection:
            done = connection.execute(change.values(state=state, detail=detail, not_before=None))
            return done.rowcount == 1


def _entry(row: AnyRow) -> Entry:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
    return Entry(
        **values | {"state": MailState(values["state"]), "delivery": Delivery(values["delivery"])}
    )


def _replaced(connection: Connection) -> int:
    """How many mails failed, and went when somebody sent them once more."""
    failed = set(
        connection.scalars(
            select(outbox.c.key).where(outbox.c.state == MailState.FAILED, ~outbox.c.rehearsal)
        )
    )
    again = select(reviews.c.mail, reviews.c.data).where(reviews.c.what == Did.RESENT)
    later = {row.mail: str(row.data.get("mail", "")) for row in connection.execute(again)}
    ends = {key: end for key in failed if (end := _last(key, later)) != key}
    keys = sorted(set(ends.values()))
    went = set[str]()
    for start in range(0, len(keys), BULK):
        query = select(outbox.c.key).where(
            outbox.c.key.in_(keys[start : start + BULK]), outbox.c.state == MailState.SENT
        )
        went |= set(connection.scalars(query))
    return sum(end in went for end in ends.values())


def _last(key: str, later: dict[str, str]) -> str:
    """The mail that was sent last in the place of one."""
    return [key, *_chain(key, later)][-1]


def _chain(key: str, later: dict[str, str]) -> Iterator[str]:
    seen = {key}
    while (key := later.get(key, "")) and key not in seen:
        seen.add(key)
        yield key
