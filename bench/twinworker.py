"""The twin's worker: as many processes as ours, with the same options.

`python -m bench.twinworker ADDRESS` carries the workflows and their records, and starts a second one,
`--only mail`, for the mails.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import tethered
from bench.twin import MAIL_QUEUE, QUEUE, PlainTwin, mail, record
from residency.settings import Settings, load
from wiring import MAIL_THREADS, RECORD_THREADS, build, workflow_runner
from worker import end

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.worker import Worker


def workflow_worker(client: Client, settings: Settings) -> Worker:
    """As `House.workflow_worker`; a test compares their options."""
    from temporalio.worker import Worker  # noqa: PLC0415  # Half a second to import.

    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[PlainTwin],
        activities=[record],
        activity_executor=ThreadPoolExecutor(RECORD_THREADS, thread_name_prefix="record"),
        max_concurrent_activities=RECORD_THREADS,
        max_cached_workflows=settings.cached_workflows,
        max_concurrent_workflow_task_polls=5,
        workflow_runner=workflow_runner(),
        build_id=build(),
    )


def mail_worker(client: Client) -> Worker:
    """As `House.mail_worker`."""
    from temporalio.worker import Worker  # noqa: PLC0415  # As above.

    return Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=[mail],
        activity_executor=ThreadPoolExecutor(MAIL_THREADS, thread_name_prefix="mail"),
        max_concurrent_activities=MAIL_THREADS,
        build_id=build(),
    )


async def main(address: str, *, only_mail: bool) -> None:
    """Works until it is ended."""
    from server import connect  # noqa: PLC0415  # As above.

    settings = load()
    client = await connect(settings, address=address)
    if only_mail:
        await mail_worker(client).run()
        return
    command = [sys.executable, "-m", "bench.twinworker", address, "mail"]
    process, tie = tethered.spawn(command, log=sys.stderr.buffer)
    try:
        await workflow_worker(client, settings).run()
    finally:
        await asyncio.to_thread(end, process, tie)


if __name__ == "__main__":
    from leaving import run_main

    # Whoever starts it in the background may ignore Ctrl-C, and SIGTERM comes to us as that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_main(lambda: main(sys.argv[1], only_mail=sys.argv[2:] == ["mail"]))
