"""The two carriers beside the story: one writes its journal to the record, one takes its tray to the mail.

They live and die with it. A notice goes only once the moment that caused it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from residency.current import details
    from residency.wire import Batch, Letter, Post, Posted, Scalar, Tag

from workflows.policies import notify
from workflows.story import Story

NOTICE = "mail-undeliverable"
AT_ONCE = 50
"""Letters in one activity: rendered in well under a second."""


class Recorder:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._board = story.board
        self.recorded = (
            story.state.seq
        )  # everything a former run wrote was recorded before it ended
        self.next_at = story.board.next_ring
        self.show: Callable[[], None] = lambda: None  # what Temporal's own pages show

    @property
    def idle(self) -> bool:
        return not self._board.journal

    async def carry(self) -> None:
        """Writes one batch at a time, each of everything that one moment brought."""
        while True:
            await workflow.wait_condition(lambda: bool(self._board.journal))
            await self._story.rest()
            await self._write()

    async def _write(self) -> None:
        events = list(self._board.journal)
        batch = Batch(
            residency=self._story.start.residency,
            first=events[0].seq,
            events=events,
            run=self._story.start.run,
            history=workflow.info().get_current_history_length(),
            next_at=self.next_at(),
        )
        try:
            await self._story.store.call("record", batch, type(None))
            workflow.set_current_details(details(self._board, self.next_at()))
            self.show()
        except FailureError as error:
            # A refused batch means another worker is ahead of this one: this task must not complete.
            raise RuntimeError("the record refused a batch") from error
        del self._board.journal[: len(events)]
        self.recorded = events[-1].seq


class Carrier:
    def __init__(self, story: Story, recorder: Recorder) -> None:
        self._story, self._recorder = story, recorder
        self._tray = story.board.tray
        self.stopped = False  # a new run is beginning: what is left goes over with the state

    @property
    def idle(self) -> bool:
        return not self._tray.taken

    async def carry(self) -> None:
        """One activity at a time, each with everything that may go by then.

        A moment in which a new run began is one moment: what it still brings comes first.
        """
        await self._story.rest()
        await workflow.wait_condition(lambda: self._recorder.idle)
        while True:
            await workflow.wait_condition(lambda: not self.stopped and bool(self._ready()))
            self._tray.taken = self._ready()[:AT_ONCE]
            await self._send(self._tray.taken)

    def _ready(self) -> list[Letter]:
        return self._tray.ready(self._recorder.recorded)

    async def _send(self, letters: list[Letter]) -> None:
        start = self._story.start
        post = Post(
            residency=start.residency,
            now=self._story.clock.now(),
            letters=letters,
        )
        posted: Posted = await notify(post, Posted)
        later = {id(letters[place]): instant for place, instant in posted.later.items()}
        gone = {id(letter) for letter in letters} - set(later)
        for letter in letters:
            if id(letter) in later:
                letter.not_before = later[id(letter)]
        self._tray.clear(gone)
        for place in sorted({*posted.failed, *posted.unknown}):
            state = "unknown" if place in posted.unknown else "failed"
            self._undelivered(letters[place], state=state, mail=posted.mails.get(place, ""))

    def _undelivered(self, letter: Letter, *, state: str, mail: str) -> None:
        """What can't be sent, or may not have been, is recorded and told to the coordinators.

        The story goes on.
        """
        board = self._story.board
        board.write(
            Tag.UNDELIVERED,
            task=letter.task,
            notice=letter.notice,
            to=letter.to,
            state=state,
            mail=mail,
        )
        if letter.notice != NOTICE:
            others = [each for each in board.people("coordinators") if each != letter.to]
            about = f"{letter.notice}~{letter.to}~{letter.occurrence}"
            data: dict[str, Scalar] = {"notice": letter.notice, "who": letter.to}
            board.tell(NOTICE, others, about, more=data | {"state": state, "mail": mail})
