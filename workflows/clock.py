"""The one clock: every wait goes to an absolute time, and one timer stands for whatever rings next.

A rehearsal's clock stands still between moves: it starts no timer, and moves when a person moves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
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
        return earliest([instant() for instant in self._waits.values()])

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

    async def bell(
        self, is_due: Callable[[], bool], ring: Callable[[], None], next_at: Instant
    ) -> None:
        """Rings whenever a ladder is due; one timer stands for whatever comes next.

        It is replaced only when that changes. What a stage or a letter waits for comes true by itself,
        as soon as the timer has brought the workflow to its time; so no timer is set for what is
        reached, which would ring without end before anybody has looked.
        """
        while True:
            if is_due():
                ring()
                continue
            at = next_at()

            def changed(at: datetime | None = at) -> bool:
                return is_due() or next_at() != at

            if self.rehearsal or at is None or at <= self.now():
                await workflow.wait_condition(changed)
                continue
            # A passed timer ends the wait as well: then something is due, or has come true.
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    changed, timeout=at - self.now(), timeout_summary="what rings next"
                )


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    first: datetime | None = None
    for instant in instants:  # Each wait asks at every turn: `min` of a generator takes longer.
        if instant is not None and (first is None or instant < first):
            first = instant
    return first
