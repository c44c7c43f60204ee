"""A Temporal server that takes connections and says nothing: nobody waits behind anybody else."""

import asyncio
import socket
from time import monotonic

import pytest

from residency.errors import UnavailableError
from residency.settings import load
from web import door as room
from web.door import Door
from web.limiting import Limits
from wiring import House

PATIENCE = 1.0


@pytest.fixture
def silence():
    """The address of a listener that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def door(tmp_path, silence):
    """A door to it; `attempts` are the connections that were begun."""
    house = House(load(data=tmp_path, temporal_address=silence, record_timeout=PATIENCE))
    made, connect = Door(house, limits=Limits({})), house.connect
    made.attempts = []

    async def counted():
        made.attempts.append(monotonic())
        return await connect()

    house.connect = counted
    yield made
    house.store.close()


async def asked(door):
    """How it ended, and after how many seconds."""
    began = monotonic()
    try:
        found = await door.residencies()
    except UnavailableError as error:
        found = str(error)
    return found, monotonic() - began


async def test_all_who_ask_a_silent_server_are_answered_within_one_patience(door):
    import temporalio.client  # noqa: F401  # Not while somebody waits: it takes a second.

    answers = await asyncio.gather(*[asked(door) for _ in range(20)])

    assert {told for told, _ in answers} == {"The Temporal server has not answered within 1 s."}
    assert max(taken for _, taken in answers) < 3 * PATIENCE
    assert len(door.attempts) == 1


async def test_after_a_failure_nobody_waits_for_a_while(door):
    await asked(door)

    told, taken = await asked(door)

    assert told == "The Temporal server has not answered within 1 s."
    assert taken < PATIENCE / 2
    assert len(door.attempts) == 1


async def test_then_it_is_tried_anew_and_kept(door, monkeypatch):
    await asked(door)
    monkeypatch.setattr(room, "QUIET", 0.0)
    client = object()

    async def connect():
        return client

    door.house.connect = connect
    door.house.residencies = lambda found, **_: ("residencies of", found)
    first, _ = await asked(door)
    second, _ = await asked(door)

    assert first == ("residencies of", client)
    assert second is first


async def test_who_goes_away_does_not_take_the_attempt_from_the_others(door):
    arrived = asyncio.Event()

    async def connect():
        arrived.set()
        await asyncio.sleep(0)
        return "client"

    door.house.connect = connect
    door.house.residencies = lambda found, **_: found
    impatient = asyncio.create_task(door.residencies())
    other = asyncio.create_task(door.residencies())
    await arrived.wait()
    impatient.cancel()

    assert await other == "client"
    assert impatient.cancelled() or impatient.cancelling()
