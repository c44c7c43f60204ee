"""Interviews: rounds of a meeting, its scorecards, and a coordinator's decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.dates import Span
    from residency.meetings import party
    from residency.plan import RoundPlan
    from residency.rules import prepared
    from residency.wire import Exit

from workflows.story import Story


async def interviews(story: Story) -> None:
    plan = story.plan.interviews
    if plan is None:
        return
    story.enter("interviews")
    for round in plan.rounds:
        await _round(story, round, release=plan.release)


async def _round(story: Story, round: RoundPlan, *, release: str) -> None:
    interviewers = await story.appoint("interviewers", item=round.id, count=round.panel)
    await meeting_held(story, round.id, kind=f"schedule-{round.id}")
    interviewers = story.state.roles.get(f"interviewers/{round.id}", interviewers)
    suggested = ""
    if interviewers:
        scorecard = await story.ask(f"scorecard-{round.id}", item=round.id, who=interviewers)
        suggested = prepared(scorecard.score, round.bound)
    outcome = await story.decision(
        "decide-round",
        item=round.id,
        prepared=suggested,
        at_once=("advance",),
        release=release,
    )
    if outcome == "reject":
        story.end(Exit.REJECTED)


async def meeting_held(
    story: Story, item: str, *, kind: str, anchor: str = "", first: int = 1, stage: str = ""
) -> int:
    """Schedules a meeting, reminds of it, and waits until it is over; again where it is canceled.

    Returns the round of the task in which it was scheduled, counted from `first`. A scheduling that
    is waived counts as held: a coordinator knows.
    """
    for round in count(first):
        await story.ask(kind, stage=stage, item=item, round=round, anchor=anchor)
        if item not in story.state.meetings:
            return round
        await _reminded(story, item)
        if not story.state.meetings[item].canceled:
            return round
    raise AssertionError  # count() has no end


async def _reminded(story: Story, item: str) -> None:
    """Waits until a meeting is over or canceled; reminds of it, once more where it is moved."""

    def gone() -> bool:
        return story.state.meetings[item].canceled

    def reminder() -> datetime:
        return story.state.meetings[item].at - _before(story, item)

    def over() -> datetime:
        meeting = story.state.meetings[item]
        return meeting.at + timedelta(minutes=meeting.minutes)

    while True:
        if reminder() > story.clock.now():
            await story.until(reminder, unless=gone)
            if gone():
                return
            meeting = story.state.meetings[item]
            notice = "presentation-reminder" if item == "presentation" else "interview-reminder"
            story.tell(
                notice,
                party(story.board, item),
                about=f"{item}~{meeting.sequence}",
                item=item,
                at=meeting.at.isoformat(),
                minutes=meeting.minutes,
                sequence=meeting.sequence,
            )
        known = story.state.meetings[item].sequence

        def changed(known: int = known) -> bool:
            return story.state.meetings[item].sequence != known

        await story.until(over, unless=changed)
        if gone() or not changed():
            return


def _before(story: Story, item: str) -> timedelta:
    plan = story.plan.presentation if item == "presentation" else story.plan.interviews
    span = Span.parse(plan.remind if plan else "1d")
    return span.exact if span.exact is not None else timedelta(days=span.count)
