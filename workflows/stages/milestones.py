"""Milestones: each opens on its own day, whether or not the one before is signed off."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.plan import MilestonePlan
    from residency.wire import State

from workflows.story import Story

STAGE = "milestones"


async def milestones(story: Story) -> None:
    """Ends when all are approved or waived."""
    plan = story.plan.milestones
    if plan is None:
        return
    story.enter(STAGE)
    if any(milestone.sign_off for milestone in plan.items):
        await story.appoint(
            "mentors", count=1, stage=STAGE
        )  # those of the onboarding, where there was one
    async with story.together() as several:
        for milestone in plan.items:
            several.start(_pass(story, milestone, plan.rework))


async def _pass(story: Story, milestone: MilestonePlan, rework: str) -> None:
    await story.until(lambda: _opening(story, milestone))
    for round in count(1):
        if milestone.report:
            # The first round is due at the end of the period, a rework so long after it is asked for.
            report = await story.ask(
                milestone.report,
                stage=STAGE,
                item=milestone.id,
                round=round,
                anchor=f"milestone:{milestone.id}" if round == 1 else "",
                span=rework if round > 1 else "",
            )
            if report.state is State.WAIVED:
                return
        if not milestone.sign_off:
            return
        verdict = await story.ask(milestone.sign_off, stage=STAGE, item=milestone.id, round=round)
        if verdict.state is not State.DONE or verdict.outcome == "approved":
            _tell(story, "milestone-approved", milestone, round, verdict.by, verdict.submission)
            return
        _tell(story, "changes-requested", milestone, round, verdict.by, verdict.submission)


def _opening(story: Story, milestone: MilestonePlan) -> datetime:
    kind = story.board.kind(milestone.report or milestone.sign_off)
    return story.dates.opening(f"milestone:{milestone.id}", kind.opens or "0d")


def _tell(
    story: Story, notice: str, milestone: MilestonePlan, round: int, by: str, said: str
) -> None:
    story.tell(notice, about=f"{milestone.id}~{round}", item=milestone.id, by=by, submission=said)
