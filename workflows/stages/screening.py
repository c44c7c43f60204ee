"""Screening: reviewers score, blind to each other until all are in; then a coordinator decides."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.rules import prepared
    from residency.wire import Exit

from workflows.story import Story


async def screening(story: Story) -> None:
    plan = story.plan.screening
    if plan is None:
        return
    story.enter("screening")
    if plan.begins == "close" and story.start.closes is not None:
        closes = story.start.closes
        await story.until(lambda: closes)
    suggested = ""
    if plan.reviews:
        reviewers = await story.appoint("reviewers", count=plan.reviews)
        review = await story.ask("review", who=reviewers)
        suggested = prepared(review.score, plan.bound)
    outcome = await story.decision(
        "decide-screening", prepared=suggested, at_once=("advance",), release=plan.release
    )
    if outcome == "reject":
        story.end(Exit.REJECTED)
