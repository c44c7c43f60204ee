"""The typed calls: stored first, sent once, and a sentence for whatever comes of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs
from temporalio.service import RPCError, RPCStatusCode

import worker
from client import Residencies
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.wire import Act, Said
from store import Store
from store.tables import clicks

ACT = Act(id="a-one", verb="note", actor="p-ana", reason="s-1")


class Handle:
    """A residency that answers in turn with these: an answer, or an error that it raises."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []

    async def execute_update(self, name, what, **options):
        self.calls.append((name, what, options["id"]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    query = execute_update


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'residency.db'}")
    store.migrate()
    yield store
    store.close()


def residencies(store, *answers, patience=0.5):
    handle = Handle(*answers)
    temporal = SimpleNamespace(get_workflow_handle=lambda _id: handle)
    return Residencies(temporal, store, task_queue="q", patience=patience), handle


def rpc(status):
    return RPCError("no", status, b"")


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


@pytest.mark.parametrize(
    "status",
    [
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.ABORTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.DEADLINE_EXCEEDED,
    ],
)
async def test_what_nobody_knows_yet_is_asked_again_with_the_same_id(store, status):
    calls, handle = residencies(store, rpc(status), rpc(status), Said(code="done"))

    said = await calls.act("r-one", ACT)

    assert said.code == "done"
    assert [what.id for _, what, _ in handle.calls] == ["a-one"] * 3
    assert len({update for _, _, update in handle.calls}) == 1


async def test_new_run_is_asked_again(store):
    calls, handle = residencies(store, Said(code="continuing"), Said(code="done"))

    assert (await calls.act("r-one", ACT)).code == "done"
    assert len({update for _, _, update in handle.calls}) == 2


async def test_click_without_an_answer_is_taken_not_failed(store):
    calls, _ = residencies(store, rpc(RPCStatusCode.UNAVAILABLE), patience=0.2)

    with pytest.raises(UnconfirmedError) as taken:
        await calls.act("r-one", ACT)

    assert str(taken.value) == (
        "Taken, not confirmed yet: r-one has not answered within 0.2 s. "
        "Nothing is lost; it will be recorded once (a-one)."
    )
    assert store.clicks.waiting() == [("r-one", ACT)]


async def test_unanswered_is_sent_again_by_the_next_start(store):
    store.clicks.put("r-one", ACT)
    calls, handle = residencies(store, Said(code="done"))

    assert await calls.send_unanswered() == 1
    assert [what for _, what, _ in handle.calls] == [ACT]
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
    monkeypatch.setattr(store.clicks, "answered", away)
    calls, handle = residencies(store, Said(code="done"))

    said = await calls.act("r-one", ACT)

    assert said.code == "done"
    assert [what for _, what, _ in handle.calls] == [ACT]


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


def away(*_args, **_options):
    raise UnavailableError("The database is locked.")


async def test_one_fault_does_not_hold_up_the_others(store):
    acts = [ACT.model_copy(update={"id": f"a-{n}"}) for n in range(4)]
    for act in acts:
        store.clicks.put("r-one", act)
    broken = update(clicks).where(clicks.c.action == "a-0")
    with store.database.writing() as connection:
        connection.execute(broken.values(act=text("'{no json'")))
    denied = rpc(RPCStatusCode.PERMISSION_DENIED)
    calls, handle = residencies(store, denied, ValueError("odd"), Said(code="done"))

    with capture_logs() as logs:
        number = await calls.send_unanswered()

    assert number == 3
    assert [what.id for _, what, _ in handle.calls] == ["a-1", "a-2", "a-3"]
    assert [act.id for _, act in store.clicks.waiting()] == ["a-1", "a-2"]
    assert [(line["event"], line["action"]) for line in logs] == [
        ("store.click_unreadable", "a-0"),
        ("client.resent_waits", "a-1"),
        ("client.resent_waits", "a-2"),
    ]
    assert all(line["residency"] == "r-one" for line in logs)


async def test_worker_sends_again_while_anything_waits(store, monkeypatch):
    store.clicks.put("r-one", ACT)
    calls, handle = residencies(store, rpc(RPCStatusCode.PERMISSION_DENIED), Said(code="done"))
    monkeypatch.setattr(worker, "RESENDING", 0.01)
    intake = SimpleNamespace(send_waiting=nobody_waits, forget_drafts=lambda at: 0)
    house = SimpleNamespace(residencies=lambda _client: calls, intake=intake)

    resending = asyncio.create_task(worker._send_again(house, None))
    await asyncio.to_thread(until_none_waits, store)
    resending.cancel()
    await asyncio.gather(resending, return_exceptions=True)

    assert [what.id for _, what, _ in handle.calls] == ["a-one"] * 2


async def nobody_waits(_residencies):
    return 0


def until_none_waits(store):
    end = monotonic() + 4
    while store.clicks.waiting() and monotonic() < end:
        sleep(0.02)


async def test_residency_that_nobody_knows(store):
    calls, _ = residencies(store, rpc(RPCStatusCode.NOT_FOUND))

    with pytest.raises(RefusedError) as refused:
        await calls.act("r-one", ACT)

    assert (refused.value.code, str(refused.value)) == (
        "not-found",
        '"r-one" is no residency here; `residency status` lists them.',
    )


async def test_server_that_refuses_us_is_unavailable(store):
    calls, _ = residencies(store, rpc(RPCStatusCode.PERMISSION_DENIED))

    with pytest.raises(UnavailableError) as away:
        await calls.act("r-one", ACT)

    assert str(away.value).startswith("The Temporal server can't be reached")


async def test_query_of_an_unknown_residency(store):
    calls, _ = residencies(store, rpc(RPCStatusCode.NOT_FOUND))
    calls._client.get_workflow_handle = lambda _id: SimpleNamespace(query=_not_found)

    with pytest.raises(RefusedError):
        await calls.view("r-one")


async def _not_found(*_args, **_options):
    raise rpc(RPCStatusCode.NOT_FOUND)


def test_sentence_of_an_answer(store):
    calls, _ = residencies(store, Said(code="done"))
    at = (datetime(2027, 3, 1, 9, tzinfo=UTC) + timedelta(hours=1)).isoformat()

    done = calls.sentence("r-one", Said(code="done"))
    again = calls.sentence("r-one", Said(code="again", data={"by": "p-ana", "at": at}))

    assert done == "r-one: recorded."
    assert again == (
        "Already recorded at 2027-03-01 10:00 UTC, by p-ana; nothing was done again in r-one."
    )
