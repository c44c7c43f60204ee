"""What the store keeps of a click and its answer, and what is promised where it can't."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs
from temporalio.service import RPCStatusCode

from residency.errors import ResidencyError, UnavailableError, UnconfirmedError
from residency.wire import Said
from store import Store
from tests.called import ACT, WRITTEN, away, residencies, rpc


async def test_action_is_stored_before_it_is_sent_and_settled_after(store):
    calls, handle = residencies(store, Said(code="done", seq=3))
    seen = []
    kept = handle.execute_update

    async def spy(*args, **options):
        seen.extend(store.clicks.waiting())
        return await kept(*args, **options)

    handle.execute_update = spy

    said = await calls.act("r-one", ACT)

    assert said.code == "done"
    assert seen == [("r-one", ACT)]
    assert store.clicks.waiting() == []


async def test_click_is_sent_where_the_record_has_it_but_no_answer(store, monkeypatch):
    event = SimpleNamespace(name_of="", actor="p-ana", at=datetime(2027, 3, 1, tzinfo=UTC))
    monkeypatch.setattr(store.record, "action", lambda *_: event)
    calls, handle = residencies(store, Said(code="again"))

    first = await calls.act("r-one", ACT)
    second = await calls.act("r-one", ACT)

    assert len(handle.calls) == 1
    assert first == second == Said(code="again", data={"by": "p-ana", "at": event.at.isoformat()})


async def test_click_is_sent_although_the_database_is_away(store, monkeypatch):
    monkeypatch.setattr(store.clicks, "put", away)
    monkeypatch.setattr(store.clicks, "is_answered", away)
    monkeypatch.setattr(store.database, "writing", away)
    calls, handle = residencies(store, Said(code="done"))

    with capture_logs() as logs:
        said = await calls.act("r-one", ACT)
        store.clicks.flush()

    assert said.code == "done"
    assert [line["event"] for line in logs] == ["client.click_not_kept", "store.answers_not_kept"]
    assert [what for _, what, _ in handle.calls] == [ACT]


async def test_what_was_written_is_kept_with_its_click(store):
    calls, _ = residencies(store, Said(code="done"))

    await calls.act("r-one", ACT, written=[WRITTEN])
    await calls.act("r-one", ACT, written=[replace(WRITTEN, at=WRITTEN.at + timedelta(hours=1))])

    assert store.submissions.get("s-1") == WRITTEN


async def test_click_waits_for_one_write(store, monkeypatch):
    calls, _ = residencies(store, Said(code="done"))
    writes, writing = [], store.database.writing
    monkeypatch.setattr(
        store.clicks, "answered_soon", lambda *_, **__: None
    )  # Nobody waits for it.
    monkeypatch.setattr(
        store.database, "writing", lambda **more: writes.append(1) or writing(**more)
    )

    await calls.act("r-one", ACT, written=[WRITTEN])

    assert len(writes) == 1


async def test_click_whose_text_is_another_is_not_sent(store):
    calls, handle = residencies(store, Said(code="done"))
    await calls.act("r-one", ACT, written=[WRITTEN])

    with pytest.raises(ResidencyError) as refused:
        await calls.act("r-one", ACT, written=[replace(WRITTEN, text="another")])

    assert str(refused.value) == 'The submission "s-1" is kept already, with other answers.'
    assert len(handle.calls) == 1
    assert store.submissions.get("s-1") == WRITTEN


async def test_click_whose_text_can_not_be_kept_is_not_sent(store, monkeypatch):
    monkeypatch.setattr(store.clicks, "put", away)
    calls, handle = residencies(store, Said(code="done"))

    with pytest.raises(UnavailableError):
        await calls.act("r-one", ACT, written=[WRITTEN])

    assert handle.calls == []


async def test_answers_of_a_moment_are_one_write(store, monkeypatch):
    calls, _ = residencies(store, Said(code="done"))
    acts = [ACT.model_copy(update={"id": f"a-{number}"}) for number in range(5)]
    writes, writing = [], store.database.writing
    for act in acts:
        store.clicks.put("r-one", act)
    monkeypatch.setattr(
        store.database, "writing", lambda **more: writes.append(1) or writing(**more)
    )

    await asyncio.gather(*(calls.send("r-one", act) for act in acts))
    store.clicks.flush()

    assert store.clicks.waiting() == []
    assert 1 <= len(writes) <= 2  # The moment may end between them.


async def test_gathered_answers_are_written_soon_and_when_the_store_closes(store):
    calls, _ = residencies(store, Said(code="done"))
    other = Store(str(store.database.url.render_as_string()))

    await calls.act("r-one", ACT)
    soon = await asyncio.to_thread(nothing_waits, other)
    await calls.act("r-one", ACT.model_copy(update={"id": "a-two"}))
    store.close()

    assert (soon, other.clicks.waiting()) == (True, [])
    other.close()


def nothing_waits(store):
    """Whether that is so within a few seconds."""
    end = monotonic() + 4
    while store.clicks.waiting() and monotonic() < end:
        sleep(0.02)
    return not store.clicks.waiting()


async def test_click_that_nobody_kept_promises_less(store, monkeypatch):
    monkeypatch.setattr(store.clicks, "put", away)
    calls, _ = residencies(store, rpc(RPCStatusCode.UNAVAILABLE), patience=0.2)

    with pytest.raises(UnconfirmedError) as taken:
        await calls.act("r-one", ACT)

    assert str(taken.value) == (
        "Taken, not confirmed yet: r-one has not answered within 0.2 s, and the database is away. "
        "Asking again is safe; it will be recorded once (a-one)."
    )


async def test_click_is_kept_when_the_database_is_back_before_its_answer(store, monkeypatch):
    put, times = store.clicks.put, []

    def back_soon(*args, **options):
        times.append(1)
        return put(*args, **options) if len(times) > 1 else away()

    monkeypatch.setattr(store.clicks, "put", back_soon)
    calls, _ = residencies(store, rpc(RPCStatusCode.UNAVAILABLE), patience=0.2)

    with pytest.raises(UnconfirmedError, match="Nothing is lost"):
        await calls.act("r-one", ACT)

    assert store.clicks.waiting() == [("r-one", ACT)]


async def test_new_click_is_not_looked_for_in_the_record(store, monkeypatch):
    monkeypatch.setattr(store.clicks, "is_answered", away)
    monkeypatch.setattr(store.record, "action", away)
    calls, _ = residencies(store, Said(code="done", seq=3))

    said = await calls.act("r-one", ACT)

    assert said.code == "done"
