"""The typed calls: sent once, and a sentence for whatever comes of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCStatusCode

import worker
from client import Residencies
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.plan import Plan
from residency.wire import Said, Start
from store.tables import clicks
from tests.called import ACT, AT, residencies, rpc

START = Start(
    residency="r-one",
    person="p-one",
    cohort="c-one",
    cohort_name="one",
    plan=Plan(definition="d", program="tiny", zone="UTC", length="6w", kinds={}),
    first_day=AT.date(),
    coordinators=["p-ana"],
    started=AT,
)


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


@pytest.mark.parametrize("status", [RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED])
async def test_server_without_an_operator_service_has_no_attributes(store, status):
    calls, operator, started = starting(store, rpc(status), rpc(status))

    await calls.start(START)
    await calls.start(START)

    assert [start.without_attributes for start in started] == [True, True]
    assert len(operator) == 1


async def test_server_that_is_away_does_not_decide_about_attributes(store):
    found = SimpleNamespace(custom_attributes={"ResidencyProgram": 1})
    calls, operator, started = starting(store, rpc(RPCStatusCode.UNAVAILABLE), found)

    with pytest.raises(UnavailableError):
        await calls.start(START)
    await calls.start(START)

    assert [start.without_attributes for start in started] == [False]
    assert len(operator) == 2


def starting(store, *answers):
    """Residencies of a server whose operator service answers with these; its calls, and the starts."""
    operator, started, left = [], [], list(answers)

    async def listed(_request):
        operator.append(1)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def start_workflow(_name, start, **_options):
        started.append(start)

    temporal = SimpleNamespace(
        namespace="default",
        operator_service=SimpleNamespace(list_search_attributes=listed),
        start_workflow=start_workflow,
    )
    return Residencies(temporal, store, task_queue="q"), operator, started


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
    house = SimpleNamespace(residencies=lambda _client: calls, intake=intake, store=store)

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


@pytest.mark.parametrize("running", [True, False])
async def test_view_asks_the_server_to_refuse_what_is_over_where_it_must_run(store, running):
    asked = []

    async def query(_name, *, reject_condition, **_options):
        asked.append(reject_condition)
        raise WorkflowQueryRejectedError(WorkflowExecutionStatus.COMPLETED)

    temporal = SimpleNamespace(get_workflow_handle=lambda _id: SimpleNamespace(query=query))
    calls = Residencies(temporal, store, task_queue="q", patience=0.5)

    with pytest.raises(RefusedError, match="r-one"):
        await calls.view("r-one", running=running)

    assert asked == [QueryRejectCondition.NOT_OPEN if running else None]
