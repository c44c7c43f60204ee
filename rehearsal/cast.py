"""The cast: how each person of a rehearsal acts. The default is prompt and passes; a file says otherwise."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from residency.dates import Calendar, Span, SpanError
from residency.errors import ResidencyError
from residency.files import data_of
from residency.wire import OpenTask

NOTHING = "nothing"
BESIDE = ("concern", "flag")
"""What somebody does beside the task that made them think of it."""

INSTEAD = ("withdraw",)
"""What somebody does instead of it."""

PASSES = {
    "handle-terminate": "rejected",
    "decide-end": "complete",
    "presentation-offer": "accepted",
}
"""Where passing is not the first of the outcomes."""


class Part(BaseModel):
    """One line of a cast file; the first that matches a task is played."""

    model_config = ConfigDict(extra="forbid")

    who: str = ""  # who acts: a name, an address or a role; "" is anybody
    of: str = ""  # about whose residency: a name, an address or the number of an applicant
    when: str = ""  # a task's kind, an item (m3), both ("report m3") or a stage; "" is any task
    do: str = ""  # an outcome, a verb, or nothing; "" is what passes
    late: str = ""  # so long after the due date; "" is in time
    flag: str = ""
    weeks: int = 0
    times: int = 0  # at most so often; 0 has no limit
    answers: dict[str, Any] = Field(default_factory=dict)
    reason: str = "rehearsed"

    @field_validator("late")
    @classmethod
    def _span(cls, value: str) -> str:
        if value:
            Span.parse(value)
        return value


class Cast:
    """The parts of a file, in order; `played` counts how often each was used for a residency."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        self._played: dict[tuple[int, str], int] = {}

    def part_for(
        self,
        task: OpenTask,
        *,
        residency: str,
        who: set[str],
        of: set[str],
        otherwise: Part | None = None,
    ) -> Part:
        """The part for a task: `who` and `of` are all words that the actor and the resident go by."""
        for number, part in enumerate(self._parts):
            played = self._played.get((number, residency), 0)
            if part.times and played >= part.times:
                continue
            if _matches(part, task, who=who, of=of):
                self._played[number, residency] = played + 1
                return part
        return otherwise or Part()


def _matches(part: Part, task: OpenTask, *, who: set[str], of: set[str]) -> bool:
    words = {task.kind, task.item, task.key.split("/")[0], task.key}
    wanted = part.when.split() if " " in part.when and "/" not in part.when else [part.when]
    return (
        (not part.who or part.who.lower() in who)
        and (not part.of or part.of.lower() in of)
        and (not part.when or all(_names(word, words) for word in wanted))
    )


def _names(word: str, words: set[str]) -> bool:
    return word in words or any(each.startswith(f"{word}-") for each in words if each)


def read_cast(path: Path | None) -> Cast:
    """The cast of a file (a YAML list of parts); without one, everybody is prompt and passes."""
    if path is None:
        return Cast([])
    rows = data_of(path)
    if not isinstance(rows, list):
        raise ResidencyError(f'"{path}" holds no list; write - {{who: ..., when: ..., do: ...}}')
    return Cast([_part(path, number, row) for number, row in enumerate(rows, 1)])


def _part(path: Path, number: int, row: Any) -> Part:
    try:
        return Part.model_validate(row)
    except SpanError as error:
        raise ResidencyError(f"{path}: part {number}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(place) for place in first["loc"])
        allowed = ", ".join(Part.model_fields)
        raise ResidencyError(
            f"{path}: part {number}: {where}: {first['msg']}; a part has {allowed}"
        ) from error


def when_done(
    task: OpenTask, part: Part, *, calendar: Calendar, now: datetime, place: int
) -> datetime:
    """When a task is done: the next business morning, in time; or so long after it was due.

    `place` keeps people who do the same thing on the same day a few minutes apart.
    """
    apart = timedelta(minutes=7 * (place % 40))
    if part.late and task.due is not None:
        due = calendar.due_day(task.due)
        day = calendar.day_of(calendar.plus(calendar.at(due, time(10)), Span.parse(part.late)))
        return max(calendar.at(day, time(10)) + apart, now + timedelta(minutes=1))
    day = calendar.next_business(calendar.day_of(task.opened) + timedelta(days=1))
    at = calendar.at(day, time(10)) + apart
    if task.due is not None and at >= task.due:
        at = task.opened + (task.due - task.opened) / 2
    return max(at, now)
