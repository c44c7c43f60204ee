"""The worker is killed (SIGKILL) and started again; the record and the mails are as if it never was."""

import pytest

from tests.workflows.journeys import HUGGING_FACE, ODD, Child, after_clicks, assert_same

pytest_plugins = ("tests.workflows.journeys_fixtures",)


def first_click_of_each_stage():
    """Whether an act is the first that somebody does in its stage."""
    seen = set()

    def is_first(act):
        stage = act.task.split("/")[0] or "selection"  # decide and release name no task
        fresh = stage not in seen
        seen.add(stage)
        return fresh

    return is_first


@pytest.mark.timeout(600)
async def test_worker_killed_right_after_a_click_in_every_stage(plainly, placed):
    told = await plainly(ODD)

    async with placed(hurried=True, record_timeout=60) as here:
        rehearsal = here.rehearsal(ODD)
        with Child(here) as child:
            after_clicks(here.residencies, child, wanted=first_click_of_each_stage())
            again = here.told(await rehearsal.run())

    assert child.kills > len(told.stages)
    assert_same(again, told)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_worker_killed_as_each_stage_is_entered(plainly, placed):
    told = await plainly(ODD)

    async with placed(hurried=True, record_timeout=60) as here:
        rehearsal = here.rehearsal(ODD)
        with Child(here) as child:

            def kill(moment):
                if moment.event.tag == "stage:entered":
                    child.again()

            again = here.told(await rehearsal.run(kill))

    assert child.kills == len(told.stages) + 1
    assert_same(again, told)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_hugging_face_with_the_shipped_worker_killed_in_every_stage(plainly, placed):
    told = await plainly(HUGGING_FACE)

    async with placed(record_timeout=120) as here:
        rehearsal = here.rehearsal(HUGGING_FACE)
        with Child(here, shipped=True) as child:
            after_clicks(here.residencies, child, wanted=first_click_of_each_stage())

            def kill(moment):
                # Nobody clicks in this program's last stage, so there it is killed as it begins.
                if moment.event.tag == "stage:entered" and moment.stage == told.stages[-1]:
                    child.again()

            again = here.told(await rehearsal.run(kill))

    assert child.kills > len(told.stages)
    assert_same(again, told)
