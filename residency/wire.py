"""Every model that crosses Temporal: ids, outcomes, dates and scores; never a name, an address or free text.

Fields that are added later have defaults, so that every committed payload still decodes.
Instants are timezone-aware UTC datetimes; days are dates in the program's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from residency.plan import Plan

Scalar = str | int | float | bool | None
"""What an event's or a letter's data may hold: an id, a code, a number, an ISO date or instant."""


Data = dict[str, Any]


class Wire(BaseModel):
    """Base of what crosses Temporal. Unknown fields of a newer sender are ignored."""

    # A decoder's message would carry its input into logs and failures.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Keyed(Wire):
    """What names a task by its key, and so needn't say its kind, item and round again on the wire."""

    kind: str = ""
    item: str = ""
    round: int = 1

    @model_validator(mode="after")
    def _read_key(self) -> Self:
        key = getattr(self, "task", "") or getattr(self, "key", "")
        if key and not self.kind:
            _, self.kind, item, round = key.split("/")
            self.item = self.item or item
            self.round = int(round)
        occurrence = getattr(self, "occurrence", "")
        if occurrence.startswith("~"):
            object.__setattr__(self, "occurrence", f"{key}{occurrence}")
        return self

    @model_serializer(mode="wrap")
    def _without_the_obvious(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        key = data.get("task") or data.get("key") or ""
        if info.exclude_defaults and key:
            for name, value in zip(("kind", "item", "round"), key.split("/")[1:], strict=True):
                if str(data.get(name, "")) == value:
                    data.pop(name, None)
            if str(data.get("occurrence", "")).startswith(f"{key}~"):
                data["occurrence"] = data["occurrence"].removeprefix(key)
        return data


class Tag(StrEnum):
    """What a line of the record says: subject:action."""

    STARTED = "residency:started"  # data: program, cohort, track, person
    ENDED = "residency:ended"  # data: how (an Exit); submission: the reason
    STAGE = "stage:entered"  # data: stage
    OPENED = "task:opened"  # data: kind, item, round, due, who (comma-joined), rule, form
    RANG = "task:rang"  # data: rung, to (comma-joined person ids)
    PART = "task:part"  # one of several has answered; data: outcome, score
    DONE = "task:done"  # data: outcome, score
    LAPSED = "task:lapsed"
    WAIVED = "task:waived"
    REOPENED = "task:reopened"  # data: due, who
    MOVED = "task:moved"  # data: due, revision
    REASSIGNED = "task:reassigned"  # data: who
    THANKED = "task:thanked"  # an answer that came after the first one counted
    APPOINTED = "people:appointed"  # data: role, item, who (comma-joined, lead first)
    RELIEVED = "people:relieved"  # data: role, item, who
    DECIDED = "decision:pending"  # data: stage, item, outcome
    RELEASED = "decision:released"  # data: stage, item, outcome, tells_at
    TAKEN_BACK = "decision:taken-back"  # data: stage, item
    EFFECTIVE = "decision:effective"  # data: stage, item, outcome
    MEETING = "meeting:scheduled"  # data: item, at, minutes, sequence
    MEETING_CANCELED = "meeting:canceled"  # data: item, sequence
    DATES = "dates:set"  # data: first, last
    SHIFTED = "dates:shifted"  # data: kind, days, first, last
    SEAT_GRANTED = "seat:granted"
    SEAT_FREED = "seat:freed"
    FLAGGED = "flag:raised"  # data: flag, weeks
    FLAG_CLOSED = "flag:closed"  # data: flag, outcome
    HELD = "notices:held"
    RESUMED = "notices:resumed"
    NOTED = "note:added"
    ADDRESS = "address:corrected"
    BOUNCED = "address:bounced"  # mail to somebody comes back; data: person, notice
    UNDELIVERED = "notice:undelivered"  # data: notice, to
    TOLD = "notice:asked-again"  # a coordinator asked to resend; data: notice
    REFUSED = "action:refused"  # data: verb, code


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


class Event(Wire):
    """One line of the record."""

    seq: int
    at: datetime
    tag: Tag
    actor: str = ""  # a person's id; "" is the program itself
    name_of: str = ""  # in whose name, where a coordinator acts for another
    action: str = ""  # the id of the action that caused it
    task: str = ""  # the task's key: stage/kind/item/round
    submission: str = ""  # where the answers, reason or text are kept
    data: dict[str, Scalar] = {}


class Batch(Wire):
    """What is recorded in one transaction.

    `run` and `history` tell a frozen worker's batch from a live one's.
    """

    residency: str
    first: int  # sequence of the first event
    events: list[Event]
    run: int = 0  # how often the residency had continued as new
    history: int = 0  # events in the history when the batch was decided
    next_at: datetime | None = None  # what rings next, for lists


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


class Line(Keyed):
    """A further notice of the same moment for the same person, carried by the first one's mail."""

    notice: str
    task: str = ""
    due: datetime | None = None
    data: dict[str, Scalar] = {}


class Flag(Wire):
    """Something raised beside the milestones: concern, extend or terminate; closed with an outcome."""

    flag: str
    by: str
    item: str = ""
    weeks: int = 0
    submission: str = ""
    outcome: str = ""


class Letter(Keyed):
    """One mail to one person. Rendered and sent by an activity; names and texts are read there."""

    notice: str
    to: str
    occurrence: str  # unique within residency, notice and receiver
    at: datetime  # the program's time of the moment
    seq: int = 0  # the record's sequence it belongs to: sent only once that is recorded
    task: str = ""
    due: datetime | None = None
    data: dict[str, Scalar] = {}
    lines: list[Line] = []
    not_before: datetime | None = None
    skip: str = ""  # why it is no longer to be sent; it is kept as skipped


class Post(Wire):
    """What one notify activity carries: all mails of a moment.

    On the wire, letters that differ in nothing but their receiver are one, and a letter of now doesn't
    say its time.
    """

    residency: str
    definition: str = ""  # "" is the one that the residency was started with
    now: datetime
    letters: list[Letter]

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("letters"), list):
            return data
        return {
            **data,
            "letters": [
                one for each in data["letters"] for one in _unfolded(each, at=data.get("now"))
            ],
        }

    @model_serializer(mode="wrap")
    def _fold(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> Data:
        data: Data = handler(self)
        if info.exclude_defaults:
            data["letters"] = _folded(data["letters"], at=data["now"])
        return data


def _folded(letters: list[Data], *, at: Any) -> list[Data]:
    folded: list[Data] = []
    for letter in letters:
        to = letter.pop("to")
        if letter.get("at") == at:
            del letter["at"]
        if folded and {**folded[-1], "to": ""} == {**letter, "to": ""}:
            folded[-1]["to"].append(to)
        else:
            folded.append({**letter, "to": [to]})
    return folded


def _unfolded(letter: Any, *, at: Any) -> list[Any]:
    if not isinstance(letter, dict) or not isinstance(letter.get("to"), list):
        return [letter]
    return [{"at": at, **letter, "to": to} for to in letter["to"]]


class Posted(Wire):
    """What came of a Post: letters that must wait, by their place in it, until an instant."""

    later: dict[int, datetime] = {}
    failed: list[int] = []  # those that can't be sent, or nobody knows: a coordinator is told


class Start(Wire):
    """What a residency is started with."""

    residency: str  # r-..., the workflow's id too
    person: str  # p-...
    cohort: str  # c-...
    cohort_name: str
    plan: Plan
    track: str = ""
    closes: datetime | None = None  # applications close: the end of that day
    first_day: date
    coordinators: list[str]
    roles: dict[str, list[str]] = {}  # others who own tasks, by role
    application: str = ""  # the submission that holds the application's answers
    started: datetime  # the program's time of the start (a rehearsal's clock begins here)
    rehearsal: bool = False
    without_attributes: bool = False  # a server that does not know our search attributes
    force_continue: bool = False  # continue as new at every boundary (tests)
    run: int = 0
    state: BoardState | None = None  # carried over by continue-as-new


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
    held: bool = False  # notices are on hold
    granted: bool = False  # a seat is held
    extended: int = 0  # weeks
    ended: Exit | None = None
    ended_by: str = ""
    ended_why: str = ""  # submission
    flags: list[Flag] = []


class Act(Wire):
    """What a person does to a residency: the one model of the Update (and Signal) `act`."""

    id: str  # made by the caller; doing it twice does it once
    verb: str
    actor: str
    name_of: str = ""  # the person in whose name a coordinator acts
    task: str = ""  # a task's key; where empty the verb's own task is meant, if there is just one
    outcome: str = ""
    item: str = ""  # a round, milestone or meeting, where the verb needs one
    flag: str = ""
    weeks: int = 0
    submission: str = ""
    reason: str = ""  # the submission that holds the reason
    score: float | None = None
    results: dict[str, bool] = {}  # requirement -> met, of a judging form
    role: str = ""
    who: list[str] = []
    day: date | None = None
    start: AwareDatetime | None = None  # of a meeting
    minutes: int = 0
    at: AwareDatetime | None = None  # a rehearsal's step carries its time


class Move(Wire):
    """Moves a rehearsal's clock. Refused where something rings before `to`."""

    id: str
    to: AwareDatetime


class OpenTask(Keyed):
    key: str
    who: list[str] = []  # who still has to answer
    opened: datetime
    due: datetime | None = None


class Said(Wire):
    """The answer to an Act or a Move: a code with ids and dates; the client makes the sentence.

    `code` is done | again | thanked | continuing (a new run is beginning: ask again with the same id).
    The last four fields are filled in a rehearsal only, when the residency is quiet.
    """

    code: str
    seq: int = 0
    data: dict[str, Scalar] = {}
    now: datetime | None = None
    next_at: datetime | None = None
    open: list[OpenTask] = []
    ended: Exit | None = None


class View(Wire):
    """The live state of a residency, by Query."""

    residency: str
    stage: str
    now: datetime
    first_day: date
    last_day: date
    next_at: datetime | None = None
    next_what: str = ""
    open: list[OpenTask] = []
    pending: dict[str, Pending] = {}
    meetings: dict[str, Meeting] = {}
    roles: dict[str, list[str]] = {}
    held: bool = False
    ended: Exit | None = None
    unrecorded: int = 0
    unsent: int = 0
    shifts: list[Shift] = []


class Closed(Wire):
    """What came of a task."""

    key: str
    state: State
    outcome: str = ""
    by: str = ""
    at: datetime | None = None


class Preview(Wire):
    """What an Act would do (a dry run): the answer, or the refusal's code, and what it changes."""

    code: str
    refused: bool = False
    data: dict[str, Scalar] = {}
    moves: list[DateMove] = []
    told: list[str] = []  # notice:person
    events: list[Event] = []


class DateMove(Wire):
    what: str  # a task's key, a milestone's id, presentation or last-day
    was: date
    will_be: date


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


for _model in (Start, Preview):
    _model.model_rebuild()
