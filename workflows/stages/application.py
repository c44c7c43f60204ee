"""Application: the form is received, each requirement is judged by whoever the program says."""

from __future__ import annotations

from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from residency.rules import evaluate
    from residency.wire import Exit, State

from workflows.story import Story


async def application(story: Story) -> None:
    """Ends when the requirements hold, or a coordinator decided over a prepared rejection."""
    plan = story.plan.application
    if plan is None:
        return
    story.enter("application")
    story.tell("application-received")
    for round in count(1):
        revise = await _judge(story, round)
        if not revise or round > plan.revisions:
            break
        revised = await story.ask("revise", round=round)
        if revised.submission:
            story.state.facts["application"] = revised.submission
    if plan.requires is None or evaluate(plan.requires, _results(story)):
        return
    outcome = await story.decision(
        "decide-screening", prepared="reject", at_once=("advance",), release=plan.release
    )
    if outcome == "reject":
        story.end(Exit.REJECTED)


async def _judge(story: Story, round: int) -> bool:
    """Has every requirement judged; True where somebody asks for a revision."""
    plan = story.plan.application
    assert plan is not None
    by_answers = sorted(name for name, role in plan.judged.items() if role == "answers")
    await story.judged(by_answers, round=round)
    roles = sorted(set(plan.judged.values()) - {"answers"})
    for role in roles:
        await story.appoint(role, item="judging", count=1)
    async with story.together() as several:
        for role in roles:
            who = story.state.roles.get(f"{role}/judging") or story.board.people(role)
            several.start(story.ask(f"judge-{role}", round=round, who=who))
    tasks = [story.state.tasks[f"application/judge-{role}//{round}"] for role in roles]
    return any(task.state is State.DONE and task.outcome == "revise" for task in tasks)


def _results(story: Story) -> dict[str, bool]:
    """What was found of each requirement; a waived judgment counts as met."""
    plan = story.plan.application
    assert plan is not None
    return {name: bool(story.state.facts.get(f"met:{name}", True)) for name in plan.judged}
