"""Presentation: a slot, an audience, materials before it; evaluated or not, optional or not."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.dates import Offset
    from residency.meetings import materials_day
    from residency.plan import PresentationPlan
    from residency.tasks import task_key
    from residency.wire import State

from workflows.stages.interviews import meeting_held
from workflows.story import Story

STAGE = "presentation"
RESULT = "presentation"


async def presentation(story: Story) -> None:
    """Goes on beside the milestones; what came of it is among the facts."""
    plan = story.plan.presentation
    if plan is None or RESULT in story.state.facts:
        return
    await story.until(lambda: _opening(story, plan))
    if plan.optional and await _declined(story):
        story.state.facts[RESULT] = "declined"
        return
    await story.appoint("panelists", count=plan.panel, stage=STAGE)
    scheduled = 0
    for turn in count(1):
        scheduled = await _held(story, plan, turn, first=scheduled + 1)
        outcome = await _evaluated(story, plan, turn)
        if outcome != "again":
            story.state.facts[RESULT] = outcome
            return


def _opening(story: Story, plan: PresentationPlan) -> datetime:
    name = "presentation-offer" if plan.optional else "schedule-presentation"
    opens = (
        story.board.kind(name).opens or story.board.kind("schedule-presentation").opens or "-42d"
    )
    return max(
        story.dates.opening("presentation", opens),
        story.dates.begins,
    )


async def _declined(story: Story) -> bool:
    answer = await story.ask("presentation-offer", stage=STAGE)
    return answer.state is not State.DONE or answer.outcome == "declined"


async def _held(story: Story, plan: PresentationPlan, turn: int, *, first: int) -> int:
    """Schedules and holds it, materials due before; the round of the scheduling."""
    held = meeting_held(
        story,
        "presentation",
        kind="schedule-presentation",
        anchor="presentation:-7d" if turn == 1 else "",
        first=first,
        stage=STAGE,
    )
    if not plan.materials:
        return await held
    scheduled = await story.beside(_materials(story, turn), held)
    _lapse_materials(story, turn)
    return scheduled


def _lapse_materials(story: Story, turn: int) -> None:
    """What was not handed in before it was held is not asked for any more, unless it is reopened."""
    key = task_key(STAGE, "materials", round=turn)
    task, meeting = story.state.tasks.get(key), story.state.meetings.get("presentation")
    if task is None or task.opened is None or meeting is None:
        return
    if story.board.is_open(key) and task.opened <= meeting.at:
        story.board.lapse(key)


async def _materials(story: Story, turn: int) -> None:
    """Asked for once the slot is known, due so long before it."""
    await story.wait(lambda: _slot(story) is not None)

    def opening() -> datetime | None:
        slot = _slot(story)
        if slot is None:
            return None
        calendar = story.dates.calendar
        return calendar.ring(calendar.shift(calendar.day_of(slot), Offset.parse("-14d")))

    await story.until(opening)
    slot = _slot(story)
    assert slot is not None
    day = materials_day(story.board, slot)
    await story.ask("materials", stage=STAGE, round=turn, day=day)


def _slot(story: Story) -> datetime | None:
    meeting = story.state.meetings.get("presentation")
    return (
        meeting.at if meeting and not meeting.canceled and meeting.at > story.clock.now() else None
    )


async def _evaluated(story: Story, plan: PresentationPlan, turn: int) -> str:
    """What came of it: held, passed, again, or a coordinator's decision."""
    if not plan.evaluated:
        return "held"
    verdict = await story.ask(
        "evaluate", stage=STAGE, round=turn, who=story.board.people("panelists")
    )
    if verdict.state is not State.DONE:
        return "held"  # nobody judged it, so that there is no outcome to tell
    outcome = verdict.outcome
    story.tell(
        "presentation-outcome",
        about=f"presentation~{turn}",
        outcome=outcome,
        submission=verdict.submission,
    )
    if outcome == "passed" or (outcome == "again" and turn <= plan.again):
        return outcome
    decided = await story.ask("decide-presentation", stage=STAGE, round=turn)
    return "again" if decided.outcome == "again" else "not-passed"
