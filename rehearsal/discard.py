"""Deletes all of a rehearsal: its residencies, its people, its record and its mail."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path
from time import monotonic

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from store import Store
from store.ids import derived

DELETING = 20.0
"""Seconds that a rehearsal waits for one of its residencies to be deleted by the server."""


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
    with suppress(RPCError):  # it had ended
        await client.get_workflow_handle(residency).terminate("the rehearsal was discarded")
    with suppress(RPCError):  # it was never there
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=residency),
            )
        )
    await _gone(client, residency)


async def _gone(client: Client, residency: str) -> None:
    """The server deletes in its own time, and one of the same id could not begin before."""
    until = monotonic() + DELETING
    while monotonic() < until:
        try:
            await client.get_workflow_handle(residency).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        await asyncio.sleep(0.05)
