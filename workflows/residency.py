"""The Residency workflow: its handlers, and the story from the first line to the last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from residency.effects import perform
    from residency.flags import follow_hearings
    from residency.postponing import drop_moot
    from residency.preview import preview, seat_wanted
    from residency.refusals import Refusal, Repeated, never, refusal
    from residency.tasks import Board
    from residency.wire import EDITION, Act, Closed, Move, Preview, Said, Start, Tag, View

from workflows.attributes import Attributes
from workflows.chapters import tell, undisturbed
from workflows.clock import earliest
from workflows.post import Carrier, Recorder
from workflows.story import Story, failed


@workflow.defn(name="Residency")
class Residency:
    """Carries one person from the application to the final presentation."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._start = start
        self._story = Story(start)
        self._board: Board = self._story.board
        self._recorder = Recorder(self._story)
        self._carrier = Carrier(self._story, self._recorder)
        self._recorder.next_at = self._next_step
        self._recorder.show = Attributes(start, self._board).show
        self._turn = asyncio.Lock()
        self._begun = False
        self._rerun = False
        self._working = 0  # handlers, of which so many only wait for quiet
        self._resting = 0

    @workflow.run
    async def run(self, start: Start) -> str:  # noqa: ARG002  # __init__ has it already
        """Returns how it ended."""
        life = asyncio.create_task(self._live())
        return await undisturbed(
            life, lambda: self._refuse("not-an-action", verb="cancel", actor="")
        )

    async def _live(self) -> str:
        """The story, the two carriers and the bell live and die together."""
        clock = self._story.clock
        beside = [
            asyncio.create_task(self._recorder.carry()),
            asyncio.create_task(self._carrier.carry()),
            asyncio.create_task(clock.bell(self._board.is_ringing, self._ring, self._next_at)),
        ]
        self._begin()
        while True:
            story = asyncio.create_task(tell(self._story))
            await self._until_over(story, beside)
            if self._rerun and not story.done():
                self._rerun = False
                story.cancel()
                await workflow.wait_condition(story.done)  # two of them must not go side by side
                continue
            break
        for part in [story, *beside]:
            if failed(part):
                part.result()
        if self._story.continuing and self._story.state.ended is None:
            await self._continue_as_new(beside)
        await workflow.wait_condition(lambda: self._settled() or any(map(failed, beside)))
        for part in beside:
            if failed(part):
                part.result()
            part.cancel()
        assert self._story.state.ended is not None
        return self._story.state.ended.value

    async def _until_over(
        self, story: asyncio.Task[None], beside: list[asyncio.Task[None]]
    ) -> None:
        await workflow.wait_condition(
            lambda: (
                story.done() or self._rerun or self._story.continuing or any(map(failed, beside))
            )
        )

    def _begin(self) -> None:
        start = self._start
        if self._board.state.seq == 0:
            self._board.write(
                Tag.STARTED,
                submission=start.application,
                program=start.plan.program,
                definition=start.plan.definition,
                cohort=start.cohort,
                cohort_name=start.cohort_name,
                track=start.track,
                person=start.person,
                rehearsal=start.rehearsal,
            )
            first, last = self._story.dates.first_day, self._story.dates.last_day
            self._board.write(Tag.DATES, first=first.isoformat(), last=last.isoformat())
        self._begun = True

    # What rings

    def _next_step(self) -> datetime | None:  # A mail that leaves brings nothing further.
        return earliest([self._story.clock.next_wait(), self._board.next_ring()])

    def _next_at(self) -> datetime | None:
        return earliest([self._next_step(), self._board.tray.next_opening()])

    def _next_what(self) -> str:
        """What happens at `_next_at`: `mail`, `reminder KEY`, `lapse KEY`, or `stage`, which waits for it."""
        at = self._next_at()
        if at is None:
            return ""
        if at == self._board.tray.next_opening():
            return "mail"
        return self._board.ladders.rings_at(at) or "stage"

    def _ring(self) -> None:
        self._board.ring()
        follow_hearings(self._board)
        drop_moot(self._board)

    # What people do

    @workflow.update(name="act")
    async def act(self, act: Act) -> Said:
        """One action of a person: decided, recorded, then answered."""
        said = await self._act(act)
        return said.without(act)

    @act.validator
    def _validate_act(self, act: Act) -> None:
        reason = never(act)
        if reason is not None:
            raise _refused(reason)

    @workflow.signal(dynamic=True)
    async def signaled(self, name: str, args: Sequence[RawValue]) -> None:
        """The same for machines that only signal, under the same name.

        Every name and any arguments are taken: a signal that no handler fits would be dropped with its
        payload in the log, or stop the residency. Whatever is wrong with it is recorded as refused.
        """
        await workflow.wait_condition(lambda: self._begun)
        if name != "act":
            self._refuse("unknown-verb", verb=name, actor="")
            return
        try:
            act = Act.model_validate_json(b"" if len(args) != 1 else args[0].payload.data)
        except ValueError:
            # The decoder's message holds its input, so it is neither logged nor recorded.
            self._refuse("malformed", verb="", actor="")
            return
        try:
            said = await self._act(act, wait=False)
        except ApplicationError as error:
            code = str(error.details[0]) if error.details else "refused"
            self._refuse(code, verb=act.verb, actor=act.actor)
        else:
            if said.code == "again":
                self._refuse(said.code, verb=act.verb, actor=act.actor)

    def _refuse(self, code: str, *, verb: str, actor: str) -> None:
        verb, actor = (text if text.isprintable() else "" for text in (verb, actor))
        self._board.write(Tag.REFUSED, code=code[:40], verb=verb[:40], by=actor[:12])

    async def _act(self, act: Act, *, wait: bool = True) -> Said:
        """Decides, records, answers. Nobody repeats a signal (`wait` is false), so that a run which is
        about to continue as new still takes it.
        """
        await workflow.wait_condition(lambda: self._begun)
        self._working += 1
        try:
            if self._story.clock.rehearsal:
                await self._story.rest()  # only then it is known what rings before
            if self._story.continuing and wait:
                return Said(code="continuing")
            async with self._turn:
                said = await self._do(act)
            return await self._answered(said) if wait else said
        except Refusal as error:
            raise _refused(error) from None
        finally:
            self._working -= 1

    async def _do(self, act: Act) -> Said:
        if act.id in self._board.state.actions:
            return Said(code="again", seq=self._board.state.seq)
        before = self._story.clock.now()
        self._step_to(act.at)
        try:
            reason = refusal(self._board, act)
            if reason is not None:
                raise reason  # noqa: TRY301  # As those that `perform` raises.
            await self._take_seat(act)
            self._board.state.moment = self._board.state.seq
            data = perform(self._board, act)
        except Refusal:
            if self._story.clock.rehearsal:
                self._story.clock.set(before)
            raise
        except Repeated as repeated:
            return Said(code=repeated.code, seq=self._board.state.seq, data=repeated.data)
        except Exception as error:  # noqa: BLE001  # It would stick the residency until a deploy.
            # What it says may hold input.
            workflow.logger.error("an action failed: %s", type(error).__name__)
            raise Refusal("malformed") from None
        follow_hearings(self._board)
        drop_moot(self._board)
        if act.verb in ("reopen", "undo"):
            self._rerun = True
        return Said(code="done", seq=self._board.state.seq, data=data)

    def _step_to(self, at: datetime | None) -> None:
        """A rehearsal's step carries its time; nothing that rings before it may be passed over."""
        if at is None:
            return
        clock = self._story.clock
        if not clock.rehearsal:
            raise Refusal("clock-real")
        if at < clock.now():
            raise Refusal("clock-back", now=clock.now().isoformat(), to=at.isoformat())
        next_at = self._next_at()
        if next_at is not None and next_at <= at and at > clock.now():
            raise Refusal("rings-before", next_at=next_at.isoformat(), to=at.isoformat())
        clock.set(at)

    async def _take_seat(self, act: Act) -> None:
        """An acceptance can be released only with a seat; a refusal says how many there are."""
        if seat_wanted(self._board, act) is None:
            return
        said = await self._story.take_seat()
        if (ended := self._board.state.ended) is not None:
            raise Refusal("ended", how=ended.value)
        if not said.granted:
            raise Refusal("no-seat", taken=said.taken, seats=said.seats)

    async def _answered(self, said: Said) -> Said:
        """The click returns when the record is durable; a rehearsal's step, when all is quiet."""
        await workflow.wait_condition(lambda: self._recorder.recorded >= said.seq)
        if not self._story.clock.rehearsal:
            return said
        return await self._quiet(said)

    @workflow.update(name="move_clock")
    async def move_clock(self, move: Move) -> Said:
        """Moves a rehearsal's clock, never past something that would have rung."""
        await workflow.wait_condition(lambda: self._begun)
        self._working += 1
        try:
            await self._story.rest()  # only then it is known what rings before
            if self._story.continuing:
                return Said(code="continuing")
            async with self._turn:
                self._move(move.to)
            return await self._quiet(Said(code="done"))
        except Refusal as error:
            raise _refused(error) from None
        finally:
            self._working -= 1

    @move_clock.validator
    def _validate_move(self, move: Move) -> None:  # noqa: ARG002  # a validator has its handler's signature
        if not self._start.rehearsal:
            raise _refused(Refusal("clock-real"))

    def _move(self, to: datetime) -> None:
        clock = self._story.clock
        if to < clock.now():
            raise Refusal("clock-back", now=clock.now().isoformat(), to=to.isoformat())
        next_at = self._next_at()
        if next_at is not None and next_at < to:
            raise Refusal("rings-before", next_at=next_at.isoformat(), to=to.isoformat())
        clock.set(to)

    async def _quiet(self, said: Said) -> Said:
        """Answers when nothing is due, nothing unrecorded and no other handler at work.

        One that only waits for quiet itself is not at work; two would wait for each other.
        """
        self._resting += 1
        try:
            while True:
                await workflow.wait_condition(lambda: self._story.continuing or self._is_quiet())
                await self._story.rest()
                if self._story.continuing:
                    return Said(code="continuing")
                if self._is_quiet():
                    break
        finally:
            self._resting -= 1
        said.now, said.next_at = self._story.clock.now(), self._next_at()
        said.open = self._board.listed()
        said.ended = self._board.state.ended
        return said

    def _is_quiet(self) -> bool:
        next_at = self._next_at()
        due = next_at is not None and next_at <= self._story.clock.now()
        busy = self._working > self._resting or self._story.asking or self._rerun
        return self._begun and not due and not busy and self._recorder.idle

    # What people ask

    @workflow.query(name="view")
    def view(self) -> View:
        """The board, and the next thing that rings."""
        state, dates = self._board.state, self._story.dates
        return View(
            residency=self._start.residency,
            stage=state.stage,
            now=self._story.clock.now(),
            first_day=dates.first_day,
            last_day=dates.last_day,
            next_at=self._next_at(),
            next_what=self._next_what(),
            open=self._board.listed(),
            pending=state.pending,
            meetings=state.meetings,
            roles=state.roles | {"coordinators": self._board.people("coordinators")},
            held=state.held,
            ended=state.ended,
            unrecorded=len(self._board.journal),
            unsent=len(state.tray),
            kept=sum(letter.not_before is not None for letter in state.tray),
            shifts=state.shifts,
            settled=self.settled(),
        )

    @workflow.query(name="history")
    def history(self) -> list[Closed]:
        """What came of every task so far, in order."""
        return Closed.all_of(self._board.state.tasks)

    @workflow.query(name="preview")
    def preview(self, act: Act) -> Preview:
        """What an action would do; nothing is done."""
        return preview(self._start, self._board.state, act, at=self._story.clock.now())

    @workflow.query(name="settled")
    def settled(self) -> bool:
        """Whether nothing is unrecorded and no mail is on its way."""
        return self._begun and self._settled()

    def _settled(self) -> bool:
        waiting = self._board.state.tray
        kept = [letter for letter in waiting if letter.not_before is not None]
        on_the_way = len(waiting) > len(kept) or not self._carrier.idle
        if self._board.state.ended is not None:
            on_the_way = bool(waiting)
        return self._recorder.idle and not on_the_way and workflow.all_handlers_finished()

    # The next run

    def _is_idle(self) -> bool:
        """Whether no handler, question, record or mail of this run is under way."""
        idle = self._recorder.idle and self._carrier.idle and not self._story.asking
        return idle and workflow.all_handlers_finished()

    async def _continue_as_new(self, beside: list[asyncio.Task[None]]) -> None:
        """A new run takes the board over, once nothing of this one is under way."""
        self._carrier.stopped = True
        # Looked at again after the wait: what woke together with it may have written something since,
        # and nothing may lie between the last look and the new run.
        while not (self._is_idle() or any(map(failed, beside))):
            await workflow.wait_condition(lambda: self._is_idle() or any(map(failed, beside)))
        for part in beside:
            if failed(part):
                part.result()
        state = self._board.state
        state.now = self._story.clock.now() if self._start.rehearsal else None
        workflow.continue_as_new(
            self._start.model_copy(
                update={"state": state, "run": self._start.run + 1, "edition": EDITION}
            )
        )


def _refused(reason: Refusal) -> ApplicationError:
    """What goes back to whoever asked: a code with ids and dates, never a sentence with a name."""
    return ApplicationError(
        reason.code, reason.code, reason.data, type="Refused", non_retryable=True
    )
