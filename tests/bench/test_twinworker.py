"""The twin gets what ours gets: the same worker options, and exactly as much to do."""

import asyncio
import json

import pytest

from bench import twinworker
from bench.histories import read
from bench.twin import Answer, Done, Journey, PlainTwin, Step
from residency.compile import compile_plan
from residency.definition import load as load_definition
from residency.settings import load
from wiring import House

OWN = {"task_queue", "workflows", "activities", "activity_executor", "workflow_runner", "client"}
PROGRAM = "huggingface-ai-research-residency-2022"


def options(worker):
    told = {name: value for name, value in worker.config().items() if name not in OWN}
    threads = worker.config()["activity_executor"]._max_workers
    return {**told, "threads": threads, "runner": type(worker.config().get("workflow_runner"))}


@pytest.mark.parametrize("part", ["workflow", "mail"])
async def test_worker_options_are_ours(client, tmp_path, part):
    settings = load(data=tmp_path)
    house = House(settings)
    ours = house.workflow_worker(client) if part == "workflow" else house.mail_worker(client)

    twin = (
        twinworker.workflow_worker(client, settings)
        if part == "workflow"
        else twinworker.mail_worker(client)
    )

    assert options(twin) == options(ours)


async def test_twin_does_what_its_steps_say(client):
    definition = load_definition(PROGRAM)
    plan = compile_plan(definition, next(iter(definition.cohorts.values())))
    steps = [Step(kind="review", records=2, mails=1), Step(kind="rung", records=1, mails=0)]
    nothing = Step(kind="start", records=0, mails=0)  # So that the first wait stands at once.
    start = Journey(plan=plan, first=nothing, steps=steps)
    done = Done(
        id="1", verb="complete", actor="p", task="t", submission="s", at="2026-01-01T00:00Z"
    )

    async with twinworker.workflow_worker(client, load()), twinworker.mail_worker(client):
        handle = await client.start_workflow(
            PlainTwin.run, start, id="twin-test", task_queue=twinworker.QUEUE
        )
        while "TIMER_STARTED" not in (await handle.fetch_history()).to_json():  # noqa: ASYNC110  # A server's history has no event.
            await asyncio.sleep(0.05)
        first = await handle.execute_update("act", done, result_type=Answer)
        await handle.execute_update("act", done, result_type=Answer)
        result = await handle.result()
    told = await read(client, "twin-test")
    history = json.loads((await handle.fetch_history()).to_json())
    kinds = [event["eventType"] for event in history["events"]]

    assert (result, told.result, first.step) == ("completed", "completed", 1)
    assert kinds.count("EVENT_TYPE_ACTIVITY_TASK_COMPLETED") == 4
    assert kinds.count("EVENT_TYPE_TIMER_STARTED") == 2
    assert kinds.count("EVENT_TYPE_TIMER_CANCELED") == 2
