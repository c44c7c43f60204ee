"""How residences come to their end: the presentation, what is missing on the last day, moved dates."""

from datetime import date, timedelta

import pytest

from residency.wire import BoardState
from tests.residency.boards import plan_of
from workflows.stages.completion import is_presentation_missing
from workflows.stages.presentation import RESULT


async def test_presentation_is_given_again_then_a_coordinator_decides(rehearsal):
    cast = [{"when": "evaluate", "do": "again"}, {"when": "decide-end", "do": "nothing"}]
    resident = await rehearsal.start("residence", cast=cast)

    task = await resident.reach("decide-presentation")
    await resident.act("decide", outcome="end", task=task.key)
    decide = await resident.reach("decide-end")
    await resident.act("decide", outcome="end", task=decide.key)

    assert await resident.ended() == "ended"
    assert len(resident.events("meeting:scheduled")) == 2


async def test_waived_evaluation_is_held_and_nothing_is_told(rehearsal):
    cast = [{"when": name, "do": "nothing"} for name in ("evaluate", "sign-off m3")]
    resident = await rehearsal.start("residence", cast=cast)
    task = await resident.reach("evaluate")

    await resident.act("waive", task=task.key, reason="the panel is ill")
    await rehearsal.move(days=2)
    said = resident.notices()
    await resident.mentor.sign_off("m3")
    ended = await resident.finish()

    assert "presentation-outcome" not in said
    assert ended == "completed"


async def test_open_item_at_the_end_is_a_persons_decision(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "item-desk", "do": "nothing"}])

    task = await resident.reach("decide-end")
    going_on = resident.said.ended
    await resident.act("decide", outcome="end", task=task.key)

    assert going_on is None
    assert resident.calendar.day_of(resident.now) > date(2027, 4, 11)
    assert await resident.ended() == "ended"


async def test_item_done_in_an_extension_completes_on_the_new_last_day(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "item-desk", "do": "nothing"}])
    await resident.reach("decide-end")
    await resident.act("extend", weeks=1, reason="no desk yet")

    await resident.mentor.complete("item-desk")
    ended = await resident.finish()

    assert ended == "completed"
    assert resident.calendar.day_of(resident.events("residency:ended")[0].at) == date(2027, 4, 18)


@pytest.mark.parametrize(
    ("result", "optional", "required", "missing"),
    [
        ("not-passed", True, ["presentation"], True),
        ("not-passed", False, ["milestones"], False),
        ("declined", False, ["presentation"], True),
        ("declined", True, ["presentation"], False),
        ("held", False, ["presentation"], False),
    ],
)
def test_required_presentation_is_missing(result, optional, required, missing):
    plan = plan_of("residence")
    plan = plan.model_copy(
        update={
            "presentation": plan.presentation.model_copy(update={"optional": optional}),
            "completion": plan.completion.model_copy(update={"require": required}),
        }
    )
    state = BoardState(facts={RESULT: result})

    assert is_presentation_missing(plan, state) is missing


async def test_end_without_completion_is_a_persons_decision(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "report m3", "do": "nothing"}])

    task = await resident.reach("decide-end")
    await rehearsal.move(days=30)
    going_on = resident.said.ended
    await resident.act("decide", outcome="end", task=task.key)

    assert going_on is None
    assert await resident.ended() == "ended"


async def test_extension_on_the_morning_after_takes_the_question_back(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "report m3", "do": "nothing"}])
    await resident.reach("decide-end")

    await resident.act("extend", weeks=2, reason="nearly there")
    open_then = resident.find("decide-end")
    await resident.report("m3")
    await resident.mentor.sign_off("m3")
    ended = await resident.finish()

    assert open_then is None
    assert ended == "completed"
    assert resident.calendar.day_of(resident.now) >= date(2027, 4, 25)


async def test_extension_moves_what_is_to_come(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m2")
    before = resident.find("report m2").due

    await resident.act("extend", weeks=2, reason="late data")
    moved = resident.find("report m2").due
    await rehearsal.move(days=8)

    assert moved - before == timedelta(weeks=2)
    assert resident.find("check-date") is not None
    assert "reminder" not in resident.notices("m2")


async def test_first_day_moves_the_checklist_and_the_milestones(rehearsal):
    resident = await rehearsal.start("residence")
    contract = resident.find("item-contract").due

    await resident.act("first-day", day=date(2027, 3, 15), reason="a visa")
    moved = resident.find("item-contract").due
    task = await resident.reach("report m1")

    assert moved - contract == timedelta(weeks=2)
    assert resident.calendar.due_day(task.due) == date(2027, 3, 28)


async def test_materials_are_not_asked_for_after_the_presentation(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "materials", "do": "nothing"}])

    await resident.reach("evaluate")
    await rehearsal.move(days=30)

    assert resident.find("materials") is None
    assert len(resident.events("task:lapsed")) == 1
    late = [row for row in resident.mails() if "materials" in row.letter.task]
    assert all(row.at < resident.events("task:lapsed")[0].at for row in late)


def without(part):
    """A program that doesn't require this to complete."""

    def change(start):
        end = start.plan.completion
        kept = [name for name in end.require if name != part]
        end = end.model_copy(update={"require": kept})
        return start.model_copy(update={"plan": start.plan.model_copy(update={"completion": end})})

    return change


async def test_milestones_that_are_not_required_hold_nobody_up(rehearsal):
    resident = await rehearsal.start(
        "residence", cast=[{"when": "report m3", "do": "nothing"}], change=without("milestones")
    )

    ended = await resident.finish()

    assert ended == "completed"
    assert resident.calendar.day_of(resident.events("residency:ended")[0].at) == date(2027, 4, 11)
    assert "publication" in [event.data["stage"] for event in resident.events("stage:entered")]
    assert resident.events("task:waived")


async def test_presentation_that_is_not_required_may_never_be(rehearsal):
    resident = await rehearsal.start(
        "residence",
        cast=[{"when": "schedule-presentation", "do": "nothing"}],
        change=without("presentation"),
    )

    assert await resident.finish() == "completed"
