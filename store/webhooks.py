"""What a mail provider tells later: kept once each, and carried over to mails and people.

Events come in any order, twice, and a day late; nothing that they change ever goes back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, case, false, insert, or_, select, update

from residency.wire import Act
from store import clicks as kept
from store import people as persons
from store.database import Database
from store.people import email_key
from store.posting import RANK, Delivery, MailState, outranked
from store.tables import AnyRow, mail_events, outbox, people, residencies

BULK = 500
"""Values in one query: databases limit how many a statement has."""
BAD = frozenset({Delivery.BOUNCED, Delivery.DROPPED, Delivery.COMPLAINED})
"""What stops all further mail to an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailEvent:
    """One event. `mail` is the outbox's key; `address` is compared and not kept.

    `delivery` is what it says of the mail.
    """

    id: str
    mail: str
    event: str
    at: datetime
    detail: str = ""
    address: str = ""
    delivery: Delivery = Delivery.ACCEPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """An address that got paused: whose, by which event, in which residency it is told ("" in none)."""

    person: str
    event: str
    notice: str
    residency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How many events were new, and the actions that they cause, already kept as clicks."""

    new: int = 0
    acts: tuple[tuple[str, Act], ...] = ()


class Webhooks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, events: Iterable[MailEvent], *, act: Callable[[Bounce], Act]) -> Taken:
        """Keeps events and all that follows from them, in one transaction.

        `act` makes the action that tells of an address that got paused; it is kept like a click, so
        that it is sent even where nobody can be reached just now.
        """
        given = list({event.id: event for event in events}.values())
        with self._database.writing() as connection:
            self._database.alone(connection, "mail_events")
            new = _keep(connection, given)
            rows = _mails(connection, new)
            _deliver(connection, [event for event in new if event.mail in rows])
            bounces = list(_pause(connection, new, rows))
            acts = [(each.residency, act(each)) for each in bounces if each.residency]
            for residency, done in acts:
                kept.put(connection, residency, done)
        return Taken(new=len(new), acts=tuple(acts))

    def of_mail(self, key: str) -> list[MailEvent]:
        """What was told of one mail, by the provider's time."""
        columns = mail_events.c
        query = (
            select(columns.id, columns.mail, columns.event, columns.at, columns.detail)
            .where(columns.mail == key)
            .order_by(columns.at, columns.id)
        )
        with self._database.reading() as connection:
            return [MailEvent(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's documented name.


def _keep(connection: Connection, events: Sequence[MailEvent]) -> list[MailEvent]:
    """Writes those that nobody has told before, and answers them."""
    known = set[str]()
    for ids in _chunks([event.id for event in events]):
        known |= set(connection.scalars(select(mail_events.c.id).where(mail_events.c.id.in_(ids))))
    new = [event for event in events if event.id not in known]
    if new:
        now = datetime.now(UTC)
        connection.execute(
            insert(mail_events),
            [
                {
                    "id": event.id,
                    "mail": event.mail,
                    "event": event.event,
                    "at": event.at,
                    "detail": event.detail,
                    "received": now,
                }
                for event in new
            ],
        )
    return new


def _mails(connection: Connection, events: Sequence[MailEvent]) -> dict[str, AnyRow]:
    found = dict[str, AnyRow]()
    for keys in _chunks(sorted({event.mail for event in events if event.mail})):
        query = select(
            outbox.c.key,
            outbox.c.receiver,
            outbox.c.notice,
            case((outbox.c.carrier != "", outbox.c.carrier), else_=outbox.c.subject).label("of"),
        )
        rows = connection.execute(query.where(outbox.c.key.in_(keys)))
        found |= {row.key: row for row in rows}
    return found


def _deliver(connection: Connection, events: Sequence[MailEvent]) -> None:
    """The worst that is known of each mail; and a mail of which anything is told was accepted."""
    best = dict[str, MailEvent]()
    for event in events:
        other = best.get(event.mail)
        if other is None or RANK[event.delivery] > RANK[other.delivery]:
            best[event.mail] = event
    for delivery in Delivery:
        told = [event for event in best.values() if event.delivery is delivery]
        if told:
            lesser = [outbox.c.delivery == other for other in outranked(delivery)]
            # One statement for many rows takes no IN.
            change = update(outbox).where(outbox.c.key == bindparam("of"), or_(false(), *lesser))
            change = change.values(delivery=delivery, detail=bindparam("said"))
            connection.execute(change, [{"of": one.mail, "said": one.detail} for one in told])
    sent = {"state": MailState.SENT, "sent": datetime.now(UTC), "not_before": None}
    for keys in _chunks(sorted({event.mail for event in events})):
        accepted = update(outbox).where(outbox.c.key.in_(keys), outbox.c.state == MailState.UNKNOWN)
        connection.execute(accepted.values(sent))


def _pause(
    connection: Connection, events: Sequence[MailEvent], rows: dict[str, AnyRow]
) -> Iterator[Bounce]:
    """Pauses each address that does not take mail; an old address of somebody pauses nobody."""
    bad = {event.mail: event for event in events if event.delivery in BAD and event.mail in rows}
    receivers = persons.many(connection, [rows[key].receiver for key in bad])
    for key, event in bad.items():
        person = receivers.get(rows[key].receiver)
        if person is None or email_key(person.email) != email_key(event.address):
            continue
        reason = f"{event.delivery}: {event.detail}" if event.detail else str(event.delivery)
        change = update(people).where(people.c.id == person.id, people.c.paused == "")
        if connection.execute(change.values(paused=reason)).rowcount:
            yield Bounce(
                person=person.id,
                event=event.id,
                notice=rows[key].notice,
                residency=_newest_open(connection, person.id, or_else=rows[key].of),
            )


def _newest_open(connection: Connection, person: str, *, or_else: str) -> str:
    """A person's newest residency that goes on; of others who get mail, the one it was about."""
    goes_on = select(residencies.c.id).where(residencies.c.ended == "")
    own = goes_on.where(residencies.c.person == person)
    newest = connection.execute(own.order_by(residencies.c.started_at.desc()).limit(1)).scalar()
    found = newest or connection.execute(goes_on.where(residencies.c.id == or_else)).scalar()
    return str(found or "")


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), BULK):
        yield values[start : start + BULK]
