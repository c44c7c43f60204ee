"""The one clock: every wait goes to an absolute time, and one timer stands for whatever rings next.

A rehearsal's clock stands still between moves: it starts no timer, and moves when a person moves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from temporalio import workflow

Instant = Callable[[], datetime | None]


class Clock:
    """Knows the time and what waits for it; `rest_until` is what the residency as a whole waits for."""

    def __init__(self, *, rehearsal: bool, at: datetime) -> None:
        self.rehearsal = rehearsal
        self._at = at
        self._waits: dict[int, Instant] = {}
        self._count = 0

    def now(self) -> datetime:
        return self._at if self.rehearsal else workflow.now()

    def set(self, at: datetime) -> None:
        """Moves a rehearsal's clock."""
        self._at = at

    def next_wait(self) -> datetime | None:
        """The earliest instant that a stage waits for."""
        instants = [instant() for instant in self._waits.values()]
        return min((instant for instant in instants if instant is not None), default=None)

    async def wait(self, instant: Instant, done: Callable[[], bool]) -> None:
        """Waits until an instant that may shift meanwhile, or until `done`."""
        self._count += 1
        number = self._count
        self._waits[number] = instant
        try:
            await workflow.wait_condition(lambda: done() or self._reached(instant))
        finally:
            del self._waits[number]

    def _reached(self, instant: Instant) -> bool:
        at = instant()
        return at is not None and at <= self.now()

    async def bell(self, next_at: Instant, ring: Callable[[], None]) -> None:
        """Rings whenever something is due. The standing timer is replaced only when that changes."""
        while True:
            at = next_at()
            if at is not None and at <= self.now():
                ring()
                # What a stage waits for itself comes true in the same turn; then something else is next.
                await workflow.wait_condition(lambda: next_at() != at or self._is_due(next_at()))
                continue
            await self._rest(at, next_at)

    def _is_due(self, at: datetime | None) -> bool:
        return at is not None and at <= self.now()

    async def _rest(self, at: datetime | None, next_at: Instant) -> None:
        changed = lambda: next_at() != at or self._is_due(at)  # noqa: E731  # read twice below
        if self.rehearsal or at is None:
            await workflow.wait_condition(changed)
            return
        try:
            await workflow.wait_condition(changed, timeout=at - self.now(), timeout_summary="what rings next")
        except asyncio.TimeoutError:
            return
