"""A provider's events on every database: kept once, carried over, in one transaction."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from residency.wire import Act, Letter
from store.mails import Mail, Settled
from store.posting import Delivery, MailState
from store.tables import residencies
from store.webhooks import MailEvent
from tests.store.batches import person

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)


def put(store, number):
    """A mail of unknown fate."""
    row = Mail(
        subject="r-one",
        notice="welcome",
        occurrence=str(number),
        receiver="p-a",
        at=AT,
        letter=Letter(notice="welcome", to="p-a", occurrence=str(number), at=AT),
    )
    store.outbox.open_many([row], "a-1")
    store.outbox.settle_many("a-1", [Settled(key=row.key, state=MailState.UNKNOWN)])
    return row.key


def an_event(key, id, **change):
    return replace(MailEvent(id=id, mail=key, event="processed", at=AT), **change)


def an_act(bounce):
    return Act(id=f"a-{bounce.event}", verb="bounced", actor="mail", who=[bounce.person])


def test_many_mails_in_one_request(store):
    keys = [put(store, number) for number in range(700)]
    kinds = [Delivery.ACCEPTED, Delivery.DELIVERED]
    events = [
        an_event(key, f"e-{number}", delivery=kinds[number % 2]) for number, key in enumerate(keys)
    ]

    first = store.webhooks.take(events, act=an_act)
    again = store.webhooks.take(events, act=an_act)

    rows = store.outbox.many(keys).values()
    assert (first.new, again.new) == (700, 0)
    assert {row.state for row in rows} == {MailState.SENT}
    assert [row.delivery for row in rows].count(Delivery.DELIVERED) == 350


def test_fault_keeps_nothing(store):
    kept = store.people.add(person("p-a"))
    key = put(store, 1)
    bounce = an_event(key, "e-1", delivery=Delivery.BOUNCED, address=kept.email)

    def broken(_bounce):
        raise ValueError("no action")

    with store.database.writing() as connection:
        connection.execute(residencies.insert(), {"id": "r-one", "person": "p-a"})
    with pytest.raises(ValueError, match="no action"):
        store.webhooks.take([bounce], act=broken)

    assert store.webhooks.of_mail(key) == []
    assert store.people.get("p-a").paused == ""
    assert store.outbox.get(key).state is MailState.UNKNOWN


def test_newest_open_residency_is_told(store):
    kept = store.people.add(person("p-a"))
    key = put(store, 1)
    days = {"r-one": (1, ""), "r-two": (3, ""), "r-new-but-ended": (5, "completed")}
    with store.database.writing() as connection:
        for id, (day, ended) in days.items():
            values = {"id": id, "person": "p-a", "ended": ended, "started_at": AT.replace(day=day)}
            connection.execute(residencies.insert(), values)

    taken = store.webhooks.take(
        [an_event(key, "e-1", delivery=Delivery.DROPPED, address=kept.email.upper())], act=an_act
    )

    assert [residency for residency, _ in taken.acts] == ["r-two"]
    assert store.clicks.waiting() == list(taken.acts)
    assert store.people.get("p-a").paused == "dropped"
