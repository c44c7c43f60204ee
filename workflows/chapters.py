"""The whole story of a residency, from the application to the end, as the lifecycle tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workflows.stages.application import application
from workflows.stages.completion import completion, is_required, watch_the_end
from workflows.stages.interviews import interviews
from workflows.stages.milestones import milestones
from workflows.stages.offer import offer
from workflows.stages.onboarding import checklist, onboarding
from workflows.stages.presentation import presentation
from workflows.stages.publication import publication
from workflows.stages.screening import screening
from workflows.stages.selection import selection
from workflows.story import Ended, Story

Parts = dict[str, asyncio.Task[None]]
_LATER = ("publication", "completion")


async def undisturbed(life: asyncio.Task[str], refuse: Callable[[], None]) -> str:
    """What a life comes to, however often the server is asked to cancel it.

    That button knows no reason and no person, and would end a residency without a word to anybody.
    """
    while True:
        try:
            return await asyncio.shield(life)
        except asyncio.CancelledError:
            if life.done():
                raise
            refuse()


async def tell(story: Story) -> None:
    """Can always be run again: what was asked answers at once."""
    try:
        for chapter in (application, screening, interviews, selection, offer, onboarding):
            await chapter(story)
            await story.boundary()
        if not story.state.stage:  # A program may begin with its first day.
            story.enter("onboarding")
        async with story.together() as several:
            several.start(checklist(story))
            several.start(watch_the_end(story))
            several.start(_in_residence(story))
    except Ended:
        return


async def _in_residence(story: Story) -> None:
    await story.until(lambda: story.dates.begins)
    async with story.together() as several:
        parts = {
            "presentation": several.start(presentation(story)),
            "milestones": several.start(_milestones(story)),
        }
        several.start(_towards_the_end(story, parts))


async def _milestones(story: Story) -> None:
    await milestones(story)
    if story.plan.presentation is not None and story.state.stage not in _LATER:
        await story.boundary()
        story.enter("presentation")


async def _towards_the_end(story: Story, parts: Parts) -> None:
    """What the program doesn't require to complete is waited for until its last week."""
    await story.wait(
        lambda: all(part.done() for name, part in parts.items() if is_required(story.plan, name))
    )
    await story.until(
        lambda: story.dates.last_week, unless=lambda: all(part.done() for part in parts.values())
    )
    await story.boundary()
    await publication(story)
    await story.boundary()
    await completion(story)
