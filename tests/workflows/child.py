"""Both workers in one process, for tests that kill it; the server misses it after one second.

RESIDENCY_TEST_HANG names a tag: once an event of it is committed, and the file `hang` stands in the
data folder, the process writes `committed` beside it and answers nothing any more. It writes
`ready` once it works.
"""

import asyncio
import functools
import os
import time
from datetime import timedelta

import temporalio.worker

import leaving
from residency.settings import load
from store.record import Record
from wiring import House


def _hang_after(tag, data):
    append = Record.append

    def committed(self, batch, **patience):
        append(self, batch, **patience)
        if (data / "hang").exists() and any(event.tag == tag for event in batch.events):
            (data / "committed").touch()
            time.sleep(600)

    Record.append = committed


async def main():
    settings = load()
    if tag := os.environ.get("RESIDENCY_TEST_HANG"):
        _hang_after(tag, settings.data)
    temporalio.worker.Worker = functools.partial(
        temporalio.worker.Worker, sticky_queue_schedule_to_start_timeout=timedelta(seconds=1)
    )
    house = House(settings)
    client = await house.connect()
    async with house.workflow_worker(client), house.mail_worker(client):
        (settings.data / "ready").touch()
        await house.residencies(client).send_unanswered()
        await asyncio.Event().wait()


if __name__ == "__main__":
    leaving.run_main(main)
