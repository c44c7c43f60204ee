"""Tells residencies what a webhook brought, after it was kept; what can't be told now is told later.

The actions are kept like clicks (store/clicks.py) with what caused them, so nothing is lost where
the server is away: they are tried again each minute, when this process begins, and when a worker does.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import structlog

from residency.actions import PROVIDER
from residency.errors import ResidencyError
from residency.wire import Act
from wiring import House

_log: Any = structlog.get_logger("web")
AGAIN: Final = 60.0
"""Seconds until what could not be told is tried once more."""


class Telling:
    """One task in the background, which ends with the application."""

    def __init__(self, house: House, *, again: float = AGAIN) -> None:
        self._house, self._again = house, again
        self._unread = True  # What was kept before this process began is not read yet.
        self._residencies: Any = None
        self._waiting: list[tuple[str, Act]] = []
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._task = asyncio.create_task(self._tell())
        self._task.add_done_callback(_ended)

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, acts: Sequence[tuple[str, Act]]) -> None:
        """Takes actions that are kept already; answers at once."""
        self._waiting += acts
        if self._waiting:
            self._wanted.set()

    async def _tell(self) -> None:
        while True:
            if self._unread:
                self._waiting += await asyncio.to_thread(self._unanswered)
            waiting, self._waiting = self._waiting, []
            left = await self._left(waiting) if waiting else []
            self._waiting = left + self._waiting
            await self._woken(within=self._again if left or self._unread else None)

    async def _woken(self, *, within: float | None) -> None:
        """Until there is something to tell; at most so many seconds, where something waits."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._wanted.wait()
        self._wanted.clear()

    def _unanswered(self) -> list[tuple[str, Act]]:
        try:
            waiting = self._house.store.clicks.waiting()
        except ResidencyError as error:
            _log.warning("web.unanswered_not_read", why=type(error).__name__)
            return []
        self._unread = False
        return [(residency, act) for residency, act in waiting if act.actor == PROVIDER]

    async def _left(self, waiting: list[tuple[str, Act]]) -> list[tuple[str, Act]]:
        """Sends these; what has to be told again."""
        from client import send_each  # noqa: PLC0415  # Slow to import.

        try:
            if self._residencies is None:
                self._residencies = self._house.residencies(await self._house.connect())
        except ResidencyError as error:
            ids = [act.id for _, act in waiting]
            _log.warning("web.bounces_wait", actions=ids, why=type(error).__name__)
            return waiting
        return await send_each(self._residencies, waiting)


def _ended(task: "asyncio.Task[None]") -> None:
    """A task that dies would do so in silence."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("web.telling_died", exc_info=error)
