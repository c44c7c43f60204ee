"""Files of a rehearsal that are lists: what is wrong with any entry is told at its line, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from residency.errors import ResidencyError
from residency.files import text_of
from residency.source import Fault, Source, Steps, read

MOST: Final = 200_000
"""Parts that a list may have; a thousand people with fifty answers each have fewer."""


def entries_of(file: Path, *, like: str) -> list[Source]:
    """The entries of a YAML or JSON list, each with its places and faults.

    What can't be read as a whole is a ResidencyError; `like` shows how an entry is written.
    """
    text_of(file)  # It says why a file can't be read.
    source = read(file, most=MOST)
    if source.faults:
        raise ResidencyError(faults_text(source.faults))
    if not isinstance(source.data, list):
        raise ResidencyError(f'"{file}" holds no list; write - {like}')
    entries = [Source(source.path, data) for data in source.data]
    for steps, place in source.places.items():
        if steps and isinstance(number := steps[0], int):
            entries[number].places[steps[1:]] = place
    return entries


def is_mapping(entry: Source, *, like: str) -> bool:
    """Whether it is; where it is not, that is noted."""
    if not isinstance(entry.data, dict):
        entry.fault((), f"not a mapping; write {like}")
    return isinstance(entry.data, dict)


def given_in(entry: Source) -> dict[str, Any]:
    """What an entry gives; a key with nothing behind it gives nothing."""
    return {key: value for key, value in entry.data.items() if value is not None}


def steps_at(entry: Source, *steps: str) -> Steps:
    """Those steps, or as many of them as were written."""
    while steps and steps not in entry.places:
        steps = steps[:-1]
    return steps


def faults_of(entries: Iterable[Source]) -> list[Fault]:
    return [fault for entry in entries for fault in entry.faults]


def faults_text(faults: Iterable[Fault]) -> str:
    """One fault a line, as `program check` shows them, and how many there are."""
    lines = [str(fault) for fault in sorted(set(faults))]
    number = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
    return "\n".join([*lines, f"{number}; nothing was started"])
