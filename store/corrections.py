"""Corrected addresses: the one thing that a record changes outside of its residency.

So they are not wiped with its projections, but given back where a correction was voided.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from residency.wire import Event, Tag
from store import people, submissions
from store.tables import events, grants


def take_address(connection: Connection, event: Event) -> None:
    """A corrected address is in the submission; one that belongs to somebody else is not taken.

    Where somebody else than the person corrects it, mail went to a wrong mailbox: the links that lie
    there end.
    """
    person = people.get(connection, str(event.data.get("person") or ""))
    submission = submissions.get(connection, event.submission)
    email = str(submission.answers.get("email") or "") if submission is not None else ""
    if person is None or not email:
        return
    other = people.by_email(connection, email, rehearsal=person.rehearsal)
    if other is None or other.id == person.id:
        people.set_email(connection, person.id, email, given=False)
        if event.actor not in ("", person.id):
            links = (grants.c.person == person.id) & grants.c.revoked_at.is_(None)
            connection.execute(update(grants).where(links).values(revoked_at=datetime.now(UTC)))


def give_back_address(connection: Connection, residency: str, person: str) -> None:
    """After a correction was voided: the latest that stands, else the address given at first."""
    stands = (
        select(events.c.seq, events.c.at, events.c.data, events.c.submission)
        .where(events.c.residency == residency, events.c.void == 0, events.c.tag == Tag.ADDRESS)
        .order_by(events.c.seq)
    )
    people.restore_email(connection, person)
    for row in connection.execute(stands).all():
        if row.data.get("person") == person:
            take_address(
                connection,
                Event(
                    seq=row.seq,
                    at=row.at,
                    tag=Tag.ADDRESS,
                    submission=row.submission,
                    data=row.data,
                ),
            )
