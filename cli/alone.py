"""One command of a kind on one data folder: a second one is told so, and which one is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tethered
from residency.errors import ResidencyError, UnavailableError


@contextmanager
def alone(folder: Path, *, command: str) -> Iterator[None]:
    """Holds the folder for this command; a ResidencyError where another process has it.

    The lock ends with the process, however that ends; the file says who has it and stays behind.
    """
    name = folder / f"{command.rpartition(' ')[2]}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UnavailableError(
            f'"{name}" can\'t be written: {why}. Set RESIDENCY_DATA to another folder.'
        ) from error
    try:
        if not tethered.lock(file):
            pid = os.read(file, 20).decode(errors="replace").strip() or "unknown"
            raise ResidencyError(
                f'`{command}` runs already on "{folder}" (process {pid}); end that one first, or '
                "set RESIDENCY_DATA to another folder."
            )
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)
