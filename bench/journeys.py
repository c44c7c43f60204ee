"""One of our journeys: everybody acts as soon as they can, by the rehearsal's clock.

A person acts one minute after a task opened, or when the next business day begins; what rings before
that rings first. Mail is not waited for, as in a rehearsal (a letter that was kept for a window which has
come meanwhile rings then). With `rungs` nobody acts before so many rungs of the task's ladder have rung.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio.client import WorkflowExecutionStatus

from rehearsal.cast import Part
from residency.dates import Offset
from residency.errors import RefusedError, ResidencyError
from residency.wire import Move, OpenTask, Said, Tag
from store.ids import derived
from store.submissions import Submission

if TYPE_CHECKING:
    from bench.scene import Scene
    from residency.wire import Start

MINUTE = timedelta(minutes=1)
PASSES = Part()
PAUSE = 0.05
"""Seconds between two looks whether a residency has begun."""
LAST_MAIL = 0.5
"""Seconds after which a residency that has ended, but not closed, is asked what it waits for."""


@dataclass
class Driven:
    """What the driver did in one journey."""

    residency: str
    acts: list[str] = field(default_factory=list)  # action ids, in order
    kinds: list[str] = field(default_factory=list)  # of the tasks they were about
    moved: list[datetime] = field(default_factory=list)  # where the clock was moved to
    queries: int = 0
    refused: int = 0
    rings: int = 0  # how often another instant came to be the next that rings


class Journey:
    """Drives one residency from the application to its end, one call at a time."""

    def __init__(self, scene: Scene, number: int, *, rungs: int = 0) -> None:
        self._scene, self._number, self._rungs = scene, number, rungs
        self._acted: set[tuple[str, str, str]] = set()
        self._rung: Counter[str] = Counter()
        self._next: datetime | None = None
        self._start: Start
        self.driven = Driven(residency="")

    async def run(self) -> Driven:
        """Applies, acts and waits until the residency has ended and its last mail is sent."""
        self._start = await asyncio.to_thread(self._scene.apply, self._number)
        self.driven.residency = self._start.residency
        await self._scene.residencies.start(self._start)
        said = await self._begun()
        while said.ended is None:
            said = await self._go_on(said)
        await self._close()
        return self.driven

    async def _begun(self) -> Said:
        """What is open once it has begun; by Query, because a real start needs no move either."""
        while not (said := await self._asked()).open:  # noqa: ASYNC110  # It begins in another process.
            await asyncio.sleep(PAUSE)
        return said

    async def _go_on(self, said: Said) -> Said:
        """One action, or else one move of the clock."""
        assert said.now is not None
        at = self._scene.calendar.window(said.now + MINUTE)
        if said.next_at is not None and said.next_at != self._next:
            self.driven.rings += 1
        self._next = said.next_at
        found = next(
            (
                (task, who)
                for task in said.open
                for who in task.who
                if (task.key, str(task.opened), who) not in self._acted and self._may(task)
            ),
            None,
        )
        if found is not None and (said.next_at is None or said.next_at > at):
            return await self._act(*found, at=at)
        if said.next_at is None:
            raise ResidencyError(f"{self.driven.residency} waits for nothing and nobody.")
        return await self._move(max(said.next_at, said.now))

    async def _act(self, task: OpenTask, who: str, *, at: datetime) -> Said:
        step = (task.key, str(task.opened), who)
        self._acted.add(step)
        said, written = Said(code=""), list[Submission]()
        acts = self._scene.actor.acts(self._start, task, who, PASSES, at=at, write=written.append)
        for act in acts:
            call = self._scene.residencies.act(self.driven.residency, act, written=written)
            answer = await self._unless_rings(call)
            if answer is None:
                self._acted.discard(step)
                return await self._asked()
            said = answer
            self.driven.acts.append(act.id)
            self.driven.kinds.append(task.kind)
        return said

    async def _move(self, to: datetime) -> Said:
        number = str(len(self.driven.moved) + self.driven.refused)
        move = Move(id=derived("a", self.driven.residency, to.isoformat(), number), to=to)
        call = self._scene.residencies.move_clock(self.driven.residency, move)
        answer = await self._unless_rings(call)
        if answer is not None:
            self.driven.moved.append(to)
        said = answer or await self._asked()
        if self._rungs:
            await asyncio.to_thread(self._count_rungs)
        return said

    async def _unless_rings(self, call: Awaitable[Said]) -> Said | None:
        """The answer; None where a letter was kept meanwhile, and rings first."""
        try:
            return await call
        except RefusedError as error:
            if error.code != "rings-before":
                raise
            self.driven.refused += 1
            return None

    async def _asked(self) -> Said:
        """What is open and what rings; by Query, which costs no event."""
        self.driven.queries += 1
        view = await self._scene.residencies.view(self.driven.residency, running=True)
        return Said(code="", now=view.now, next_at=view.next_at, open=view.open, ended=view.ended)

    async def _close(self) -> None:
        """Waits for the end of the workflow; a mail that is kept for a send window needs the clock."""
        handle = self._scene.client.get_workflow_handle(self.driven.residency)
        ended = asyncio.create_task(handle.result())
        try:
            while not (await asyncio.wait([ended], timeout=LAST_MAIL))[0]:
                try:
                    said = await self._asked()
                    if said.next_at is not None:
                        await self._move(said.next_at)
                except RefusedError:  # It closed between the two.
                    self.driven.refused += 1
                    described = await handle.describe()
                    if described.status is WorkflowExecutionStatus.RUNNING:
                        raise
            await ended
        finally:
            ended.cancel()

    # Late

    def _may(self, task: OpenTask) -> bool:
        """Whether it is late enough to act."""
        return self._rung[f"{task.key}@{task.opened}"] >= self._needed(task)

    def _needed(self, task: OpenTask) -> int:
        """So many rungs, or as many as there are before the task lapses."""
        kind = self._scene.plan.kinds.get(task.kind)
        if not self._rungs or kind is None or not kind.ladder or task.due is None:
            return 0
        if not kind.lapse:
            return self._rungs if kind.ladder[-1].every else min(self._rungs, len(kind.ladder))
        before = [rung for rung in kind.ladder if _days(rung.on) < _days(kind.lapse)]
        return min(self._rungs, len(before))

    def _count_rungs(self) -> None:
        """How many rungs of each task have rung, by the record; skipped ones count as rung."""
        opened: dict[str, datetime] = {}
        for event in self._scene.house.store.record.events(self.driven.residency):
            if event.tag in (Tag.OPENED, Tag.REOPENED):
                opened[event.task] = event.at
            elif event.tag is Tag.RANG:
                self._rung[f"{event.task}@{opened[event.task]}"] = int(str(event.data["rung"])) + 1


def _days(offset: str) -> int:
    parsed = Offset.parse(offset)
    return parsed.sign * parsed.span.count
