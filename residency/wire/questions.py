"""What a residency asks of the store: people of a pool, a seat, what answers say of requirements."""

from __future__ import annotations

from residency.wire.base import Wire


class Assign(Wire):
    """Asks the store for people of a pool: least loaded first, in turn.

    Idempotent by (residency, role, item).
    """

    residency: str
    cohort: str
    track: str = ""
    role: str  # reviewers | interviewers | panelists | mentors
    item: str = ""
    count: int
    but: list[str] = []  # not these


class Assigned(Wire):
    who: list[str] = []


class SeatWanted(Wire):
    residency: str
    cohort: str
    track: str = ""


class SeatSaid(Wire):
    granted: bool
    taken: int = 0
    seats: int = 0


class Judge(Wire):
    """Asks for what the answers alone can say of the requirements that a program judges by `answers`."""

    residency: str
    definition: str
    submission: str
    requirements: list[str]


class Judged(Wire):
    results: dict[str, bool] = {}
