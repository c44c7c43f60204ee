"""A coordinator's rare decisions by page: the presentation, the end, a date left behind, the waitlist."""

from datetime import timedelta

import pytest

from tests.web.desk import Desk, refreshed
from tests.web.desks import done
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.

AGAIN = [{"when": "evaluate", "do": "again"}, {"when": "decide-end", "do": "nothing"}]


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


async def test_presentation_is_decided_on_with_its_evaluation_by_a_typed_name(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cast=AGAIN)
    task = await resident.reach("decide-presentation")

    page, check, receipt = await desk.do(
        resident, task, outcome="end", reason="The second one was no better."
    )

    (event,) = done(resident, task.key)
    assert "The evaluation" in page.text
    assert "They may present once more" in page.text
    assert "Type your name to confirm" in check.text
    assert "The second one was no better." in check.text
    assert receipt.status == 200
    assert event.data["outcome"] == "end"


async def test_another_presentation_is_allowed_without_a_typed_name(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cast=AGAIN)
    task = await resident.reach("decide-presentation")

    _, check, receipt = await desk.do(resident, task, outcome="again")

    assert "Type your name to confirm" not in check.text
    assert receipt.status == 200
    assert resident.find("decide-presentation") is None


async def test_end_is_decided_on_with_what_is_still_open(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cast=[{"when": "item-desk", "do": "nothing"}])
    task = await resident.reach("decide-end")

    page, check, receipt = await desk.do(resident, task, outcome="complete", reason="Just a desk.")

    assert "Still open" in page.text
    assert "Type your name to confirm" in check.text
    assert receipt.status == 200
    assert await resident.ended() == "completed"


async def test_date_that_stayed_while_others_moved_says_what_moved_them(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    await resident.reach("report m2")
    await resident.act("extend", weeks=2, reason="late data")
    checks = {one.key.split("/")[2]: one for one in resident.said.open if one.kind == "check-date"}

    fair, check, receipt = await desk.do(resident, checks["fair"])
    meeting = await desk.get(desk.link(resident, checks["presentation"]))

    assert "Look at a date again: The fair" in fair.text
    assert "Wednesday, April\u00a07" in fair.text
    assert "Extension" in fair.text
    assert "Sunday, April\u00a025" in fair.text
    assert "it stays, or I have moved it" in check.text
    assert receipt.status == 200
    assert "Monday, April\u00a05, 14:00" in meeting.text
    assert [one.kind for one in resident.said.open].count("check-date") == 1


async def test_coordinator_sees_that_a_wish_is_met_already_and_the_date_stays(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    task = await resident.reach("review")
    for number, person in enumerate(task.who[:2]):
        day = f"{task.due + timedelta(days=5 - number):%Y-%m-%d}"
        path = desk.link(resident, task, person)
        await desk.post(f"{path}/later", page=f"a-{number}", day=day, reason="I am away.")
    await refreshed(resident)
    later, earlier = sorted(
        (one for one in resident.said.open if one.kind == "handle-date"), key=lambda one: one.key
    )

    first, _, _ = await desk.do(resident, later, outcome="granted", reason=None)
    moved = resident.find("review").due
    second, _, receipt = await desk.do(resident, earlier, outcome="granted", reason=None)

    assert "The date stays" not in first.text
    assert "The date stays" in second.text
    assert receipt.status == 200
    assert resident.find("review").due == moved > task.due
