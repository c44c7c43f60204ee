"""Offer: accept or decline by a deadline; silence lapses it, and the seat is free again."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.wire import Exit, State

from workflows.story import Story


async def offer(story: Story) -> None:
    if story.plan.offer is None:
        return
    story.enter("offer")
    answer = await story.ask("offer")
    if answer.state is State.LAPSED:
        story.end(Exit.LAPSED)
    if answer.outcome == "declined":
        story.end(Exit.DECLINED)
    # A waived offer is one that was accepted in another way, on paper for instance.
    story.tell("offer-accepted")
    story.tell("offer-answered", story.board.people("coordinators"), outcome="accepted")
