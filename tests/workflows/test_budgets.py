"""What a residency carries: small enough for the longest program, at every boundary."""

import json

from tests.workflows.house import HUGGING_FACE

MOST_STATE = 16 * 1024
MOST_PLAN = 8 * 1024


async def started_with(resident, client):
    """What each run of a residency was started with, the first one's first."""
    found, run_id = [], (await resident.handle.describe()).run_id
    while run_id:
        handle = client.get_workflow_handle(resident.id, run_id=run_id)
        history = await handle.fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        found.insert(0, json.loads(started.input.payloads[0].data))
        run_id = started.continued_execution_run_id
    return found


async def test_state_is_small_at_every_boundary_of_the_longest_program(rehearsal, client):
    resident = await rehearsal.start(
        HUGGING_FACE, change=lambda start: start.model_copy(update={"force_continue": True})
    )

    ended = await resident.finish()

    starts = await started_with(resident, client)
    states = [len(json.dumps(start["state"], separators=(",", ":"))) for start in starts[1:]]
    plans = [len(json.dumps(start["plan"], separators=(",", ":"))) for start in starts]
    assert ended == "completed"
    assert len(states) >= 6
    assert max(states) <= MOST_STATE, states
    assert max(plans) <= MOST_PLAN, plans
