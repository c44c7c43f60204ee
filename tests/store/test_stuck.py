"""Which residencies may be stuck."""

from datetime import UTC, datetime, timedelta

from residency.wire import Act
from store.stuck import PATIENCE, suspects
from tests.store.batches import AT, R, batch, started

LONG_AGO = AT - timedelta(days=1)


def told(store, *, residency=R, next_at=None, **data):
    store.record.append(batch(started(**data), residency=residency, next_at=next_at))


def test_action_without_an_answer_names_its_residency(store):
    told(store)
    store.clicks.put(R, Act(id="a-1", verb="note", actor="p-a"))

    now = datetime.now(UTC)
    soon, late = suspects(store.database, now=now), suspects(store.database, now=now + 2 * PATIENCE)

    assert soon == []
    assert [(one.residency, one.action) for one in late] == [(R, "a-1")]


def test_answered_action_is_no_suspicion(store):
    told(store)
    store.clicks.put(R, Act(id="a-1", verb="note", actor="p-a"))
    store.clicks.answered("a-1", code="done")

    assert suspects(store.database, now=datetime.now(UTC) + 2 * PATIENCE) == []


def test_ring_that_nothing_followed_is_one_but_not_in_a_rehearsal(store):
    told(store, next_at=LONG_AGO)
    told(store, residency="r-bbbbbbbb", next_at=LONG_AGO, rehearsal=True)
    told(store, residency="r-cccccccc", next_at=AT + timedelta(days=1))

    assert [(one.residency, one.since) for one in suspects(store.database, now=AT)] == [
        (R, LONG_AGO)
    ]
