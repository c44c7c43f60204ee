"""Small notes on their way into the database: many of them, of the same tenth of a second, cost one write."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

PAUSE: Final = 0.1
"""Seconds that a note waits for others."""


class Gathered:
    """Notes by key, written together by a thread of their own; `flush` writes them at once.

    For what may be lost, because it can be found out again: a process that dies loses those of the
    last moment. `write` says for itself what it does where the database is away.
    """

    def __init__(self, write: Callable[[Mapping[str, str]], None]) -> None:
        self._write = write
        self._notes: dict[str, str] = {}
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def put(self, key: str, note: str) -> None:
        """Takes a note; the first one of a key counts."""
        with self._lock:
            self._notes.setdefault(key, note)
            if self._timer is None:
                self._timer = threading.Timer(PAUSE, self.flush)
                self._timer.daemon = True  # A command that ends waits for no note.
                self._timer.start()

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._notes

    def flush(self) -> None:
        """Writes what has come so far; on return it is in the database, or was given up."""
        with self._writing:
            with self._lock:
                notes, timer = dict(self._notes), self._timer
                self._timer = None
            if timer is not None:
                timer.cancel()
            if notes:
                self._write(notes)
            with self._lock:  # Only now: until it is written, it is known here.
                for key in notes:
                    del self._notes[key]
