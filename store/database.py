"""One database: how it is opened, who may write when, and what its faults are called."""

import json
import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from residency.errors import ResidencyError, UnavailableError
from store.faults import locked, unavailable

PATIENCE = 5.0
"""Seconds that a read or write waits for a locked or busy database."""
_WRITES = "residency_writes"


class Database:
    """Engine, transactions and errors; safe to use from any thread.

    SQLite has one writer: the threads of this process take turns here, so that only other
    processes are ever waited for inside SQLite. On PostgreSQL, transactions that must not meet take
    a lock by name.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = _read(url)
        self.read_only = read_only
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.name = (
            str(self.url.database)
            if self.is_sqlite
            else self.url.render_as_string(hide_password=True)
        )
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()
        self._turn = threading.Lock()

    # Opening

    def _sqlite(self) -> Engine:
        path = Path(self.url.database or "").absolute()
        file = f"file:{_quoted(path)}?mode={'ro' if self.read_only else 'rwc'}"
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=32,
            pool_timeout=PATIENCE,
            hide_parameters=True,  # They hold names and subjects, which no message may.
            json_serializer=_compact,
            creator=lambda: sqlite3.connect(
                file, uri=True, timeout=PATIENCE, check_same_thread=False, isolation_level=None
            ),
        )
        # No other hook: one on what connections do would be asked at every statement.
        event.listen(engine, "connect", _prepare_sqlite)
        return engine

    def _postgresql(self) -> Engine:
        options = "-c timezone=UTC"
        if self.read_only:
            options += " -c default_transaction_read_only=on"
        return create_engine(
            self.url,
            pool_size=8,
            max_overflow=32,
            pool_timeout=PATIENCE,
            hide_parameters=True,  # They hold names and subjects, which no message may.
            pool_pre_ping=True,
            json_serializer=_compact,
            connect_args={"connect_timeout": int(PATIENCE), "options": options},
        )

    def keep_a_log(self, *, patience: float) -> None:
        """Makes SQLite's file if needed, with a write-ahead log; that stays with the file.

        The change needs the file for itself and SQLite does not wait for it, so we ask again.
        """
        until = time.monotonic() + patience
        with self._sentences(patience):
            raw = self.engine.raw_connection()
            try:
                while not _log_is_kept(raw.driver_connection, last=time.monotonic() > until):
                    time.sleep(0.02)
            finally:
                raw.close()

    def close(self) -> None:
        self.engine.dispose()

    # Transactions

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; in SQLite all its queries see one moment."""
        with self._sentences(PATIENCE), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                _driver(connection).execute("BEGIN")
            yield connection

    @contextmanager
    def writing(self, *, patience: float = PATIENCE) -> Iterator[Connection]:
        """A transaction that writes; it is durable when the block has ended.

        Raises UnavailableError where the database is locked for longer than `patience` seconds,
        away, read-only or full; nothing was written then.
        """
        until = time.monotonic() + patience
        if self.is_sqlite and not self._turn.acquire(timeout=patience):
            raise locked(self.name, patience)
        try:
            with self._sentences(patience), self.engine.connect() as connection, connection.begin():
                if self.is_sqlite:
                    _begin_writing(connection, max(until - time.monotonic(), 0.001))
                else:
                    _limit_postgresql(connection, patience)
                yield connection
        finally:
            if self.is_sqlite:
                self._turn.release()

    def alone(self, connection: Connection, what: str) -> None:
        """Waits until no other transaction works on the same thing; held until this one ends."""
        if not self.is_sqlite:  # SQLite's writer is alone anyway
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))

    @contextmanager
    def _sentences(self, patience: float) -> Iterator[None]:
        try:
            yield
        except UnavailableError:
            raise
        except Exception as error:
            told = unavailable(error, name=self.name, patience=patience)
            if told is None:
                raise
            raise told from error


def _read(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise ResidencyError(
            "The database's address can't be read; allowed: sqlite:///FILE or postgresql://..."
        ) from None
    if backend not in ("sqlite", "postgresql"):
        raise ResidencyError(f'The database "{backend}" is not known; allowed: sqlite, postgresql.')
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ResidencyError("An SQLite database must be a file: sqlite:///FILE.")
        return parsed.set(drivername="sqlite+pysqlite")
    return parsed.set(drivername="postgresql+psycopg")


def _quoted(path: Path) -> str:
    """A path as SQLite's file address has it."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """FULL: a click's answer promises the disk (docs/decisions/0002-record.md)."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _log_is_kept(connection: Any, *, last: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorname != "SQLITE_BUSY":
            raise
        return False
    return True


def _driver(connection: Connection) -> Any:
    """SQLite itself, which begins sooner than SQLAlchemy would tell it to."""
    return connection.connection.driver_connection


def _begin_writing(connection: Connection, seconds: float) -> None:
    """A writer takes the lock at once: one that reads first and then can't write must start over."""
    # In steps of 50 ms, so that it need not be told to the connection anew each time.
    milliseconds = 50 * math.ceil(seconds * 20)
    if connection.info.get(_WRITES) != milliseconds:
        _driver(connection).execute(f"PRAGMA busy_timeout = {milliseconds}")
        connection.info[_WRITES] = milliseconds
    _driver(connection).execute("BEGIN IMMEDIATE")


def _limit_postgresql(connection: Connection, patience: float) -> None:
    """A lock is waited for as long as that, a busy server a second more."""
    milliseconds = max(int(patience * 1000), 1)
    connection.execute(
        select(
            func.set_config("lock_timeout", f"{milliseconds}ms", True),
            func.set_config("statement_timeout", f"{milliseconds + 1000}ms", True),
        )
    )
