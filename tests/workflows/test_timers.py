"""The real clock: a reminder and a lapse ring by themselves, by one timer of the server's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest


async def until(resident, tag, *, seconds):
    for _ in range(seconds * 20):
        if found := resident.events(tag):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{tag} did not come: {[event.tag for event in resident.events()]}")


@pytest.mark.slow
async def test_reminder_and_lapse_ring_on_the_real_clock(rehearsal):
    first_day = datetime.now(UTC).date() + timedelta(days=300)
    resident = await rehearsal.start("seconds", real=True, first_day=first_day)

    (opened,) = await until(resident, "task:opened", seconds=10)
    await until(resident, "residency:ended", seconds=20)

    after = [
        (event.tag.value, round((event.at - opened.at).total_seconds()))
        for event in resident.events()
        if event.tag in ("task:rang", "task:lapsed")
    ]
    assert after == [("task:rang", 1), ("task:rang", 2), ("task:lapsed", 4)]
    assert resident.events("residency:ended")[0].data["how"] == "lapsed"


@pytest.mark.slow
async def test_answer_in_time_stops_the_timer(rehearsal):
    first_day = datetime.now(UTC).date() + timedelta(days=300)
    resident = await rehearsal.start("seconds", real=True, first_day=first_day)
    await until(resident, "task:opened", seconds=10)

    said = await resident.act(
        "accept",
        actor=resident.person,
        at=None,
        submission=resident.answers("offer-answer"),
    )
    await asyncio.sleep(5)

    assert said.code == "done"
    assert not resident.events("task:lapsed")
    assert (await resident.view()).stage == "onboarding"


async def test_one_timer_stands_for_what_rings_next(rehearsal):
    first_day = datetime.now(UTC).date() + timedelta(days=300)
    resident = await rehearsal.start("residence", real=True, first_day=first_day)
    await until(resident, "task:opened", seconds=10)

    # On a weekend mail comes back to be kept until Monday, which is then what rings next.
    for _ in range(400):
        if await resident.handle.query("settled"):
            break
        await asyncio.sleep(0.05)

    view = await resident.view()
    history = await resident.handle.fetch_history()

    standing = {
        event.timer_started_event_attributes.timer_id: event.timer_started_event_attributes
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    }
    for event in history.events:
        standing.pop(event.timer_canceled_event_attributes.timer_id, None)
        standing.pop(event.timer_fired_event_attributes.timer_id, None)
    (timer,) = standing.values()
    fires = timer.start_to_fire_timeout.ToTimedelta()
    assert abs(datetime.now(UTC) + fires - view.next_at) < timedelta(seconds=30)


async def test_what_a_stage_waits_for_comes_on_the_real_clock(rehearsal):
    """Nothing rings then: the story itself goes on, and the next thing has its timer."""
    first_day = datetime.now(UTC).date() + timedelta(days=300)
    resident = await rehearsal.start("waits", real=True, first_day=first_day)
    await until(resident, "task:opened", seconds=10)
    coordinator = resident.start.coordinators[0]
    await resident.act("decide", actor=coordinator, at=None, outcome="accept")
    await resident.act("release", actor=coordinator, at=None)

    (released,) = resident.events("decision:released")
    (effective,) = await until(resident, "decision:effective", seconds=20)

    assert effective.at >= datetime.fromisoformat(released.data["tells_at"])
    assert (await resident.view()).stage == "offer"
    history = await resident.handle.fetch_history()
    assert not [e for e in history.events if e.HasField("workflow_task_failed_event_attributes")]


async def test_rehearsal_starts_no_timer(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")

    history = await resident.handle.fetch_history()

    assert not [e for e in history.events if e.HasField("timer_started_event_attributes")]
