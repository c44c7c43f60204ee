"""Waiting until somebody works on a task queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from residency.errors import UnavailableError

if TYPE_CHECKING:
    from temporalio.client import Client

SECONDS = 90.0


async def until_polled(client: Client, queue: str, kind: str, *, check: Callable[[], None]) -> None:
    """Waits for a poller of a queue's `workflow` or `activity` tasks; `check` raises to end it."""
    from temporalio.api.enums.v1 import TaskQueueType  # noqa: PLC0415  # Slow to import.
    from temporalio.api.taskqueue.v1 import TaskQueue  # noqa: PLC0415  # As above.
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest  # noqa: PLC0415  # As above.

    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.Value(f"TASK_QUEUE_TYPE_{kind.upper()}"),
    )
    until = monotonic() + SECONDS
    while not (await client.workflow_service.describe_task_queue(asked)).pollers:
        check()
        if monotonic() > until:
            raise UnavailableError(f'Nobody works on the queue "{queue}" after {SECONDS:g} s.')
        await asyncio.sleep(0.1)
