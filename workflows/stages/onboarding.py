"""Onboarding: mentors matched, then a checklist with owners, dates and dependencies."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.plan import ItemPlan
    from residency.tasks import task_key

from workflows.story import Story

STAGE = "onboarding"


async def onboarding(story: Story) -> None:
    """Matches mentors and welcomes; ends on the first day, or when the program has no onboarding."""
    plan = story.plan.onboarding
    if plan is None:
        return
    story.enter(STAGE)
    first, last = story.dates.first_day.isoformat(), story.dates.last_day.isoformat()
    mentors = await story.appoint("mentors", count=plan.mentors)
    story.tell("welcome", first=first, last=last)
    story.tell("mentor-appointed", mentors, first=first)


async def checklist(story: Story) -> None:
    """Every item once what it depends on is settled. A late item holds no milestone up."""
    plan = story.plan.onboarding
    if plan is None:
        return
    async with story.together() as several:
        for item in plan.items:
            several.start(_item(story, item))


async def _item(story: Story, item: ItemPlan) -> None:
    before = [task_key(STAGE, f"item-{name}", item=name) for name in item.after]
    await story.wait(lambda: all(_settled(story, key) for key in before))
    await story.ask(f"item-{item.id}", stage=STAGE, item=item.id, anchor=f"first:{item.due}")


def _settled(story: Story, key: str) -> bool:
    return key in story.state.tasks and not story.board.is_open(key)
