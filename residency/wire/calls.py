"""How a residency is started, acted on and asked; what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Self

from pydantic import (
    AwareDatetime,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from residency.plan import Plan
from residency.wire.base import Data, Keyed, Scalar, Wire
from residency.wire.board import BoardState, Exit, Meeting, Pending, Shift, State, Task
from residency.wire.questions import SeatWanted
from residency.wire.record import Event

EDITION: Final = 2
"""Of the house's rules. What began by former ones goes on by them until its next run, so that its
history replays. 1: mails that wait are held, too; one mail lists what did not go in one moment; of
two dates that are granted the later stands. 2: who was handed a task has its later rounds, too; a
rework is not due before its milestone; a wish for another date ends with its task.
"""


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
    edition: int = 0  # of the rules that this run began by
    state: BoardState | None = None  # carried over by continue-as-new


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
    page: bool = False  # done through a page: whoever did it gets a receipt


class Move(Wire):
    """Moves a rehearsal's clock. Refused where something rings before `to`."""

    id: str = Field("", exclude=True)  # tells calls apart where they are made; a move needs none
    to: AwareDatetime


class OpenTask(Keyed):
    key: str
    who: list[str] = []  # who still has to answer
    opened: datetime
    due: datetime | None = None


class Said(Wire):
    """The answer to an Act or a Move: a code with ids and dates; the client makes the sentence.

    `code` is done | again | thanked | continuing (a new run is beginning: ask again with the same id).
    The last four fields are filled in a rehearsal only, when the residency is quiet. On the wire, a
    task that opened now doesn't say when.
    """

    code: str = "done"
    seq: int = 0
    data: dict[str, Scalar] = {}
    now: datetime | None = None
    next_at: datetime | None = None
    open: list[OpenTask] = []
    ended: Exit | None = None

    def without(self, act: Act) -> Said:
        """Without what the action said itself, where it was done just now."""
        if self.code != "done":
            return self
        known = {name: value for name, value in _said_by(act).items() if value}
        data = {k: v for k, v in self.data.items() if k not in known or v != known[k]}
        return self.model_copy(update={"data": data})

    def beside(self, asked: Act | Move) -> Said:
        """With what the action said itself, as before it crossed the wire."""
        if self.code != "done" or not isinstance(asked, Act):
            return self
        known = {name: value for name, value in _said_by(asked).items() if value}
        return self.model_copy(update={"data": known | self.data})

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("open"), list):
            return data
        now = data.get("now")
        tasks = [{"opened": now, **task} if type(task) is dict else task for task in data["open"]]
        return {**data, "open": tasks}

    @model_serializer(mode="wrap")
    def _without_now(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> Data:
        data: Data = handler(self)
        if info.exclude_defaults:
            for task in data.get("open", []):
                if task.get("opened") == data.get("now"):
                    del task["opened"]
        return data


def _said_by(act: Act) -> dict[str, Scalar]:
    return {"task": act.task, "outcome": act.outcome}


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
    kept: int = 0  # of the unsent, those that wait for their window
    settled: bool = False  # nothing is unrecorded, and no mail is on its way
    shifts: list[Shift] = []


class Closed(Wire):
    """What came of a task."""

    key: str
    state: State
    outcome: str = ""
    by: str = ""
    at: datetime | None = None

    @classmethod
    def all_of(cls, tasks: Mapping[str, Task]) -> list[Self]:
        """Every task that is closed, in the order of their ends."""
        closed = [
            cls(key=key, state=task.state, outcome=task.outcome, by=task.by, at=task.at)
            for key, task in tasks.items()
            if task.state is not State.OPEN
        ]
        return sorted(closed, key=lambda each: (str(each.at), each.key))


class DateMove(Wire):
    what: str  # a task's key, a milestone's id, presentation or last-day
    was: date
    will_be: date


class Preview(Wire):
    """What an Act would do (a dry run): the answer, or the refusal's code, and what it changes."""

    code: str
    refused: bool = False
    data: dict[str, Scalar] = {}
    moves: list[DateMove] = []
    told: list[str] = []  # notice:person
    events: list[Event] = []
    seat: SeatWanted | None = None  # what it would ask the store for, which may have none left
