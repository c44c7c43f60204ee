"""The rows that lists give: plain values, safe to keep after the database is closed."""

from dataclasses import dataclass, field
from datetime import date, datetime

from residency.wire import Event, State
from store.mails import Mail
from store.people import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidencyRow:
    """One residency as lists show it; `ended` is an Exit's value or ""."""

    id: str
    program: str
    cohort: str
    cohort_name: str
    track: str
    person: str
    name: str  # the person's; "" where it was deleted
    definition: str
    rehearsal: bool
    stage: str
    stage_at: datetime | None
    ended: str
    started_at: datetime | None
    ended_at: datetime | None
    first_day: date | None
    last_day: date | None
    next_at: datetime | None
    held: bool
    seat: str  # "", granted or freed
    seq: int  # the last event
    open_tasks: int
    next_due: datetime | None  # of its open tasks


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRow:
    """One task. `who` has everybody asked, lead first; `waiting` those who must still answer."""

    residency: str
    resident: str
    resident_name: str
    cohort: str
    cohort_name: str
    program: str
    definition: str
    key: str
    kind: str
    stage: str
    item: str
    round: int
    state: State
    rule: str
    form: str
    opened: datetime
    due: datetime | None
    rung: int | None  # the last rung of its ladder that rang
    closed_at: datetime | None
    outcome: str
    score: float | None
    by: str
    submission: str
    revision: int
    who: list[str]
    answered: list[str]

    @property
    def waiting(self) -> list[str]:
        if self.state is not State.OPEN:
            return []
        if self.rule == "lead":
            return self.who[:1]
        return [person for person in self.who if person not in self.answered]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """An open task as a list of residencies shows it; `who` has names by id, the lead first."""

    key: str
    kind: str
    item: str
    round: int
    opened: datetime
    due: datetime | None
    who: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    role: str
    item: str
    person: str
    place: int  # 0 is the lead
    active: bool
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    stage: str
    item: str
    outcome: str
    state: str  # pending, released or effective
    by: str
    submission: str
    at: datetime
    tells_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingRow:
    item: str
    at: datetime
    minutes: int
    sequence: int
    canceled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """One residency with everything that is known of it, and everybody it names."""

    row: ResidencyRow
    tasks: list[TaskRow]
    appointments: list[Appointment]
    decisions: list[Decision]
    meetings: list[MeetingRow]
    people: dict[str, Person]

    def role(self, role: str, item: str = "") -> list[str]:
        """Who has a role now, lead first."""
        held = [one for one in self.appointments if one.active]
        return [one.person for one in held if (one.role, one.item) == (role, item)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A line of a timeline: an event or a mail."""

    at: datetime
    event: Event | None = None
    mail: Mail | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Of one cohort: residencies by stage (those under way), by end, tasks and mails by state."""

    stages: dict[str, int]
    ends: dict[str, int]
    tasks: dict[str, int]
    mails: dict[str, int]
