"""Deletes all of a rehearsal: its residencies, its people, its record and its mail."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from store import Store
from store.ids import derived


async def discard(store: Store, client: Client, *, data: Path, program: str, name: str) -> None:
    """Deletes the rehearsal of that name, if there is one; a real cohort is never touched."""
    row = await asyncio.to_thread(store.cohorts.get, derived("c", program, name))
    if row is not None:
        for residency in await asyncio.to_thread(store.lists.residencies, cohort=row.id):
            await _delete(client, residency.id)
        await asyncio.to_thread(store.cohorts.discard, row.id)
    folder = data / "rehearsals" / name
    if folder.is_dir():
        await asyncio.to_thread(shutil.rmtree, folder)


async def _delete(client: Client, residency: str) -> None:
    """Ends it, and deletes each of its runs by its own id.

    The server deletes in its own time; a rehearsal that begins meanwhile under the same id has another run.
    """
    with suppress(RPCError):  # it had ended, or never was
        await client.get_workflow_handle(residency).terminate("the rehearsal was discarded")
    async for run in client.list_workflows(f'WorkflowId = "{residency}"'):
        with suppress(RPCError):
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=WorkflowExecution(workflow_id=residency, run_id=run.run_id),
                )
            )
