import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from residency.errors import ResidencyError, UnavailableError
from residency.settings import CHECKOUT
from store import Store
from store.database import Database
from tests.store.batches import R, batch, opened, person, started


@pytest.fixture
def sqlite_store(sqlite_path):
    store = Store(f"sqlite:///{sqlite_path}")
    yield store
    store.close()


def test_database_locked_by_another_process_is_told_in_time(sqlite_store, sqlite_path):
    other = sqlite3.connect(sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()

    with pytest.raises(UnavailableError) as refused:
        sqlite_store.record.append(batch(started()), patience=0.25)

    took = time.monotonic() - began
    other.close()
    assert str(refused.value) == (
        f'The database "{sqlite_path}" is locked by another process (waited 0.25 s); '
        "try again in a moment."
    )
    assert took < 1
    sqlite_store.record.append(batch(started()), patience=0.25)


def test_thread_that_writes_too_long_is_not_waited_for(store):
    holds, go = threading.Event(), threading.Event()

    def hold():
        with store.database.writing() as connection:
            store.database.alone(connection, R)
            holds.set()
            go.wait(5)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        holds.wait(5)
        with pytest.raises(UnavailableError, match=r"waited 0\.2 s"):
            store.record.append(batch(started()), patience=0.2)
        go.set()
        held.result()

    store.record.append(batch(started()), patience=0.2)


def test_reading_goes_on_while_somebody_writes(sqlite_store):
    sqlite_store.people.add(person("p-a"))

    with sqlite_store.database.writing():
        found = sqlite_store.people.get("p-a")

    assert found is not None


def test_full_disk_is_told_and_nothing_is_half_written(sqlite_store, sqlite_path):
    with sqlite_store.database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute(f"PRAGMA max_page_count = {raw.execute('PRAGMA page_count').fetchone()[0]}")
    told = [opened(seq, f"milestones/report/m{seq}/1") for seq in range(2, 40)]
    for event in told:
        event.data["note"] = "x" * 5000

    with pytest.raises(UnavailableError) as refused:
        sqlite_store.record.append(batch(started(), *told))

    assert str(refused.value) == (
        f'The database "{sqlite_path}" could not be written: the disk is full; free some space.'
    )
    assert sqlite_store.record.events(R) == []


def test_read_only_store_reads_and_does_not_write(store, url):
    store.people.add(person("p-a"))
    looker = Store(url, read_only=True)

    with pytest.raises(UnavailableError, match=r"could not be written: it is read-only"):
        looker.people.add(person("p-b"))

    assert looker.people.get("p-a") is not None
    looker.close()


def test_read_only_store_makes_no_file(tmp_path):
    looker = Store(f"sqlite:///{tmp_path}/none.db", read_only=True)

    with pytest.raises(UnavailableError, match=r"can't be opened"):
        looker.people.get("p-a")

    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UnavailableError) as refused:
        Store(f"sqlite:///{tmp_path}/file/residency.db").migrate()

    assert str(refused.value) == (
        f'The folder of the database "{tmp_path}/file/residency.db" can\'t be made: File exists.'
    )


def test_file_of_another_kind_is_told(tmp_path):
    (tmp_path / "residency.db").write_text("This is a text about residencies. " * 200)
    store = Store(f"sqlite:///{tmp_path}/residency.db")

    with pytest.raises(UnavailableError) as refused:
        store.migrate()

    assert str(refused.value) == (
        f'The database "{tmp_path}/residency.db" is no SQLite database; '
        "move the file away or choose another."
    )
    store.close()


def test_server_that_is_away_is_told_without_its_password():
    store = Store("postgresql://ada:secret@127.0.0.1:1/residency")

    with pytest.raises(UnavailableError) as refused:
        store.people.get("p-a")

    assert str(refused.value) == (
        'The database "postgresql+psycopg://ada:***@127.0.0.1:1/residency" can\'t be reached.'
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://x/y", 'The database "mysql" is not known; allowed: sqlite, postgresql.'),
        ("sqlite://", "An SQLite database must be a file: sqlite:///FILE."),
        (
            "residency.db",
            "The database's address can't be read; allowed: sqlite:///FILE or postgresql://...",
        ),
    ],
)
def test_bad_address_is_told(address, sentence):
    with pytest.raises(ResidencyError) as refused:
        Database(address)

    assert str(refused.value) == sentence


def test_failed_transaction_leaves_nothing_and_the_turn_is_free(store):
    store.people.add(person("p-a"))

    def fail():
        with store.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM people")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert store.people.get("p-a") is not None
    store.people.add(person("p-b"))


WRITER = """
import sys
from store import Store
from store.mails import Settled
from tests.store.batches import mail
store = Store(sys.argv[1])
for number in range(60):
    [one] = store.outbox.open_many([mail(f"o{number}")], "other")
    assert store.outbox.settle_many("other", [Settled(key=one.row.key, state="sent")])
"""


def test_two_processes_write_the_same_database(store, url):
    other = subprocess.Popen([sys.executable, "-c", WRITER, url], cwd=CHECKOUT)

    for number in range(60):
        store.record.append(batch(started(), residency=f"r-{number}"))

    assert other.wait(timeout=60) == 0
    assert store.outbox.counts() == {"sent": 60}
    assert store.record.count() == 60
