"""Completion: the end rule and the certificate; or a coordinator's decision where a part is missing."""

from __future__ import annotations

from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.plan import Plan
    from residency.tasks import task_key
    from residency.wire import BoardState, Exit, State

from workflows.stages.presentation import RESULT
from workflows.story import Story

STAGE = "completion"


async def completion(story: Story) -> None:
    """On the last day, with everything that is required there, the residency is completed."""
    plan = story.plan.completion
    story.enter(STAGE)
    if plan is not None and plan.attest:
        await story.ask("attest-end", stage=STAGE, anchor="last:-1d")
    await story.until(lambda: story.dates.last_morning)
    if is_presentation_missing(story.plan, story.state):
        await _decide(story)
    else:
        # While an item is open the end is the watch's: it asks once the last day is over.
        await story.until(lambda: None if _is_item_open(story) else story.dates.last_morning)
    story.end(Exit.COMPLETED)


def is_presentation_missing(whole: Plan, state: BoardState) -> bool:
    """Whether it is required and came to nothing; an optional one may be declined."""
    plan = whole.presentation
    if plan is None or whole.completion is None or not is_required(whole, "presentation"):
        return False
    result = state.facts.get(RESULT)
    return result == "not-passed" or (result == "declined" and not plan.optional)


def is_required(plan: Plan, part: str) -> bool:
    """Whether the residency can't be completed without it; without an end rule nothing is left out."""
    return plan.completion is None or part in plan.completion.require


def _is_item_open(story: Story) -> bool:
    """Whether an item of the checklist is neither done nor waived, or still waits for another."""
    onboarding = story.plan.onboarding
    items = onboarding.items if onboarding is not None else []
    keys = [task_key("onboarding", f"item-{item.id}", item=item.id) for item in items]
    return any(key not in story.state.tasks or story.board.is_open(key) for key in keys)


async def watch_the_end(story: Story) -> None:
    """Where the last day passes and a part is missing, a coordinator decides; never a timer."""
    await story.until(lambda: story.dates.ends)
    await _decide(story)
    story.end(Exit.COMPLETED)


async def _decide(story: Story) -> None:
    """Asks until it is answered: an extension takes the question back until the new last day."""
    for round in count(1):
        decided = await story.ask("decide-end", stage=STAGE, round=round)
        if decided.state is not State.WAIVED:
            break
        await story.until(lambda: story.dates.ends)
    if decided.outcome == "end":
        story.end(Exit.ENDED)
