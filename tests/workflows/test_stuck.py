"""A record that can't be kept is no secret: `doctor` names the residency."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from cli.stuck import Stuck, find_stuck
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
