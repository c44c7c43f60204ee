"""What the stages are told with: ask, tell, decide, until, together, and the boundaries between them.

A story can always be run again from its first line over the carried board: what was asked is remembered
there and answers at once. So no stage keeps a position of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.decisions import release_task, set_pending
    from residency.exits import end
    from residency.tasks import Board, task_key
    from residency.wire import (
        Assign,
        Assigned,
        Exit,
        Judge,
        Judged,
        Pending,
        Scalar,
        SeatSaid,
        SeatWanted,
        Start,
        State,
        Tag,
        Task,
    )

from workflows.clock import Clock, Instant
from workflows.policies import StoreCalls

T = TypeVar("T")


class Ended(Exception):  # noqa: N818  # Not a fault, but an answer.
    """The residency has ended; every wait of the story raises it, and `run` catches it once."""


class Story:
    """One residency as its stages see it."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.plan = start.plan
        state = start.state
        at = state.now if state and state.now else start.started
        self.clock = Clock(rehearsal=start.rehearsal, at=at)
        self.board = Board(start, self.clock.now)
        self.state = self.board.state
        self.dates = self.board.dates
        self.chapter = ""  # the stage that is being told, which a story told again passes once more
        self.continuing = False
        self.store = StoreCalls()
        self.asking = 0  # how many questions to the store have no answer yet
        self.passed = 0  # how many waits are behind it, so that one sees whether it still goes on

    # Stages

    def enter(self, stage: str) -> None:
        """Begins a stage; entering it again only says which one is being told."""
        self.chapter = stage
        entered = f"entered:{stage}"
        if entered not in self.state.told:
            self.state.told.append(entered)
            self.state.stage = stage
            self.board.write(Tag.STAGE, stage=stage)

    async def boundary(self) -> None:
        """Where a residency may continue as new: between two stages."""
        info = workflow.info()
        wanted = (
            info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )
        force = self.start.force_continue and f"run:{self.chapter}" not in self.state.told
        if force:
            self.state.told.append(f"run:{self.chapter}")
        if wanted or force:
            self.continuing = True
            await workflow.wait_condition(lambda: False)  # `run` ends this run

    # Waiting

    async def wait(self, condition: Callable[[], bool]) -> None:
        """Waits for something on the board; Ended when the residency ends first."""
        await workflow.wait_condition(lambda: self.state.ended is not None or condition())
        self.passed += 1
        self._leave_if_ended()

    async def until(self, instant: Instant, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Waits for an instant, computed anew whenever dates shift; `unless` ends the wait early."""
        await self.clock.wait(instant, lambda: self.state.ended is not None or unless())
        self.passed += 1
        self._leave_if_ended()

    async def rest(self) -> None:
        """Waits until the story has gone as far as it can go now.

        What is true together wakes together, and a story that is told again passes one remembered
        answer a turn; so it rests once two turns of the loop have brought nothing more.
        """
        still = 0
        while still < 2:
            before = (self.passed, self.state.seq)
            await workflow.wait_condition(lambda: not self.asking)
            still = still + 1 if before == (self.passed, self.state.seq) else 0

    def _leave_if_ended(self) -> None:
        if self.state.ended is not None:
            raise Ended

    def end(self, how: Exit) -> None:
        """Ends the residency here; what is open is waived, everybody concerned is told."""
        end(self.board, how)
        raise Ended

    # Asking and telling

    async def ask(
        self,
        kind: str,
        *,
        stage: str = "",
        item: str = "",
        round: int = 1,
        who: list[str] | None = None,
        anchor: str = "",
        span: str = "",
        day: date | None = None,
        notice: str = "",
        more: Mapping[str, Scalar] | None = None,
    ) -> Task:
        """Opens a task, tells its people, climbs its ladder, and returns what came of it.

        Asked again, with the same stage, item and round, it answers at once.
        """
        key = task_key(stage or self.chapter, kind, item=item, round=round)
        self.board.open(key, who=who, anchor=anchor, span=span, day=day, notice=notice, more=more)
        await self.wait(lambda: self._closed(key))
        return self.state.tasks[key]

    def _closed(self, key: str) -> bool:
        task = self.state.tasks.get(key)
        return task is not None and task.state is not State.OPEN

    def tell(
        self,
        notice: str,
        to: Iterable[str] | None = None,
        *,
        about: str = "",
        **data: Scalar,
    ) -> None:
        """Tells people something once, however often the story is run; the person where nobody is named."""
        occurrence = about or self.chapter
        told = f"{notice}/{occurrence}"
        if told in self.state.told:
            return
        self.state.told.append(told)
        people = [self.start.person] if to is None else to
        self.board.tell(notice, people, occurrence, more=data)

    async def decision(
        self,
        kind: str,
        *,
        item: str = "",
        prepared: str = "",
        at_once: Iterable[str] = (),
        release: str = "",
        anchor: str = "",
    ) -> str:
        """A coordinator's decision, once it takes effect: asked, pending, released, cooled off.

        What is in `at_once` needs no release, because nobody is told. `prepared` waits for its release
        without being asked for; a coordinator may still decide otherwise until then.
        """
        place = f"{self.chapter}/{item}"
        remembered = f"decided:{place}:{kind}"
        round = 1
        while remembered not in self.state.facts:
            if prepared and round == 1:
                outcome = prepared
                if place not in self.state.pending and f"prepared:{place}" not in self.state.told:
                    self.state.told.append(f"prepared:{place}")
                    set_pending(self.board, place, prepared)
            else:
                asked = await self.ask(kind, item=item, round=round, anchor=anchor)
                outcome = asked.outcome
                if outcome in at_once:
                    self._effective(place, remembered, outcome)
                    break
                if (
                    place not in self.state.pending
                    and f"pending:{place}:{round}" not in self.state.told
                ):
                    self.state.told.append(f"pending:{place}:{round}")
                    set_pending(self.board, place, outcome, by=asked.by, why=asked.submission)
            await self._released(
                place, item=item, round=round, release=release, at_once=tuple(at_once)
            )
            pending = self.state.pending.get(place)
            if pending is not None:
                self._effective(place, remembered, pending.outcome)
            round += 1
        return str(self.state.facts[remembered])

    def _effective(self, place: str, remembered: str, outcome: str) -> None:
        stage, _, item = place.partition("/")
        self.state.pending.pop(place, None)
        self.state.facts[remembered] = outcome
        self.board.write(Tag.EFFECTIVE, stage=stage, item=item, outcome=outcome)
        for key, _ in self.board.open_tasks():
            if release_task(key, place):
                self.board.waive(key)

    async def _released(
        self, place: str, *, item: str, round: int, release: str, at_once: tuple[str, ...]
    ) -> None:
        """Waits until a pending decision may take effect, or was taken back."""
        pending = self.state.pending.get(place)
        if pending is not None and pending.released is None:
            if release == "automatic" and await self._may_go(pending):
                window = self.dates.calendar.window(self.clock.now())
                pending.released = window
                self.board.write(
                    Tag.RELEASED,
                    stage=self.chapter,
                    item=item,
                    outcome=pending.outcome,
                    tells_at=window.isoformat(),
                )
            elif place in self.state.pending:
                key = task_key(self.chapter, "release", item=item, round=round)
                self.board.open(key)

        def settled() -> bool:
            pending = self.state.pending.get(place)
            if pending is None:
                return True
            # What a rule prepared has no author, and is told only once a person has released it.
            return bool(pending.by) and pending.released is None and pending.outcome in at_once

        def tells_at() -> datetime | None:
            pending = self.state.pending.get(place)
            return pending.released if pending else None

        await self.until(tells_at, unless=settled)

    # People and seats

    async def appoint(
        self, role: str, *, item: str = "", count: int, but: Iterable[str] = (), stage: str = ""
    ) -> list[str]:
        """People of the cohort's pool for a role; where it has nobody left a coordinator names them."""
        name = f"{role}/{item}" if item else role
        if not self.state.roles.get(name) and count:
            wanted = Assign(
                residency=self.start.residency,
                cohort=self.start.cohort,
                track=self.start.track,
                role=role,
                item=item,
                count=count,
                but=list(but),
            )
            assigned: Assigned = await self._soon("assign", wanted, Assigned)
            if assigned.who and not self.state.roles.get(name):
                self.board.appoint(role, assigned.who, item=item)
            elif not assigned.who:
                await self.ask("appoint", stage=stage, item=f"{role}.{item}" if item else role)
        self._leave_if_ended()
        return self.state.roles.get(name, [])

    async def judged(self, requirements: list[str], *, round: int) -> None:
        """What the answers alone say of these requirements is put among the facts."""
        asked = f"judged:{round}"
        if not requirements or asked in self.state.told:
            return
        submission = str(self.state.facts.get("application") or self.start.application)
        judge = Judge(
            residency=self.start.residency,
            definition=self.plan.definition,
            submission=submission,
            requirements=requirements,
        )
        said: Judged = await self._soon("judge", judge, Judged)
        self.state.told.append(asked)
        for requirement in sorted(said.results):
            self.state.facts[f"met:{requirement}"] = said.results[requirement]

    async def take_seat(self) -> SeatSaid:
        """Asks for a seat and keeps it, unless the residency ended meanwhile."""
        said = await self.seat()
        if said.granted:
            self.board.write(Tag.SEAT_GRANTED)
            self.state.granted = self.state.ended is None
            if not self.state.granted:
                self.board.write(Tag.SEAT_FREED)
        return said

    async def _may_go(self, pending: Pending) -> bool:
        """Whether a decision can be released without a person: an acceptance needs a seat."""
        if pending.outcome != "accept" or self.state.granted:
            return True
        said = await self.take_seat()
        self._leave_if_ended()
        if not any(each is pending for each in self.state.pending.values()):
            # It was taken back, or decided otherwise, while the store was asked.
            if said.granted:
                self.state.granted = False
                self.board.write(Tag.SEAT_FREED)
            return False
        return said.granted

    async def seat(self) -> SeatSaid:
        """Asks for a seat; the store counts in one transaction, and answers the same when asked again."""
        wanted = SeatWanted(
            residency=self.start.residency, cohort=self.start.cohort, track=self.start.track
        )
        said: SeatSaid = await self._soon("seat", wanted, SeatSaid)
        return said

    async def _soon(self, name: str, asked: Any, result_type: type[Any]) -> Any:
        """Asks the store; the residency is not quiet meanwhile."""
        self.asking += 1
        try:
            return await self.store.call(name, asked, result_type)
        finally:
            self.asking -= 1
            self.passed += 1

    # Several at once

    def together(self) -> Together:
        return Together(self)

    async def beside(self, part: Coroutine[Any, Any, Any], main: Coroutine[Any, Any, T]) -> T:
        """Runs `main` with a part beside it that is dropped when `main` is over."""
        aside, whole = asyncio.create_task(part), asyncio.create_task(main)
        try:
            await workflow.wait_condition(lambda: whole.done() or failed(aside))
            self.passed += 1
            return whole.result() if whole.done() else aside.result()
        finally:
            aside.cancel()
            whole.cancel()


class Together:
    """Parts of the story that go on side by side; an error or an ending in one ends them all."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._parts: list[asyncio.Task[Any]] = []

    def start(self, part: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begins a part; whoever waits for it alone asks whether it is done."""
        self._parts.append(begun := asyncio.create_task(part))
        return begun

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await workflow.wait_condition(self._over)
                self._story.passed += 1
                for part in self._parts:
                    if part.done():
                        part.result()
        finally:
            for part in self._parts:
                part.cancel()

    def _over(self) -> bool:
        done = [part for part in self._parts if part.done()]
        return len(done) == len(self._parts) or any(map(failed, done))


def failed(part: asyncio.Task[Any]) -> bool:
    """Whether a part has raised something (an ending too)."""
    return part.done() and not part.cancelled() and part.exception() is not None
