"""`server.json` in the data folder: which dev server runs there, for every other process."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import ports
import tethered


@dataclass(frozen=True, kw_only=True)
class Running:
    """A dev server that runs on a data folder, as its `server.json` says."""

    pid: int
    address: str
    version: str
    started: str
    ui: str | None = None


def running(data: Path) -> Running | None:
    """The dev server that runs on this data folder: its process lives and its port answers."""
    state = _read(data)
    if state is None or not tethered.alive(state.pid) or not ports.accepts(state.address):
        return None
    return state


def announce(data: Path, state: Running) -> None:
    """Writes it whole, or not at all."""
    part = data / "server.json.part"
    part.write_text(json.dumps(asdict(state), indent=1) + "\n")
    part.replace(_file(data))


def forget(data: Path, pid: int) -> None:
    """Takes back what a process has announced; what another one has stays."""
    state = _read(data)
    if state is not None and state.pid == pid:
        _file(data).unlink(missing_ok=True)


def _file(data: Path) -> Path:
    return data / "server.json"


def _read(data: Path) -> Running | None:
    """What the file says; a missing or half-written one says nothing."""
    try:
        return Running(**json.loads(_file(data).read_text()))
    except (OSError, ValueError, TypeError):
        return None
