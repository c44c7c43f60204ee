"""The driver: one heap of (time, residency, ring or actor's step), moment by moment.

It never passes something that would have rung: a step that comes too early is refused by the residency
and comes again after the ring. Within a moment residencies go one after the other, in the order of the
people file, so that two runs are equal mail by mail.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from temporalio.client import Client

from client import Residencies
from intake import Applicant, Intake
from rehearsal.actor import Actor
from rehearsal.cast import when_done
from rehearsal.discard import discard
from rehearsal.scene import applies_on, check_goes_on, scene
from rehearsal.script import read_script
from rehearsal.summary import Summary, summarize
from residency.cohort import Cohort
from residency.compile import compile_plan
from residency.errors import RefusedError
from residency.milestones import calendar_of
from residency.wire import Event, Move, OpenTask, Said, Start, Tag
from store import Store
from store.cohorts import CohortRow
from store.ids import derived

APPLY, RING, STEP = range(3)
"""At one time: people apply, then what rings, then who acts."""

DAY = timedelta(days=1)
MAIL_PATIENCE = 120.0
"""Seconds that the end of a rehearsal waits for the last mails."""


@dataclass(frozen=True)
class Options:
    """What `residency rehearse` was asked for."""

    program: str | Path
    cohort: str | None = None
    people: Path | None = None
    cast: Path | None = None
    start: date | None = None  # the first day
    speed: float | None = None  # days per second; None is as fast as it goes
    until: date | None = None
    discard: bool = False
    seats: int | None = None


@dataclass(frozen=True)
class Moment:
    """Something that happened, as the record has it."""

    at: datetime
    residency: str
    name: str
    stage: str
    text: str
    event: Event


@dataclass
class _Path:
    """One residency on its way through the rehearsal."""

    number: int
    applicant: Applicant
    start: Start | None = None
    said: Said | None = None
    planned: set[tuple[str, str, str]] = field(default_factory=set)
    seen: int = 0
    stage: str = "application"


class Rehearsal:
    """Drives one cohort from the first application to the last presentation."""

    def __init__(
        self,
        *,
        store: Store,
        intake: Intake,
        residencies: Residencies,
        client: Client,
        programs: Path,
        data: Path,
        options: Options,
    ) -> None:
        self._store, self._intake, self._residencies = store, intake, residencies
        self._client, self._data, self._options = client, data, options
        self._script = script = read_script(
            options.program, programs, people=options.people, cast=options.cast
        )
        self._definition, self._cast = script.definition, script.cast
        self._heap: list[tuple[datetime, int, tuple[int, str, str, int], Any]] = []
        self._count = 0
        self._tell: Callable[[Moment], None] | None = None

    @property
    def program(self) -> str:
        return self._definition.program.id

    # Setting the scene

    def cohort(self) -> tuple[Cohort, list[Applicant]]:
        """The cohort with a rehearsal's own people, and who applies to it."""
        return scene(self._script, self._options)

    async def run(self, tell: Callable[[Moment], None] | None = None) -> Summary:
        """Runs it to the end, or to `until`; a rehearsal that was broken off is taken up again."""
        began, self._tell = monotonic(), tell
        cohort, applicants = self.cohort()
        if self._options.discard:
            await discard(
                self._store, self._client, data=self._data, program=self.program, name=cohort.name
            )
        row = await asyncio.to_thread(self._open, cohort, applicants)
        self._row = row
        plan = compile_plan(self._definition, cohort)
        self._calendar = calendar_of(plan)
        document = self._store.definitions.get(row.definition)
        self._actor = Actor(self._store, plan, document, self._calendar, row)
        paths = [_Path(number, each) for number, each in enumerate(applicants)]
        for path in paths:
            self._push(self._applies_at(cohort, path.number, len(paths)), APPLY, path, None)
        first = min(entry[0] for entry in self._heap)
        last = await self._drive()
        await self._last_mails(paths)
        await asyncio.to_thread(self._store.cohorts.set_clock, row.id, last)  # For whoever reads.
        return await asyncio.to_thread(
            summarize,
            self._store,
            row,
            [path.start.residency for path in paths if path.start],
            data=self._data,
            days=(last - first).days,
            seconds=monotonic() - began,
        )

    def _open(self, cohort: Cohort, applicants: list[Applicant]) -> CohortRow:
        row = self._intake.open_cohort(self._definition, cohort, rehearsal=True)
        check_goes_on(self._store, row, cohort, applicants)
        return row

    def _applies_at(self, cohort: Cohort, number: int, of: int) -> datetime:
        at = self._calendar.at(applies_on(cohort, number, of), time(10))
        return at + timedelta(minutes=11 * (number % 30))

    def _push(
        self, at: datetime, what: int, path: _Path, task: OpenTask | None, who: str = ""
    ) -> None:
        # Within a moment the order is told by what is done, never by which answer came first.
        self._count += 1
        order = (path.number, task.key if task else "", who, self._count)
        heapq.heappush(self._heap, (at, what, order, (path, task, who)))

    # Driving

    async def _drive(self) -> datetime:
        limit = self._calendar.end_of(self._options.until) if self._options.until else None
        last = min(entry[0] for entry in self._heap)
        while self._heap:
            at, what, _, (path, task, who) = heapq.heappop(self._heap)
            if limit is not None and at >= limit:
                break
            await self._pace(last, at)
            last = max(last, at)
            if what == APPLY:
                await self._apply(path, at)
            elif what == RING:
                await self._ring(path, at)
            else:
                await self._step(path, at, task, who)
        return last

    async def _pace(self, last: datetime, at: datetime) -> None:
        if self._options.speed and at > last:
            await asyncio.sleep((at - last) / DAY / self._options.speed)

    async def _apply(self, path: _Path, at: datetime) -> None:
        answers = path.applicant.answers or self._actor.application()
        applicant = Applicant(**{**path.applicant.__dict__, "answers": answers})
        start = await asyncio.to_thread(
            self._intake.prepare, self._row, applicant, at=at, line=path.number
        )
        path.start = start
        # Taken up again, it goes on; one that has ended must not begin anew.
        if await asyncio.to_thread(self._store.lists.residency, start.residency) is None:
            await self._residencies.start(start)
        try:
            view = await self._residencies.view(start.residency)
            moment = max(view.now, at) if view.now else at
            said = await self._move(path, moment)
        except RefusedError as error:
            if error.code != "ended":
                raise
            return  # taken up again, and over already
        await self._heard(path, said)

    async def _move(self, path: _Path, to: datetime) -> Said:
        assert path.start is not None
        residency = path.start.residency
        move = Move(id=derived("a", residency, to.isoformat(), str(path.seen)), to=to)
        return await self._residencies.move_clock(residency, move)

    async def _ring(self, path: _Path, at: datetime) -> None:
        if path.said is None or path.said.next_at is None or path.said.next_at > at:
            return  # moved, or silenced meanwhile
        try:
            said = await self._move(path, max(at, path.said.now or at))
        except RefusedError as error:
            await self._refused(path, error, at)
            return
        await self._heard(path, said)

    async def _step(self, path: _Path, at: datetime, task: OpenTask | None, who: str) -> None:
        assert task is not None
        assert path.start is not None
        if path.said is None or not any(each.key == task.key for each in path.said.open):
            return
        part = self._actor.part(self._cast, path.start, path.applicant, path.number, task, who)
        for act in self._actor.acts(path.start, task, who, part, at=at):
            try:
                said = await self._residencies.step(path.start.residency, act)
            except RefusedError as error:
                if not await self._try_again(path, at, task, who, error):
                    raise
                return
            await self._heard(path, said)

    async def _try_again(
        self, path: _Path, at: datetime, task: OpenTask, who: str, error: RefusedError
    ) -> bool:
        """A ring that came between, or no seat: the step is played again, otherwise."""
        if error.code == "rings-before":
            await self._refused(path, error, at)
            self._push(at, STEP, path, task, who)
            return True
        if error.code == "no-seat":
            assert path.start is not None
            for act in self._actor.waitlists(path.start, who, at=at):
                said = await self._residencies.step(path.start.residency, act)
                await self._heard(path, said)
            return True
        return error.code in ("ended", "no-open-task", "nothing-pending")

    async def _refused(self, path: _Path, error: RefusedError, at: datetime) -> None:
        """Something rings first: the residency says when, by its view."""
        assert path.start is not None
        if error.code == "ended":
            path.said = None
            return
        view = await self._residencies.view(path.start.residency)
        if view.next_at is not None and view.next_at <= at:
            if path.said is not None:
                path.said.next_at = view.next_at
            self._push(view.next_at, RING, path, None)

    async def _heard(self, path: _Path, said: Said) -> None:
        """Plans what follows from an answer: the next ring, and a step for everybody who is asked."""
        path.said = said
        assert path.start is not None
        if self._tell is not None:
            await asyncio.to_thread(self._report, path)
        if said.next_at is not None:
            self._push(said.next_at, RING, path, None)
        for task in said.open:
            for place, who in enumerate(task.who):
                key = (task.key, task.opened.isoformat(), who)
                if key in path.planned:
                    continue
                path.planned.add(key)
                part = self._actor.part(
                    self._cast, path.start, path.applicant, path.number, task, who, planning=True
                )
                if part.do == "nothing":
                    continue
                at = when_done(
                    task,
                    part,
                    calendar=self._calendar,
                    now=said.now or path.start.started,
                    place=path.number + place,
                )
                self._push(at, STEP, path, task, who)

    def _report(self, path: _Path) -> None:
        assert path.start is not None
        assert self._tell is not None
        for event in self._store.record.events(path.start.residency, after=path.seen):
            path.seen = event.seq
            if event.tag is Tag.STAGE:
                path.stage = str(event.data["stage"])
            text = self._actor.sentence(event)
            if text:
                self._tell(
                    Moment(
                        at=event.at,
                        residency=path.start.residency,
                        name=path.applicant.name,
                        stage=path.stage,
                        text=text,
                        event=event,
                    )
                )

    async def _last_mails(self, paths: list[_Path]) -> None:
        """Waits for the mail, moving the clocks of those who ended to what was kept for a window."""
        until = monotonic() + MAIL_PATIENCE
        for path in paths:
            while path.start is not None and monotonic() < until:
                with suppress(RefusedError):
                    if await self._mailed(path, path.start.residency):
                        break
                await asyncio.sleep(0.02)

    async def _mailed(self, path: _Path, residency: str) -> bool:
        """Whether all mail of a residency is out; one that has ended is then closed."""
        if await self._closed(residency):
            return True
        if path.said is not None and path.said.ended is None:
            return await self._residencies.is_settled(residency)
        view = await self._residencies.view(residency)
        if view.next_at is not None:
            await self._move(path, max(view.next_at, view.now))
        return False

    async def _closed(self, residency: str) -> bool:
        described = await self._client.get_workflow_handle(residency).describe()
        return described.status is not None and described.status.name != "RUNNING"
