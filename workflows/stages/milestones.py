"""Milestones: each opens on its own day, whether or not the one before is signed off."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.plan import MilestonePlan
    from residency.wire import Scalar, State, Task

from workflows.story import Story

STAGE = "milestones"


async def milestones(story: Story) -> None:
    """Ends when all are approved or waived."""
    plan = story.plan.milestones
    if plan is None:
        return
    story.enter(STAGE)
    if any(milestone.sign_off for milestone in plan.items):
        # Those of the onboarding, where there was one.
        await story.appoint("mentors", count=1, stage=STAGE)
    async with story.together() as several:
        for milestone in plan.items:
            several.start(_pass(story, milestone, plan.rework))


async def _pass(story: Story, milestone: MilestonePlan, rework: str) -> None:
    await story.until(lambda: _opening(story, milestone))
    changes: dict[str, Scalar] = {}
    for round in count(1):
        if milestone.report:
            report = await _reported(story, milestone, round, rework=rework, changes=changes)
            if report.state is State.WAIVED:
                return
        if not milestone.sign_off:
            return
        verdict = await story.ask(milestone.sign_off, stage=STAGE, item=milestone.id, round=round)
        changes = {"by": verdict.by, "submission": verdict.submission}
        if verdict.state is not State.DONE or verdict.outcome == "approved":
            again = f"~{verdict.revision}" if verdict.revision else ""  # it was reopened
            about = f"{milestone.id}~{round}{again}"
            story.tell(
                "milestone-approved",
                about=about,
                item=milestone.id,
                by=verdict.by,
                submission=verdict.submission,
            )
            return


async def _reported(
    story: Story, milestone: MilestonePlan, round: int, *, rework: str, changes: dict[str, Scalar]
) -> Task:
    """The first round is due at the end of the period, a rework so long after it was asked for."""
    again = round > 1
    anchored = not again or _is_early(story, milestone, rework=rework)
    return await story.ask(
        milestone.report,
        stage=STAGE,
        item=milestone.id,
        round=round,
        anchor=f"milestone:{milestone.id}" if anchored else "",
        span="" if anchored else rework,
        day=_rework_day(story, milestone, round),
        notice="changes-requested" if again else "",
        more=changes,
    )


def _is_early(story: Story, milestone: MilestonePlan, *, rework: str) -> bool:
    """Whether the milestone itself is due later than its rework: who was early loses no time."""
    if story.start.edition < 2:
        return False
    now = story.clock.now()
    first = story.dates.due("", anchor=f"milestone:{milestone.id}", opened=now)
    again = story.dates.due(rework, anchor="", opened=now)
    return first is not None and again is not None and first > again


def _rework_day(story: Story, milestone: MilestonePlan, round: int) -> date | None:
    """The day that the mentor named with the changes; without one the program's span counts."""
    day = story.state.facts.get(f"rework:{milestone.id}:{round}")
    return date.fromisoformat(str(day)) if day else None


def _opening(story: Story, milestone: MilestonePlan) -> datetime:
    kind = story.board.kind(milestone.report or milestone.sign_off)
    return story.dates.opening(f"milestone:{milestone.id}", kind.opens or "0d")
