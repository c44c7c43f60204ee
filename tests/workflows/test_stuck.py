"""A record that can't be kept is no secret: `doctor` names the residency. A slow task is tried again."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from cli.stuck import Stuck, find_stuck
from residency.current import details
from residency.errors import UnconfirmedError
from store.record import GapError, StaleBatchError


async def test_residency_whose_record_fails_each_time_is_found(rehearsal, settings, monkeypatch):
    resident = await rehearsal.start("tiny", real=True)
    other = await rehearsal.start("tiny", real=True)
    await resident.settled()
    monkeypatch.setattr(rehearsal.residencies, "_patience", 2.0)
    kept = rehearsal.store.record.append

    def broken(batch, **more):
        if batch.residency == resident.id:
            raise GapError("an event is missing")
        kept(batch, **more)

    monkeypatch.setattr(rehearsal.store.record, "append", broken)
    later = datetime.now(UTC) + timedelta(hours=1)

    with pytest.raises(UnconfirmedError):
        await resident.act("note", reason="a note", at=None)
    await other.act("note", reason="a note", at=None)
    found, until = [], monotonic() + 30
    while not found and monotonic() < until:
        found = await find_stuck(settings, rehearsal.client, now=later)
        await asyncio.sleep(0.2)

    assert [(one.residency, one.activity) for one in found] == [(resident.id, "record")]
    assert isinstance(found[0], Stuck)
    assert found[0].attempts >= 3


async def test_residency_whose_task_fails_each_time_is_found(rehearsal, settings, monkeypatch):
    resident = await rehearsal.start("tiny", real=True)
    await resident.settled()
    monkeypatch.setattr(rehearsal.residencies, "_patience", 2.0)

    def stale(_batch, **_more):
        raise StaleBatchError("another worker is ahead")

    monkeypatch.setattr(rehearsal.store.record, "append", stale)
    later = datetime.now(UTC) + timedelta(hours=1)

    with pytest.raises(UnconfirmedError):
        await resident.act("note", reason="a note", at=None)
    found, until = [], monotonic() + 60
    while not found and monotonic() < until:
        found = await find_stuck(settings, rehearsal.client, now=later)
        await asyncio.sleep(0.2)

    assert [(one.residency, one.activity) for one in found] == [(resident.id, "workflow task")]


async def test_thread_of_a_task_that_takes_too_long_is_left_alone(
    rehearsal, monkeypatch, caplog, capfd
):
    """On a machine that is short of time it may stand anywhere: half-way through an import, under a lock."""
    took, interrupted = [], []

    def slow(*args):
        if not took:
            took.append(1)
            until = monotonic() + 3  # The SDK gives up after two.
            try:
                while monotonic() < until:
                    pass
            except BaseException as error:
                interrupted.append(error)
                raise
        return details(*args)

    monkeypatch.setattr("residency.current.details", slow)

    resident = await rehearsal.start("tiny")
    await resident.finish()

    assert took
    assert interrupted == []
    assert [line.levelname for line in caplog.records if line.name == "temporalio.core"] == [
        "WARNING"
    ]
    assert capfd.readouterr().out == ""  # Where data goes, and where the core would write.
    assert await resident.ended() == "completed"
    assert [event.seq for event in resident.events()] == list(range(1, len(resident.events()) + 1))
