"""The plain twin: a workflow as competent people write it by hand, with as much to do and no database.

It has as many waits, records and mails as one of our journeys, each in order and one at a time: an
activity for each record and each mail, and for each human step one wait with a timeout, which an
Update ends.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from residency.dates import Span
    from residency.plan import Plan

QUEUE = "plain-twin"
MAIL_QUEUE = f"{QUEUE}-mail"

_MINUTE = timedelta(minutes=1)
_UNSAID = timedelta(days=7)
"""How long a step is waited for whose kind says nothing."""


class Step(BaseModel):
    """One human step: what kind of task it answers, and the records and mails that follow it."""

    kind: str
    records: int
    mails: int


class Journey(BaseModel):
    """What a twin is started with: the compiled plan that ours has too, and what to do by it."""

    plan: Plan
    first: Step  # what follows the start
    steps: list[Step]


class Done(BaseModel):
    """What somebody did: as much as one of our actions says."""

    id: str
    verb: str
    actor: str
    task: str
    submission: str
    at: datetime


class Note(BaseModel):
    """The input of a record or a mail."""

    journey: str
    step: int
    what: str


class Answer(BaseModel):
    step: int


@activity.defn(name="plain-record", no_thread_cancel_exception=True)
def record(note: Note) -> None:
    """Nothing: a plain record costs its activity and no more."""


@activity.defn(name="plain-mail", no_thread_cancel_exception=True)
def mail(note: Note) -> None:
    """Nothing, as above."""


@workflow.defn(name="PlainTwin")
class PlainTwin:
    @workflow.init
    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._done = 0
        self._open = 0  # the number of the step that is waited for

    @workflow.run
    async def run(self, journey: Journey) -> str:
        await self._follow(journey.first)
        for number, step in enumerate(journey.steps, 1):
            self._open = number
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    lambda number=number: self._done >= number,  # type: ignore[misc]  # A loop's lambda.
                    timeout=self._patience(step),
                )
            await self._follow(step)
        self._open += 1
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "completed"

    def _patience(self, step: Step) -> timedelta:
        """How long a step is waited for: what its kind in the plan says."""
        kind = self._journey.plan.kinds.get(step.kind)
        if kind is None or not kind.due:
            return _UNSAID
        span = Span.parse(kind.due)
        return span.exact or timedelta(days=span.count) or _UNSAID

    async def _follow(self, step: Step) -> None:
        """The records of a step, then its mails, one at a time."""
        for _ in range(step.records):
            await workflow.execute_activity(
                record, self._note(step), start_to_close_timeout=_MINUTE
            )
        for _ in range(step.mails):
            await workflow.execute_activity(
                mail, self._note(step), task_queue=MAIL_QUEUE, start_to_close_timeout=_MINUTE
            )

    def _note(self, step: Step) -> Note:
        return Note(journey=workflow.info().workflow_id, step=self._open, what=step.kind)

    @workflow.update
    async def act(self, _done: Done) -> Answer:
        """Answers when what follows is done and the next step is open, as ours does."""
        self._done += 1
        number = self._done
        await workflow.wait_condition(lambda: self._open > number)
        return Answer(step=number)
