"""The typed calls: stored first, sent once, and a sentence for whatever comes of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from temporalio.service import RPCError, RPCStatusCode

from client import Residencies
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.wire import Act, Said
from store import Store

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
