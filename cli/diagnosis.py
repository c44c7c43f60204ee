"""What `residency doctor` says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass

WORKS, NOTE, BROKEN = "ok", "note", "broken"
MARKS = {WORKS: "ok     ", NOTE: "note   ", BROKEN: "BROKEN "}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; `todo` is what to do about it."""

    about: str
    state: str
    said: str
    todo: str = ""
