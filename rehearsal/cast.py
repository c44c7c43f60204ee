"""The cast: how each person of a rehearsal acts. The default is prompt and passes; a file says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from rehearsal.listed import entries_of, faults_of, given_in, is_mapping
from residency.dates import Calendar, Span
from residency.fields import ROLES, Model, SpanText
from residency.kinds import kinds_of
from residency.meetings import CHECK
from residency.milestones import milestone_ids
from residency.program import Program
from residency.source import Fault, Source, quoted
from residency.validation import did_you_mean, validated
from residency.wire import OpenTask

LIKE = "{who: ..., when: ..., do: ...}"

NOTHING = "nothing"
BESIDE = ("concern", "flag")
"""What somebody does beside the task that made them think of it."""

INSTEAD = ("withdraw",)
"""What the resident does instead of it, whoever was asked."""

PASSES = {
    "handle-terminate": "rejected",
    "decide-end": "complete",
    "presentation-offer": "accepted",
}
"""Where passing is not the first of the outcomes."""


FLAGS: Final = ("concern", "extend", "terminate")
UNDECIDED: Final = "undecided"
"""What any decision may be, besides its outcomes."""

WAITLIST: Final = "waitlist"
"""What the items begin with of those who wait for a seat: waitlist-1, waitlist-2."""

Number = Annotated[int, Field(ge=0, le=1000)]


def _texted(value: Any) -> Any:
    """An applicant's number need not be put in quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Part(Model):
    """One line of a cast file; the first that matches a task is played."""

    who: str = ""  # who is asked: a name, an address or a role; "" is anybody
    # about whose residency: a name, an address or the number of an applicant
    of: Annotated[str, BeforeValidator(_texted)] = ""
    when: str = ""  # a task's kind, an item (m3), both ("report m3") or a stage; "" is any task
    do: str = ""  # an outcome, a verb, or nothing; "" is what passes
    late: SpanText = ""  # so long after the due date; "" is in time
    flag: str = ""
    weeks: Number = 0
    times: Number = 0  # at most so often; 0 has no limit
    answers: dict[str, Any] = Field(default_factory=dict)
    reason: str = "rehearsed"


@dataclass(frozen=True)
class Words:
    """What a cast file may say of a program: tasks by `when`, what comes of them by `do`."""

    stages: tuple[str, ...]
    items: tuple[str, ...]
    outcomes: Mapping[str, tuple[str, ...]]  # of each kind of task
    # Who acts, by role, name or address, and about whom; where nothing is known, all is allowed.
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    applicants: tuple[str, ...] = ()

    def note(self, entry: Source, part: Part) -> None:
        """Notes what the program knows nothing of."""
        words = wanted(part.when)
        known = [*self.stages, *self.outcomes, *self.items]
        unknown = [word for word in words if not self._knows(word)]
        for word in unknown:
            near = did_you_mean(word, known) or (
                f"; stages are {', '.join(self.stages)}; tasks are {', '.join(self.outcomes)}"
            )
            says = f"{quoted(word)} is no task, item or stage of this program{near}"
            entry.fault(("when",), says)
        if part.flag and part.flag not in FLAGS:
            near = did_you_mean(part.flag, list(FLAGS))
            entry.fault(("flag",), f"{quoted(part.flag)} is no flag; write {_or(FLAGS)}{near}")
        self._note_people(entry, part)
        if not unknown:
            self._note_do(entry, part, words)

    def _note_people(self, entry: Source, part: Part) -> None:
        """Notes who is nobody here: a line about them would never be played."""
        who = [*self.roles, *self.people, *self.applicants]
        if part.who and self.roles and not _known_as(part.who, "p-", who):
            near = did_you_mean(part.who.lower(), who)
            says = f"is nobody here; write a role ({_or(self.roles)}), a name or an address{near}"
            entry.fault(("who",), f"{quoted(part.who)} {says}")
        if part.of and self.applicants and not _known_as(part.of, "r-", self.applicants):
            near = did_you_mean(part.of.lower(), list(self.applicants))
            most = sum(one.isdigit() for one in self.applicants)
            says = f"is no applicant here; write a number up to {most}, a name or an address{near}"
            entry.fault(("of",), f"{quoted(part.of)} {says}")

    def _note_do(self, entry: Source, part: Part, words: list[str]) -> None:
        allowed = [*self._outcomes(words), *BESIDE, *INSTEAD, NOTHING]
        if part.do and part.do not in allowed:
            near = did_you_mean(part.do, allowed)
            says = f"{quoted(part.do)} can't be done there; write {_or(allowed)}{near}"
            entry.fault(("do",), says)

    def _knows(self, word: str) -> bool:
        parts = word.split("/")
        if len(parts) > 1:
            return parts[0] in self.stages and parts[1] in self.outcomes
        # A turn on the waitlist; whom to appoint: "interviewers.talk".
        if word.partition("-")[0] == WAITLIST or word.partition(".")[0] in ROLES:
            return True
        return word.isdigit() or _names(word, {*self.stages, *self.outcomes, *self.items})

    def _outcomes(self, words: list[str]) -> list[str]:
        """What may come of the tasks that these words name; of any, where they name no kind."""
        meant = {kind for word in words for kind in self._kinds(word)} or set(self.outcomes)
        found = [
            outcome for kind in self.outcomes if kind in meant for outcome in self.outcomes[kind]
        ]
        return list(dict.fromkeys(found))

    def _kinds(self, word: str) -> list[str]:
        if "/" in word:
            return [word.split("/")[1]]
        if word in self.stages and word not in self.outcomes:
            return []
        return [kind for kind in self.outcomes if _names(word, {kind})]


def _known_as(text: str, prefix: str, words: Iterable[str]) -> bool:
    """Whether somebody goes by that; ids are known only once it runs."""
    return text.lower() in words or text.startswith(prefix)


def words_of(
    program: Program,
    *,
    roles: Iterable[str] = (),
    people: Iterable[str] = (),
    applicants: Iterable[str] = (),
) -> Words:
    """What a cast file may say of this program, and of those who play it, as they go by."""
    outcomes: dict[str, tuple[str, ...]] = {CHECK: ("done",)}  # It belongs to no stage's plan.
    for name, kind in kinds_of(program).items():
        decision = name.startswith(("decide", "select"))
        outcomes[name] = (*kind.outcomes, UNDECIDED) if decision else tuple(kind.outcomes)
    stages = program.stages
    rounds = [one.id for one in stages.interviews.rounds] if stages.interviews else []
    items = [one.id for one in stages.onboarding.items] if stages.onboarding else []
    return Words(
        stages=tuple(name for name, stage in stages if stage is not None),
        items=(*milestone_ids(program), *rounds, *items, "presentation"),
        outcomes=outcomes,
        roles=tuple(roles),
        people=tuple(people),
        applicants=tuple(applicants),
    )


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


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
    return (
        (not part.who or part.who.lower() in who)
        and (not part.of or part.of.lower() in of)
        and all(_names(word, words) for word in wanted(part.when))
    )


def wanted(when: str) -> list[str]:
    """The words that a task must go by: a key is one, "report m3" is two."""
    return [when] if "/" in when else when.split()


def _names(word: str, words: set[str]) -> bool:
    """Whether it is one of the words or what they begin with; `sign_off` is `sign-off`, too."""
    named = {word, word.replace("_", "-")}
    return not named.isdisjoint(words) or any(
        each.startswith(f"{one}-") for each in words for one in named
    )


def read_cast(path: Path | None, *, words: Words | None = None) -> tuple[Cast, list[Fault]]:
    """The cast of a file (a YAML list of parts), and what is wrong with it; without a file,
    everybody is prompt and passes.

    `words` are those of the program that is to be rehearsed.
    """
    if path is None:
        return Cast([]), []
    entries = entries_of(path, like=LIKE)
    parts = [_part(entry, words) for entry in entries]
    return Cast(parts), faults_of(entries)


def _part(entry: Source, words: Words | None) -> Part:
    part = validated(entry, Part, given_in(entry)) if is_mapping(entry, like=LIKE) else None
    if part is not None and words is not None:
        words.note(entry, part)
    return part or Part()


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
