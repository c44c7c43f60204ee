"""Completion: the end rule and the certificate; or a coordinator's decision where a part is missing."""

from __future__ import annotations

from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.wire import Exit, State

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
    required = plan.require if plan is not None else []
    if "presentation" in required and story.state.facts.get(RESULT) == "not-passed":
        await _decide(story)
    story.end(Exit.COMPLETED)


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
