"""The worker: `python worker.py`, the same as `residency worker`.

This process carries the residencies and their record. Mail is rendered and sent by a second one,
`python worker.py --only mail`, which is tied to this one, and started again when it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

import logs
import tethered
from residency.errors import ResidencyError, UnavailableError
from residency.settings import CHECKOUT, Settings, load
from wiring import House

if TYPE_CHECKING:
    from temporalio.client import Client

ONLY = ("workflows", "mail")
LONGEST_PAUSE = 30.0
"""Seconds between two attempts, at most: to reach the server, to start the mail process."""
STEADY = 60.0
"""A mail process that lived so many seconds was no failure to start: the next one comes at once."""
LOOKING = 60.0
"""Seconds between two looks for mails that somebody asked for on a page and did not get yet."""
RESENDING = 180.0
"""Seconds between two looks for actions that were never answered."""
GRACE = 15.0
"""Seconds that the mail process may take to end what it has begun."""

_log: Any = structlog.get_logger("worker")


async def work(settings: Settings, *, only: str = "", client: Client | None = None) -> None:
    """Works until it is canceled, then ends what it has begun; `only` one of ONLY, or "" for both.

    Where the server or the database can't be reached yet, it says so and tries again.
    """
    house = House(settings)
    try:
        connected = client or await _reached(house)
        _log.info("working", only=only or "all", queue=settings.task_queue, process=os.getpid())
        if only == "mail":
            await _together(house.mail_worker(connected).run(), _send_waiting(house))
        elif only == "workflows":
            await _together(house.workflow_worker(connected).run(), _send_again(house, connected))
        else:
            await _together(
                house.workflow_worker(connected).run(), _send_again(house, connected), _mail()
            )
    finally:
        if (store := vars(house).get("store")) is not None:  # Closing must not make one.
            store.close()
        _log.info("ended", only=only or "all")


async def _reached(house: House) -> Client:
    """A client, and a database with its tables; waits for both, and says what it waits for."""
    pause = 0.5
    while True:
        try:
            await asyncio.to_thread(lambda: house.store)
            return await house.connect()
        except UnavailableError as error:
            _log.warning("waiting", why=str(error), again_in_s=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _together(main: Awaitable[Any], *beside: Awaitable[Any]) -> None:
    """Runs all; when the main part ends, or any fails, the others are canceled and waited for."""
    whole = asyncio.ensure_future(main)
    parts = [whole, *map(asyncio.ensure_future, beside)]
    try:
        while not whole.done():
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
                parts.remove(part)
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)


async def _send_again(house: House, client: Client) -> None:
    """What people did and never got an answer to is sent again, with the same ids, until it has one.

    So is what they applied with; and what was begun and can't be sent any more is forgotten.
    """
    residencies = house.residencies(client)
    while True:
        try:
            number = await residencies.send_unanswered()
            number += await house.intake.send_waiting(residencies)
            await asyncio.to_thread(house.intake.forget_drafts, at=datetime.now(UTC))
            await asyncio.to_thread(house.store.drafts.forget_closed)
        except ResidencyError as error:
            _log.warning("unanswered actions not sent", why=type(error).__name__)
        else:
            if number:
                _log.info("unanswered actions sent again", number=number)
        await asyncio.sleep(RESENDING)


async def _send_waiting(house: House) -> None:
    """What somebody asked for on a page, and could not be sent then, is tried again.

    Here, where mail is sent: the pages may be another process's, and send each at once.
    """
    while True:
        try:
            number = await asyncio.to_thread(house.direct.send_waiting)
        except ResidencyError as error:
            _log.warning("waiting mails not sent", why=type(error).__name__)
        else:
            if number:
                _log.info("waiting mails sent", number=number)
        await asyncio.sleep(LOOKING)


async def _mail() -> None:
    """Keeps a mail process running."""
    pause = 0.5
    while True:
        began = monotonic()
        code = await _mail_process()
        pause = 0.5 if monotonic() - began > STEADY else min(pause * 2, LONGEST_PAUSE)
        _log.warning("mail process ended", code=code, again_in_s=pause)
        await asyncio.sleep(pause)


async def _mail_process() -> int:
    """One mail process, from its start to its end; canceled, it is asked to end."""
    command = [sys.executable, str(CHECKOUT / "worker.py"), "--only", "mail"]
    # Not in a thread: on Linux the process ends with the thread that has started it.
    process, tie = tethered.spawn(command, log=sys.stderr.buffer)
    _log.info("mail process started", process=process.pid)
    try:
        return await asyncio.to_thread(process.wait)
    finally:
        await asyncio.to_thread(end, process, tie)


def end(
    process: subprocess.Popen[bytes],
    tie: subprocess.Popen[bytes] | None = None,
    *,
    grace: float = GRACE,
) -> None:
    """Asks a process that we started to end, and ends it after `grace` seconds."""
    if tie is not None:  # First: it would kill a later process of the same number.
        tie.kill()
        tie.wait()
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def main(*, only: str = "") -> None:
    """A worker process, with the settings of its environment."""
    settings = load()
    logs.configure(settings)
    await work(settings, only=only)


def _only(arguments: list[str]) -> str:
    if not arguments:
        return ""
    if len(arguments) == 2 and arguments[0] == "--only" and arguments[1] in ONLY:
        return arguments[1]
    raise SystemExit(f"Usage: python worker.py [--only {'|'.join(ONLY)}]")


if __name__ == "__main__":
    from leaving import run_main

    # Whoever starts it in the background may ignore Ctrl-C, and SIGTERM comes to us as that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_main(lambda: main(only=_only(sys.argv[1:])), logs=True)
