"""Publication: submit, then record where; asked for when the lead mentor recommends it, always or never."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.wire import State

from workflows.story import Story


async def publication(story: Story) -> None:
    plan = story.plan.publication
    if plan is None or plan.when == "never":
        return
    story.enter("publication")
    if plan.when == "mentor-recommends":
        recommended = await story.ask("recommend")
        if recommended.state is not State.DONE or recommended.outcome != "recommend":
            return
    submitted = await story.ask("publish")
    if submitted.state is State.DONE:
        await story.ask("record-publication")
