"""A house on the session's dev server, with a data folder and task queue of the test's own."""

import shutil
from contextlib import AsyncExitStack

import pytest

from residency.settings import load
from tests.workflows.house import Rehearsal, recording_house, workers


@pytest.fixture
def settings(tmp_path, task_queue, empty_database):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "residency.db")
    return load(data=data, task_queue=task_queue)


@pytest.fixture
def house(settings):
    house = recording_house(settings)
    yield house
    house.store.close()


@pytest.fixture
async def rehearsal(house, client):
    """A rehearsal with its workers; `await rehearsal.start("tiny")` brings a resident."""
    async with AsyncExitStack() as stack:
        await workers(house, client, stack)
        yield Rehearsal(house, client)
