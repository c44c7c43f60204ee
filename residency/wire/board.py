"""What a residency knows: its tasks, people, dates and decisions, carried over into every new run.

Defaults are not written and are filled in by whoever reads: they never change (residency/plan.py).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from residency.wire.base import Scalar, Wire
from residency.wire.letters import Letter


class Exit(StrEnum):
    """How a residency ended."""

    REJECTED = "rejected"
    WAITLIST_CLOSED = "waitlist-closed"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    LAPSED = "lapsed"
    RESCINDED = "rescinded"
    TERMINATED = "terminated"
    COMPLETED_EARLY = "completed-early"
    COMPLETED = "completed"
    ENDED = "ended"  # without completion: a required part is missing and a coordinator decided


class State(StrEnum):
    """The state of a task."""

    OPEN = "open"
    DONE = "done"
    LAPSED = "lapsed"
    WAIVED = "waived"


class Shift(Wire):
    """A move of dates. Every date is computed from the first day and these, in order."""

    kind: str  # first-day | extension (later: leave)
    days: int = 0  # what lies on or after `since` moves by so many days
    since: date | None = None
    first_day: date | None = None  # kind first-day: the new one
    action: str = ""


class Answer(Wire):
    """One person's part in a task that several answer."""

    outcome: str = "done"
    score: float | None = None
    submission: str = ""
    at: datetime | None = None


class Task(Wire):
    """Something one or more people must do by a due date. Closed ones keep only what came of them."""

    kind: str
    item: str = ""
    round: int = 1
    state: State = State.OPEN
    who: list[str] = []  # person ids; lead first
    opened: datetime | None = None
    anchor: str = ""  # what the due date counts from, as Timetable reads it; "" is the opening
    due: datetime | None = None
    revision: int = 0  # how often the due date was set anew
    rung: int = 0  # the next rung of the ladder
    rings: datetime | None = None  # when that rung rings
    lapses: datetime | None = None
    parts: dict[str, Answer] = {}
    outcome: str = ""
    score: float | None = None
    submission: str = ""
    by: str = ""
    at: datetime | None = None
    flag: str = ""
    weeks: int = 0
    day: date | None = None  # a due date that a person (or a stage) set; no shift moves it
    span: str = ""  # how long after its opening, where that is not its kind's

    def mean(self) -> float | None:
        """The mean of the scores that its parts gave, to four digits; None where they gave none."""
        given = [part.score for part in self.parts.values() if part.score is not None]
        return round(sum(given) / len(given), 4) if given else None


class Meeting(Wire):
    at: datetime
    minutes: int
    sequence: int = 0  # grows with each change, as an invitation's SEQUENCE
    canceled: bool = False


class Pending(Wire):
    """A decision that nobody was told yet."""

    outcome: str
    by: str = ""
    released: datetime | None = None  # when it will be told
    submission: str = ""


class Flag(Wire):
    """Something raised beside the milestones: concern, extend or terminate; closed with an outcome."""

    flag: str
    by: str
    item: str = ""
    weeks: int = 0
    submission: str = ""
    outcome: str = ""


class BoardState(Wire):
    """All that a residency knows, at most 16 KB over a boundary."""

    seq: int = 0
    stage: str = ""
    now: datetime | None = None  # a rehearsal's clock
    shifts: list[Shift] = []
    tasks: dict[str, Task] = {}  # by key: stage/kind/item/round
    roles: dict[
        str, list[str]
    ] = {}  # mentors (lead first), reviewers, interviewers/<round>, panelists, ...
    pending: dict[str, Pending] = {}  # by stage or stage/item
    meetings: dict[str, Meeting] = {}  # by item: a round's id, or presentation
    told: list[str] = []
    facts: dict[
        str, Scalar
    ] = {}  # what stages remember: results of requirements, mentor recommends, ...
    actions: list[str] = []  # ids of the last 100 actions
    tray: list[Letter] = []
    moment: int = (
        0  # the sequence when somebody acted last: later letters of that time are one moment
    )
    acted: str = ""  # who did last what the story went on from
    acted_at: datetime | None = None
    held: bool = False  # notices are on hold
    withheld: list[Letter] = []  # what was not sent meanwhile
    granted: bool = False  # a seat is held
    extended: int = 0  # weeks
    ended: Exit | None = None
    ended_by: str = ""
    ended_why: str = ""  # submission
    flags: list[Flag] = []
