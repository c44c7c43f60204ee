"""Signals of machines: whatever they carry, the residency records it as refused and goes on."""

import asyncio
import json
import logging

import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowUpdateFailedError

from residency.wire import Said, View

SECRET = "Zebediah-Quux"


async def signal(client, resident, *payloads, name="act", encoding="json/plain"):
    """Sends these bytes as a signal, past every converter of ours."""
    made = [Payload(metadata={"encoding": encoding.encode()}, data=data) for data in payloads]
    await client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=resident.id),
            signal_name=name,
            input=Payloads(payloads=made),
            identity="test",
        )
    )


def a_note(resident, **fields):
    act = resident.an_act("note", reason="from a machine").model_dump(mode="json")
    return json.dumps({**act, "at": None, **fields}).encode()


async def refusals(resident, number):
    for _ in range(200):
        events = resident.events("action:refused")
        if len(events) >= number:
            break
        await asyncio.sleep(0.02)
    return [event.data.get("code") for event in events]


BAD = {
    "malformed": b'{"verb": "' + SECRET.encode(),
    "not json": SECRET.encode(),
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "wrong types": json.dumps(
        {"id": 7, "verb": ["note"], "actor": SECRET, "weeks": SECRET}
    ).encode(),
    "missing": json.dumps({"verb": "note", "reason": SECRET}).encode(),
    "bytes": b"\xff\xfe\x00\x01" + SECRET.encode(),
    "naive time": json.dumps(
        {"id": "a", "verb": "note", "actor": "p", "start": "2027-01-01T10:00:00", "outcome": SECRET}
    ).encode(),
    "deep": b"[" * 5000 + b"]" * 5000,
}


@pytest.mark.parametrize("encoding", ["json/plain", "binary/plain", "made/up"])
async def test_signals_that_cannot_be_read_are_refused_and_not_logged(
    rehearsal, client, caplog, encoding
):
    resident = await rehearsal.start("residence")

    with caplog.at_level(logging.DEBUG):
        for data in BAD.values():
            await signal(client, resident, data, encoding=encoding)
        codes = await refusals(resident, len(BAD))
        said = await resident.act("note", reason="still here")

    assert codes == ["malformed"] * len(BAD)
    assert said.code == "done"
    assert SECRET not in caplog.text


async def test_signal_without_and_with_too_many_arguments_is_refused(rehearsal, client):
    resident = await rehearsal.start("residence")

    await signal(client, resident)
    await signal(client, resident, a_note(resident), a_note(resident))

    assert await refusals(resident, 2) == ["malformed", "malformed"]
    assert (await resident.act("note", reason="still here")).code == "done"


async def test_unknown_verb_and_unknown_signal_are_refused(rehearsal, client):
    resident = await rehearsal.start("residence")

    await signal(client, resident, a_note(resident, verb="dance"))
    await signal(client, resident, b"{}", name="sing")

    assert await refusals(resident, 2) == ["unknown-verb", "unknown-verb"]
    # One with a body waits until the story rests, so which of the two is written first is open.
    refused = {event.data["verb"] for event in resident.events("action:refused")}
    assert refused == {"dance", "sing"}


async def test_signal_is_done_once(rehearsal, client):
    resident = await rehearsal.start("residence")
    note = a_note(resident, id="a-twice")

    await signal(client, resident, note)
    await signal(client, resident, note)

    assert await refusals(resident, 1) == ["again"]
    assert [event.action for event in resident.events("note")] == ["a-twice"]
    said = await resident.act("note", id="a-twice", reason="the same by an Update")
    assert said.code == "again"


async def test_refused_signal_says_why(rehearsal, client):
    resident = await rehearsal.start("residence")
    actor = resident.person

    await signal(client, resident, a_note(resident, verb="extend", actor=actor, weeks=1))

    assert await refusals(resident, 1) == ["wrong-stage"]
    (event,) = resident.events("action:refused")
    assert event.data == {"code": "wrong-stage", "verb": "extend", "by": actor}


@pytest.mark.parametrize(
    "shape",
    [{"id": 7, "verb": SECRET}, SECRET, [1, 2], None, {"id": "a", "verb": "note", "weeks": SECRET}],
    ids=["types", "text", "list", "null", "field"],
)
async def test_update_of_a_wrong_shape_fails_and_leaks_nothing(rehearsal, client, caplog, shape):
    resident = await rehearsal.start("residence")

    with caplog.at_level(logging.DEBUG), pytest.raises(WorkflowUpdateFailedError) as failed:
        await asyncio.wait_for(resident.handle.execute_update("act", shape), 8)

    assert SECRET not in f"{failed.value} {failed.value.cause} {caplog.text}"
    assert (await resident.act("note", reason="still here")).code == "done"


async def test_unknown_update_fails_and_the_residency_goes_on(rehearsal):
    resident = await rehearsal.start("residence")

    with pytest.raises(WorkflowUpdateFailedError):
        await asyncio.wait_for(resident.handle.execute_update("dance", {}), 8)

    assert (await resident.act("note", reason="still here")).code == "done"


async def test_update_with_strange_values_is_refused(rehearsal):
    resident = await rehearsal.start("residence")
    task = resident.said.open[0].key

    far = await resident.refused("move-date", task=task, day="9999-12-31")
    early = await resident.refused("first-day", day="0001-01-01", reason="x")
    text = await resident.refused("note", reason="x", item="a\x00b")

    assert [code for code, _ in (far, early, text)] == ["bad-day", "bad-day", "malformed"]


async def test_signal_before_the_story_began_is_kept(rehearsal, client, house):
    """Sent with the start itself, so it comes before the first line of the story."""
    resident = None

    async def before(start):
        await client.start_workflow(
            "Residency",
            start,
            id=start.residency,
            task_queue=house.settings.task_queue,
            start_signal="act",
            start_signal_args=[{"verb": SECRET}],
        )

    kept = rehearsal.residencies.start
    rehearsal.residencies.start = before
    try:
        resident = await rehearsal.start(
            "residence", change=lambda s: s.model_copy(update={"without_attributes": True})
        )
    finally:
        rehearsal.residencies.start = kept

    tags = [event.tag for event in resident.events()]
    assert tags[:2] == ["residency:started", "dates:set"]
    assert await refusals(resident, 1) == ["malformed"]


async def test_queries_answer(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")

    view = await resident.handle.query("view", result_type=View)
    history = await rehearsal.residencies.history(resident.id)
    settled = await resident.handle.query("settled", result_type=bool)

    assert view.stage == "milestones"
    assert [task.key for task in view.open] == [task.key for task in resident.said.open]
    assert view.next_at == resident.said.next_at
    assert history[0].key == "onboarding/item-contract/contract/1"
    assert settled in (True, False)
    assert isinstance(resident.said, Said)


async def test_request_to_cancel_is_refused_and_recorded(rehearsal):
    """Temporal's own pages have a button for it; the server tells a run of it once."""
    resident = await rehearsal.start("residence")
    await resident.handle.cancel()
    await resident.look()
    await resident.handle.cancel()

    said = await resident.act("note", reason="still here")

    refused = [event.data for event in resident.events("action:refused")]
    assert refused == [{"code": "not-an-action", "verb": "cancel"}]
    assert said.code == "done"
    assert await resident.finish() == "completed"
