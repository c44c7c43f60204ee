"""What every test may ask for: a real Temporal dev server, a client, a task queue of its own."""

import os
import shutil
import sys
import uuid

import pytest

from finding import find_binary
from residency.settings import load
from server import DevServer, connect
from store import Store


@pytest.fixture(scope="session")
def temporal_binary():
    """The `temporal` command, found as every command finds it."""
    return find_binary(load(), say=lambda _line: None).path


@pytest.fixture(scope="session")
def dev_server(temporal_binary):
    """A dev server in memory for the whole session; `.address` is where it listens."""
    with DevServer(temporal_binary) as server:
        yield server


@pytest.fixture
async def client(dev_server):
    """A client of the session's dev server; one per test, since it belongs to the test's loop."""
    return await connect(load(), address=dev_server.address)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A migrated database with nothing in it; copied, because migrating takes longer."""
    path = tmp_path_factory.mktemp("database") / "residency.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def store(tmp_path, empty_database):
    """A migrated store of the test's own."""
    store = Store(f"sqlite:///{shutil.copy(empty_database, tmp_path / 'residency.db')}")
    yield store
    store.close()


@pytest.fixture
def task_queue(request):
    """A task queue that no other test uses."""
    return f"{request.node.name[:40]}-{uuid.uuid4().hex[:8]}"


def pytest_configure():
    """No setting of the person who runs the tests, but where the dev server is cached."""
    for name in [name for name in os.environ if name.startswith(("RESIDENCY_", "TEMPORAL_"))]:
        if name != "RESIDENCY_CACHE" and not name.startswith("RESIDENCY_TEST_"):
            del os.environ[name]


_outcome = {"code": 0}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus):
    _outcome["code"] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    """Leave at once: with a Temporal client alive, CPython may abort while it ends (leaving.py)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_outcome["code"])
