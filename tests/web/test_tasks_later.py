"""Second thoughts on a task's page: taking back what was answered, and another date."""

from tests.web.desk import refreshed
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    desk,
    house,
    last_day,
    rehearsal,
    resident,
    scheduling,
    settings,
    signing,
)


async def test_what_was_just_answered_is_taken_back_with_what_was_written(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    _, _, receipt = await desk.do(resident, task, **{"answer-done": "Too early."})

    unsure = await desk.post(f"{path}/undo", page="a-1")
    undone = await desk.post(f"{path}/undo", page="a-2", sure="yes")
    await refreshed(resident)

    assert f'action="{path}/undo"' in receipt.text
    assert unsure.status == 422
    assert "It is open again" in undone.text
    assert "Too early." in undone.text
    assert resident.find("report m1") is not None
    assert (await desk.do(resident, resident.find("report m1")))[-1].status == 200


async def test_nothing_is_taken_back_later(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    await desk.do(resident, task)

    await resident.move(minutes=16)
    desk.link(resident, task)
    page = await desk.get(path)
    undone = await desk.post(f"{path}/undo", page="a-1", sure="yes")

    assert "/undo" not in page.text
    assert "Already recorded" in undone.text
    assert resident.find("report m1") is None


async def test_another_date_is_asked_for_granted_and_told(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    early, late = last_day(task, days=0), last_day(task, days=5)

    first = await desk.get(path)
    wrong = await desk.post(f"{path}/later", day=early, reason="")
    asked = await desk.post(f"{path}/later", page="a-1", day=late, reason="I am ill.")
    await refreshed(resident)
    waiting = await desk.get(f"{path}/later")
    coordinator, _, _ = await desk.do(resident, resident.find("handle-date"), outcome="granted")

    assert f'href="{path}/later"' in first.text
    assert wrong.status == 422
    assert "That is no later than it is due already." in wrong.text
    assert "You have asked for another date" in asked.text
    assert "You have asked already" in waiting.text
    assert "I am ill." in coordinator.text
    assert "Report: First" in coordinator.text
    assert last_day(resident.find("report m1")) == late
