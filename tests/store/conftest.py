"""Each test of the store runs on SQLite and, where there is one, on PostgreSQL."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from store import Store
from store.tables import metadata
from tests.store.cluster import binaries, cluster

WITHOUT = (
    "no PostgreSQL: set RESIDENCY_TEST_POSTGRES to a server's address, or install its server "
    "(`initdb` and `postgres`)"
)


@pytest.fixture(scope="session")
def postgresql_server():
    """The address of a server where we may create databases; a cluster of our own if need be."""
    if given := os.environ.get("RESIDENCY_TEST_POSTGRES"):
        yield given
        return
    if (found := binaries()) is None:
        pytest.skip(WITHOUT)
    with cluster(found) as address:
        yield address


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server):
    """The address of a migrated database that is emptied after each test."""
    name = f"residency_test_{os.getpid()}"
    _run(postgresql_server, f'CREATE DATABASE "{name}"')
    address = make_url(postgresql_server).set(database=name)
    url = address.render_as_string(hide_password=False)
    store = Store(url)
    store.migrate()
    store.close()
    yield url
    _run(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a database with all tables and nothing in them."""
    if request.param == "sqlite":
        path = tmp_path / "residency.db"
        shutil.copy(request.getfixturevalue("empty_database"), path)
        yield f"sqlite:///{path}"
        return
    database = request.getfixturevalue("postgresql_database")
    yield database
    _run(database, f"TRUNCATE {', '.join(metadata.tables)}")


@pytest.fixture
def store(url):
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_path(empty_database, tmp_path):
    """A migrated SQLite file, for what is SQLite's alone."""
    return Path(shutil.copy(empty_database, tmp_path / "residency.db"))


def _run(server, statement):
    address = make_url(server).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as link:
        link.execute(statement)
