"""Recorded histories are replayed: a change that would stick a running residency is seen here."""

import base64
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from converter import DATA_CONVERTER
from residency.wire import Act, Assigned, Batch, Judged, Move, Post, Posted, Said, SeatSaid, Start
from workflows.residency import Residency
from workflows.runner import runner

HISTORIES = sorted((Path(__file__).parent.parent / "histories").glob("*.json"))
MOST_BYTES = 400_000
SHAPES = {
    "workflowExecutionStartedEventAttributes": Start,
    "workflowExecutionContinuedAsNewEventAttributes": Start,
}
"""Where a payload of one kind alone stands."""
UPDATES = {"act": Act, "move_clock": Move}
ACTIVITIES = {"notify": (Post, Posted)}


def test_histories_are_recorded():
    names = {path.stem.partition("-")[0] for path in HISTORIES}

    assert names == {"prompt", "late", "continued", "flags", "clock", "former"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_history_is_replayed(path):
    history = WorkflowHistory.from_json("r-replayed", path.read_text())
    replayer = Replayer(
        workflows=[Residency], workflow_runner=runner(), data_converter=DATA_CONVERTER
    )

    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)

    assert result.replay_failure is None
    assert path.stat().st_size <= MOST_BYTES


def test_timers_are_among_what_is_replayed():
    events = json.loads((HISTORIES[0].parent / "clock.json").read_text())["events"]

    kinds = [event["eventType"] for event in events]
    assert {"EVENT_TYPE_TIMER_STARTED", "EVENT_TYPE_TIMER_FIRED"} <= set(kinds)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_payloads_of_a_history_are_decoded(path):
    events = json.loads(path.read_text())["events"]
    scheduled = {}

    decoded = 0
    for event in events:
        for name, attributes in event.items():
            if not name.endswith("EventAttributes"):
                continue
            for model, payloads in shapes(name, attributes, scheduled, event["eventId"]):
                for payload in payloads:
                    decoded += bool(model.model_validate_json(base64.b64decode(payload["data"])))

    assert decoded > 0


def shapes(name, attributes, scheduled, number):
    """The models that the payloads of an event must be, and the payloads."""
    if name in SHAPES:
        yield SHAPES[name], attributes["input"]["payloads"]
    elif name == "workflowExecutionUpdateAcceptedEventAttributes":
        asked = attributes["acceptedRequest"]["input"]
        yield UPDATES[asked["name"]], asked["args"]["payloads"]
    elif name == "workflowExecutionUpdateCompletedEventAttributes":
        if "success" in attributes["outcome"]:
            yield Said, attributes["outcome"]["success"]["payloads"]
    elif name == "activityTaskScheduledEventAttributes":
        scheduled[number] = attributes["activityType"]["name"]
        if scheduled[number] in ACTIVITIES:
            yield ACTIVITIES[scheduled[number]][0], attributes["input"]["payloads"]
    elif name == "activityTaskCompletedEventAttributes":
        kind = scheduled[attributes["scheduledEventId"]]
        if kind in ACTIVITIES:
            yield ACTIVITIES[kind][1], attributes["result"]["payloads"]


@pytest.mark.parametrize(
    ("model", "payload"),
    [
        (Said, '{"code": "done"}'),
        (Posted, "{}"),
        (Assigned, "{}"),
        (SeatSaid, '{"granted": true}'),
        (Judged, "{}"),
        (Act, '{"id": "a-1", "verb": "note", "actor": "p-1", "newer": 1}'),
        (Batch, '{"residency": "r-1", "first": 1, "events": []}'),
    ],
)
def test_sparsest_payload_is_decoded(model, payload):
    assert model.model_validate_json(payload)
