"""Applications on their way in: as typed until they are sent, then no more than what they became.

There may be several of one address, since whoever writes one has not shown yet that the address is
theirs; once one is confirmed nobody changes it without its link, and once one is sent it is alone.
How many may wait to be confirmed is bounded, because anybody may type any address.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, exists, insert, select, update

from store.database import Database
from store.grants import Purpose
from store.people import email_key
from store.tables import AnyRow, applications, grants, residencies

UNCONFIRMED: Final = 20
"""How many applications of one address may wait in a cohort for its owner to confirm them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """One application; its instants are the program's time, as a rehearsal has its own."""

    id: str
    cohort: str
    email: str
    given: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)  # gone from here once it is sent
    locale: str = ""
    zone: str = ""
    created: datetime
    changed: datetime
    confirmed: datetime | None = None
    sent: datetime | None = None
    residency: str = ""  # chosen when it is sent, before that residency is started


_COLUMNS = [applications.c[name] for name in Application.__dataclass_fields__]


class Applications:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: str) -> Application | None:  # As everywhere in the store.
        with self._database.reading() as connection:
            return _get(connection, id)

    def of_address(self, cohort: str, email: str) -> list[Application]:
        """All of one address: what was sent first, then what is confirmed, then the newest."""
        query = select(*_COLUMNS).where(_of(cohort, email))
        with self._database.reading() as connection:
            found = [_application(row) for row in connection.execute(query)]
        newest_first = sorted(found, key=lambda one: (one.changed, one.id), reverse=True)
        return sorted(newest_first, key=lambda one: (one.sent is None, one.confirmed is None))

    def begin(self, fresh: Application) -> Application:
        """Keeps what was typed before its address is confirmed; a confirmed one stays as it is.

        The same id again takes the place of what was typed before. Where too many of its address
        wait to be confirmed, another one goes.
        """
        key = email_key(fresh.email)
        with self._database.writing() as connection:
            self._database.alone(connection, f"applications/{fresh.cohort}/{key}")
            known = _get(connection, fresh.id)
            if known is None:
                _make_room(connection, fresh)
                connection.execute(insert(applications), {**asdict(fresh), "email_key": key})
                return fresh
            if known.confirmed is not None:
                return known
            _type(connection, fresh)
            return fresh

    def save(self, changed: Application) -> bool:
        """Keeps what was typed by whoever has the link; nothing where it is gone or sent."""
        with self._database.writing() as connection:
            return _type(connection, changed)

    def confirm(self, id: str, *, at: datetime) -> None:  # As above.
        """The address is theirs. Asked again, the first time counts."""
        change = (
            update(applications)
            .where(applications.c.id == id, applications.c.confirmed.is_(None))
            .values(confirmed=at)
        )
        with self._database.writing() as connection:
            connection.execute(change)

    def drop(self, id: str) -> None:  # As above.
        """Deletes one that was not sent."""
        with self._database.writing() as connection:
            connection.execute(
                delete(applications).where(applications.c.id == id, applications.c.sent.is_(None))
            )

    def seal(self, application: Application, *, residency: str, at: datetime) -> Application | None:
        """Marks it as sent, once, with what is to become of it; every other of its address goes.

        `application` holds the answers as they were checked. None where it is gone or not
        confirmed, or where one of this address was sent before.
        """
        same = _of(application.cohort, application.email)
        with self._database.writing() as connection:
            key = email_key(application.email)
            self._database.alone(connection, f"applications/{application.cohort}/{key}")
            before = select(applications.c.id).where(same, applications.c.sent.is_not(None))
            if connection.execute(before).first() is not None:
                return None
            change = (
                update(applications)
                .where(applications.c.id == application.id, applications.c.confirmed.is_not(None))
                .values(
                    given=application.given,
                    identity=application.identity,
                    changed=at,
                    sent=at,
                    residency=residency,
                )
            )
            if connection.execute(change).rowcount == 0:
                return None
            connection.execute(delete(applications).where(same, applications.c.sent.is_(None)))
            return _get(connection, application.id)

    def settle(self, id: str, *, keep: dict[str, Any]) -> None:  # As above.
        """What was sent is kept elsewhere by now; of the answers only `keep` stays here."""
        change = update(applications).where(applications.c.id == id).values(given=keep, identity={})
        with self._database.writing() as connection:
            connection.execute(change)

    def waiting(self) -> list[Application]:
        """Those that were sent and whose residency has recorded nothing yet, oldest first."""
        runs = exists().where(residencies.c.id == applications.c.residency)
        query = (
            select(*_COLUMNS)
            .where(applications.c.sent.is_not(None), ~runs)
            .order_by(applications.c.sent, applications.c.id)
        )
        with self._database.reading() as connection:
            return [_application(row) for row in connection.execute(query)]

    def forget(self, cohorts: Sequence[str]) -> int:
        """Deletes what was begun for these cohorts and never sent; how many there were."""
        unsent = and_(applications.c.cohort.in_(cohorts), applications.c.sent.is_(None))
        with self._database.reading() as connection:  # Most often there is nothing to write.
            if connection.execute(select(applications.c.id).where(unsent).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            return connection.execute(delete(applications).where(unsent)).rowcount


def _of(cohort: str, email: str) -> Any:
    return and_(applications.c.cohort == cohort, applications.c.email_key == email_key(email))


def _make_room(connection: Connection, fresh: Application) -> None:
    """First goes what nobody was mailed a link to, the longest untouched before the others: so
    whoever types somebody's address over and over ends no link that its owner has.
    """
    has_link = exists().where(
        grants.c.purpose == Purpose.APPLICATION, grants.c.person == applications.c.id
    )
    waiting = (
        select(applications.c.id)
        .where(_of(fresh.cohort, fresh.email), applications.c.confirmed.is_(None))
        .order_by(has_link, applications.c.changed, applications.c.id)
    )
    found = connection.execute(waiting).scalars().all()
    if len(found) >= UNCONFIRMED:
        gone = found[: len(found) - UNCONFIRMED + 1]
        connection.execute(delete(applications).where(applications.c.id.in_(gone)))


def _get(connection: Connection, id: str) -> Application | None:
    row = connection.execute(select(*_COLUMNS).where(applications.c.id == id)).one_or_none()
    return _application(row) if row is not None else None


def _type(connection: Connection, typed: Application) -> bool:
    change = (
        update(applications)
        .where(applications.c.id == typed.id, applications.c.sent.is_(None))
        .values(
            given=typed.given,
            identity=typed.identity,
            locale=typed.locale,
            zone=typed.zone,
            changed=typed.changed,
        )
    )
    return connection.execute(change).rowcount > 0


def _application(row: AnyRow) -> Application:
    return Application(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
