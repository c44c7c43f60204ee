"""A store with a few of everything, and the pages over it; installations that people apply to."""

import shutil

import pytest

from residency.settings import load
from store import Store
from tests import crowd
from tests.web.applicants import NOWHERE, Site
from tests.web.crowded import BASE, Crowd
from wiring import House

FEW = 4


@pytest.fixture(scope="session")
def crowded_database(tmp_path_factory):
    """A database with a few residencies; copied, because filling it takes longer."""
    path = tmp_path_factory.mktemp("crowd") / "residency.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowd, "RESIDENCIES", FEW)
        row = crowd.fill(store)
    store.close()
    return path, row


@pytest.fixture
def few(tmp_path, crowded_database):
    """The pages of a few residencies."""
    path, row = crowded_database
    data = tmp_path / "crowd"
    data.mkdir()
    shutil.copy(path, data / "residency.db")
    house = House(load(data=data, public_url=BASE))
    yield Crowd(house, row)
    house.store.close()


@pytest.fixture
def data(tmp_path, empty_database):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "residency.db")
    return data


@pytest.fixture
async def site(data):
    """With no Temporal server."""
    made = Site(data, temporal_address=NOWHERE, record_timeout=0.5)
    yield made
    made.store.close()


@pytest.fixture
async def live(data, dev_server, task_queue):
    """With a real one; `workers` are the test's own."""
    made = Site(data, temporal_address=dev_server.address, task_queue=task_queue)
    yield made
    made.store.close()
