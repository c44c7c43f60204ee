"""Commands start only what is not running: a server, a worker; and end what they have started."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

import tethered
from cli.output import say
from finding import find_binary, given_address
from residency.errors import UnavailableError
from residency.settings import CHECKOUT, Settings
from server import DevServer, connect, running
from wiring import House

if TYPE_CHECKING:
    from temporalio.client import Client

WORKER_SECONDS = 60.0
RECENT = timedelta(seconds=75)
"""A worker asks once a minute; the server lists it for five minutes after its last word."""


@asynccontextmanager
async def running_house(
    settings: Settings, *, worker: bool = True, own: bool = False
) -> AsyncIterator[tuple[House, Client]]:
    """A house and a client of a running server, with a worker that carries its residencies.

    Used is the configured server, or the one that runs on the data folder; where there is none, one
    is started, and a worker where nobody polls. `own`: never a configured one. What was started
    here ends here. Raises UnavailableError.
    """
    async with AsyncExitStack() as stack:
        address = await _server(settings, stack, own=own)
        client = await connect(settings, address=address)
        house = House(settings)
        stack.callback(close, house)
        if worker and not await somebody_polls(client, settings.task_queue):
            await _start_worker(settings, client, stack, address=address)
        yield house, client


def close(house: House) -> None:
    """Closes a house's store, if it has been used."""
    if (store := vars(house).get("store")) is not None:
        store.close()


async def _server(settings: Settings, stack: AsyncExitStack, *, own: bool) -> str | None:
    """The address of a dev server; None where another one is configured."""
    if not own and given_address(settings):
        return None
    found = running(settings.data)
    if found is None:
        binary = find_binary(settings, say=lambda _line: None)
        server = DevServer(binary.path, data=settings.data, namespace=settings.temporal_namespace)
        started = await stack.enter_async_context(server)
        say(f"Started a Temporal server ({started.version}) on {settings.data / 'temporal.db'}.")
        return started.address
    return found.address


async def _start_worker(
    settings: Settings, client: Client, stack: AsyncExitStack, *, address: str | None
) -> None:
    """Starts worker.py, and waits until it polls."""
    from worker import end  # noqa: PLC0415  # Only who starts one needs it.

    if address is not None:
        os.environ["RESIDENCY_TEMPORAL_ADDRESS"] = (
            address  # For the new process; it wins over .env.
        )
    settings.data.mkdir(parents=True, exist_ok=True)
    log = stack.enter_context((settings.data / "worker.log").open("ab"))
    command = [sys.executable, str(CHECKOUT / "worker.py")]
    process, tie = tethered.spawn(command, log=log)
    stack.push_async_callback(asyncio.to_thread, end, process, tie)
    until = monotonic() + WORKER_SECONDS
    while not await somebody_polls(client, settings.task_queue):
        if process.poll() is not None or monotonic() > until:
            raise UnavailableError(
                f"The worker that was started here did not begin to work; "
                f"{settings.data / 'worker.log'} says why."
            )
        await asyncio.sleep(0.1)
    say(f"Started a worker; it writes to {settings.data / 'worker.log'}.")


async def somebody_polls(client: Client, task_queue: str, *, activities: bool = False) -> bool:
    """Whether a worker that carries residencies is there, and still alive as far as we can see.

    `activities`: whether one is there that does activities alone, as the mail process.
    """
    from temporalio.api.enums.v1 import TaskQueueType  # noqa: PLC0415  # Slow to import.
    from temporalio.api.taskqueue.v1 import TaskQueue  # noqa: PLC0415  # As above.
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest  # noqa: PLC0415  # As above.
    from temporalio.service import RPCError  # noqa: PLC0415  # As above.

    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        if activities
        else TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(asked)
    except RPCError as error:
        raise UnavailableError(
            f"The Temporal server can't be asked who works: {error.message[:200]}"
        ) from error
    oldest = datetime.now(UTC) - RECENT
    return any(
        poller.last_access_time.ToDatetime(tzinfo=UTC) > oldest and _lives(poller.identity)
        for poller in answer.pollers
    )


def _lives(identity: str) -> bool:
    """A worker of this machine is known by its process; of others we believe the server."""
    pid, _, host = identity.partition("@")
    if host != socket.gethostname() or not pid.isdigit():
        return True
    return tethered.alive(int(pid))
