"""The typed calls: stored first, sent once, and a sentence for whatever comes of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs
from temporalio.service import RPCError, RPCStatusCode

import worker
from client import Residencies
from residency.errors import RefusedError, ResidencyError, UnavailableError, UnconfirmedError
from residency.plan import Plan
from residency.wire import Act, Said, Start
from store import Store
from store.submissions import Submission
from store.tables import clicks

ACT = Act(id="a-one", verb="note", actor="p-ana", reason="s-1")
AT = datetime(2027, 3, 1, tzinfo=UTC)
WRITTEN = Submission(
    id="s-1", residency="r-one", person="p-ana", form="reason", at=AT, text="a note"
)
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


def nothing_waits(store):
    """Whether that is so within a few seconds."""
    end = monotonic() + 4
    while store.clicks.waiting() and monotonic() < end:
        sleep(0.02)
    return not store.clicks.waiting()


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
