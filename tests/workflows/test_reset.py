"""`temporal workflow reset`: the new run's truth replaces what the former run had recorded."""

from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest


async def reset(resident, client):
    """Resets the residency to its first workflow task, without what people did since."""
    described = await resident.handle.describe()
    history = await resident.handle.fetch_history()
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    first = next(each.event_id for each in history.events if each.event_type == completed)
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=resident.id, run_id=described.run_id),
            reason="a test",
            request_id=str(uuid4()),
            workflow_task_finish_event_id=first,
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
        )
    )


async def test_residency_that_was_reset_goes_on_and_its_record_is_the_new_runs(rehearsal, client):
    resident = await rehearsal.start("tiny")
    await resident.reach("offer")
    await resident.settled()
    before = [each.tag for each in resident.events()]
    mailed = len(resident.mails())

    await reset(resident, client)
    await resident.look()
    await resident.act("note", reason="it was reset")

    again = [each.tag for each in resident.events()]
    assert again[-1] == "note:added"
    assert again[:-1] == before[: len(again) - 1]
    assert len(again) < len(before)
    assert resident.store.record.count(resident.id, void=True) == len(before) - len(again) + 1
    await resident.reach("offer")
    await resident.settled()
    assert len(resident.mails()) == mailed
    assert await resident.finish() == "completed"
