"""What is opened again, by a coordinator or by whoever answered, goes on from there as before."""

import pytest

pytestmark = pytest.mark.parametrize("verb", ["reopen", "undo"])
REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"


async def open_again(resident, verb, key, *, by):
    if verb == "reopen":
        return await resident.act("reopen", task=key, reason="the wrong file")
    return await resident.act("undo", actor=by, task=key)


def open_tasks(resident):
    return {task.key: task.who for task in resident.said.open}


async def test_report_that_is_open_again_brings_its_sign_off_back(rehearsal, verb):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    await resident.report("m1")
    assert SIGN_OFF in open_tasks(resident)

    await open_again(resident, verb, REPORT, by=resident.person)
    between = open_tasks(resident)
    await resident.report("m1")

    assert REPORT in between
    assert SIGN_OFF not in between
    assert SIGN_OFF in open_tasks(resident)


async def test_sign_off_that_is_open_again_can_ask_for_changes(rehearsal, verb):
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    await resident.mentor.sign_off("m1")

    await open_again(resident, verb, SIGN_OFF, by=resident.mentor.id)
    await resident.mentor.sign_off("m1", "changes")

    assert "milestones/report/m1/2" in open_tasks(resident)


async def test_task_that_was_handed_over_is_open_again_for_whoever_had_it(rehearsal, verb):
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    helper = resident.co_mentor
    await resident.act("reassign", task=SIGN_OFF, who=[helper.id])
    await helper.sign_off("m1")

    await open_again(resident, verb, SIGN_OFF, by=helper.id)

    assert open_tasks(resident)[SIGN_OFF] == [helper.id]
