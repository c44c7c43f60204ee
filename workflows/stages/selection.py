"""Selection: accept, waitlist or reject; pending until released, and told only after the cooling-off."""

from __future__ import annotations

from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.wire import Exit

from workflows.story import Story


async def selection(story: Story) -> None:
    """Ends with an acceptance; a waitlisted person waits for the next decision, until the first day."""
    plan = story.plan.selection
    if plan is None:
        return
    story.enter("selection")
    for turn in count(1):
        item = "" if turn == 1 else f"waitlist-{turn - 1}"
        outcome = await _decided(story, item=item, release=plan.release, waiting=turn > 1)
        if outcome == "accept":
            return
        if outcome == "reject":
            story.end(Exit.REJECTED)
        story.tell("waitlisted", about=f"waitlist-{turn}")


async def _decided(story: Story, *, item: str, release: str, waiting: bool) -> str:
    if not waiting:
        return await story.decision("select", item=item, release=release)
    decided = story.decision("select", item=item, release=release, anchor="first:-28d")
    return await story.beside(_close_on_first_day(story), decided)


async def _close_on_first_day(story: Story) -> None:
    await story.until(lambda: story.dates.begins)
    story.end(Exit.WAITLIST_CLOSED)
