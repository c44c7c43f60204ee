"""A Temporal server that goes away while this process holds a connection to it."""

import asyncio
from time import monotonic

import pytest
from sqlalchemy import select

from server import connect
from store.tables import clicks
from tests.web.desk import Desk, refreshed
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    done,
    house,
    rehearsal,
    resident,
    settings,
)
from web import door as room

PATIENCE = 4.0
DOUBT = 0.5


class Relay:
    """Stands before a server; closed, nobody takes connections there any more."""

    def __init__(self, port):
        self._behind, self._open, self._server = port, [], None
        self.port = 0

    async def begin(self):
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self):
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _pass(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open += [writer, back]
        await asyncio.gather(_carry(reader, back), _carry(there, writer))


async def _carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def relay(dev_server):
    made = Relay(int(dev_server.address.rpartition(":")[2]))
    await made.begin()
    yield made
    await made.end()


@pytest.fixture
async def desk(rehearsal, relay):  # noqa: F811  # The fixture.
    """A desk that is connected through the relay."""
    house_ = rehearsal.house
    house_.settings = house_.settings.model_copy(update={"record_timeout": PATIENCE})
    return Desk(rehearsal, await connect(house_.settings, address=f"127.0.0.1:{relay.port}"))


def kept(store):
    store.clicks.flush()
    with store.database.reading() as connection:
        return connection.execute(select(clicks.c.action, clicks.c.answered)).all()


@pytest.mark.parametrize("doubt", [PATIENCE, DOUBT])
async def test_click_while_connections_are_refused_is_taken_within_the_timeout_and_recorded_once(
    desk,
    resident,  # noqa: F811  # The fixture.
    relay,
    monkeypatch,
    doubt,
):
    monkeypatch.setattr(room, "DOUBT", doubt)
    task = resident.find("report m1")
    path = desk.link(resident, task)
    check = await desk.check(path, await desk.get(path))
    before = {one.action for one in kept(resident.store)}

    await relay.end()
    began = monotonic()
    sent = await desk.confirm(path, check)
    taken = monotonic() - began
    waiting = [one for one in kept(resident.store) if one.action not in before]
    await relay.begin()
    again = await desk.confirm(path, sent)
    await refreshed(resident)
    now = [one for one in kept(resident.store) if one.action == waiting[0].action]

    assert "Taken, not confirmed yet" in sent.text
    assert taken < doubt + 1.0
    assert [one.answered for one in waiting] == [None]
    assert again.status == 200
    assert len(now) == 1
    assert now[0].answered is not None
    assert len(done(resident, task.key)) == 1
