"""Why an action can't be done: what can never become right, and what the residency's state forbids.

Also the task that an action is about, and in whose name it is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import isfinite

from residency.actions import ACTIONS, PROVIDER, Action, Role
from residency.errors import ResidencyError
from residency.tasks import Board
from residency.wire import Act, Scalar, State, Tag, Task

Data = dict[str, Scalar]
"""What an answer or a refusal carries: ids, codes, dates."""
MAX_TEXT = 200  # Ids, keys and codes are far shorter; free text is never in an action.
MAX_MINUTES = 24 * 60
YEARS = (2000, 2199)  # Beyond these a date is a slip of the hand, and calendars end.
MAX_WEEKS = 104  # A two-year extension is a slip of the hand, whatever the program allows.


class Refusal(ResidencyError):  # noqa: N818  # Not a fault, but an answer.
    """Why an action can't be done: a code with ids and dates; `client.py` makes the sentence."""

    def __init__(self, code: str, **data: Scalar) -> None:
        super().__init__(code)
        self.code, self.data = code, data


class Repeated(Exception):  # noqa: N818  # Not a fault, but an answer.
    """The task was settled before: nothing is done, and the answer says who did it and when."""

    def __init__(self, code: str, data: Data) -> None:
        super().__init__(code)
        self.code, self.data = code, data


def never(act: Act) -> Refusal | None:
    """What can never become right, whatever the residency's state: the validator's part."""
    action = ACTIONS.get(act.verb)
    if action is None:
        return Refusal("unknown-verb", verb=act.verb[:40])
    if not act.id or not act.actor or not _is_readable(act):
        return Refusal("malformed")
    for need in action.needs:
        if not getattr(act, need):
            return Refusal("needs", need=need, verb=act.verb)
    if act.flag not in ("", "concern", "extend", "terminate"):
        return Refusal("bad-flag", flag=act.flag[:40])
    if act.flag == "extend" and act.weeks <= 0:
        return Refusal("needs", need="weeks", verb=act.verb)
    if not 0 <= act.weeks <= MAX_WEEKS:
        return Refusal("bad-weeks", weeks=act.weeks)
    if not 0 <= act.minutes <= MAX_MINUTES:
        return Refusal("bad-minutes", minutes=act.minutes)
    days = [act.day, act.start.date() if act.start else None]
    for day in days:
        if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
            return Refusal("bad-day", day=day.isoformat())
    return None


def _is_readable(act: Act) -> bool:
    """Whether every text of it is a short word, as an id or a code is, and its score a number.

    What can't be stored would keep the record waiting for good.
    """
    ids = [act.id, act.actor, act.name_of, act.submission, act.reason, *act.who]
    texts = [value for value in act.__dict__.values() if isinstance(value, str)]
    return (
        all(_is_code(text) for text in (*texts, *act.who, *act.results))
        and not any("/" in each for each in ids)
        and (act.score is None or isfinite(act.score))
    )


def _is_code(text: str) -> bool:
    """One short word without commas: ids are joined by them, and no sentence gets into a history."""
    return text.isprintable() and len(text) <= MAX_TEXT and not set(text) & {" ", ","}


def roles_of(board: Board, person: str) -> set[Role]:
    """The standing roles a person has in a residency."""
    roles = set()
    if person in board.people("coordinators"):
        roles.add(Role.COORDINATOR)
    if person == board.start.person:
        roles.add(Role.RESIDENT)
    if person in board.people("mentors"):
        roles.add(Role.MENTOR)
    return roles


def refusal(board: Board, act: Act) -> Refusal | None:
    """Why this can't be done now, or None: the residency's stage and who it is that asks."""
    if (reason := never(act)) is not None:
        return reason
    action = ACTIONS[act.verb]
    if board.state.ended is not None:
        return Refusal("ended", how=board.state.ended.value)
    if board.state.stage not in action.stages:
        return Refusal(
            "wrong-stage",
            verb=act.verb,
            stage=board.state.stage,
            allowed=",".join(action.stages),
        )
    return _not_allowed(board, act, action)


def _not_allowed(board: Board, act: Act, action: Action) -> Refusal | None:
    person = act.name_of or act.actor
    held = roles_of(board, person)
    if act.name_of:
        if Role.COORDINATOR not in roles_of(board, act.actor):
            return Refusal("not-coordinator", actor=act.actor)
        if not act.reason:
            return Refusal("needs", need="reason", verb=act.verb)
    if action.told and act.actor == PROVIDER:
        return None
    if held & set(action.roles) or Role.ASSIGNEE in action.roles:
        return None  # whose task it is, is seen where the task is
    if act.verb == "correct-address" and act.page and act.who == [person]:
        return None  # everybody their own; a page says whose it is, which it did not always do
    return Refusal(
        "not-allowed",
        verb=act.verb,
        actor=person,
        roles=",".join(role.value for role in action.roles),
    )


def find_task(board: Board, act: Act) -> tuple[str, Task]:
    """The task that an action is about; a Refusal says which ones there are."""
    action = ACTIONS[act.verb]
    if act.task:
        if (task := board.state.tasks.get(act.task)) is None:
            open_keys = [key for key, _ in board.open_tasks()]
            raise Refusal("no-such-task", task=act.task[:80], open=",".join(open_keys[:12]))
        if action.kinds and not _of_kinds(task, action.kinds):
            raise Refusal("wrong-kind", task=act.task, verb=act.verb)
        return act.task, task
    found = [
        (key, task)
        for key, task in board.state.tasks.items()
        if _of_kinds(task, action.kinds) and (not act.item or task.item == act.item)
    ]
    still_open = [(key, task) for key, task in found if task.state is State.OPEN]
    if len(still_open) > 1:
        mine = [pair for pair in still_open if (act.name_of or act.actor) in pair[1].who]
        if len(mine) != 1:
            raise Refusal("which-task", open=",".join(key for key, _ in still_open))
        return mine[0]
    if not found:
        raise Refusal("no-open-task", verb=act.verb)
    return (still_open or found)[-1]


def _of_kinds(task: Task, kinds: Iterable[str]) -> bool:
    return any(task.kind.startswith(kind) for kind in kinds)


def whose(board: Board, act: Act, key: str, task: Task) -> str:
    """In whose name a task is answered. A coordinator may, in another's, with a reason."""
    person = act.name_of or act.actor
    asked = board.waiting_for(task)
    if person in asked:
        return person
    if person in task.parts:
        raise Repeated("again", {"task": key, "by": person, "at": iso(task.parts[person].at)})
    in_a_strange_name = bool(asked) and act.name_of not in ("", act.actor)
    if in_a_strange_name or Role.COORDINATOR not in roles_of(board, act.actor):
        raise Refusal("not-yours", task=key, who=",".join(asked))
    if not act.reason:
        raise Refusal("not-yours-but", task=key, who=",".join(asked))
    return asked[0] if asked else person


def settled(board: Board, act: Act, key: str, task: Task) -> Data:
    """A second answer: of one who had the task too it is kept as a comment, others learn who was first."""
    person = act.name_of or act.actor
    data: Data = {
        "task": key,
        "by": task.by,
        "at": iso(task.at),
        "outcome": task.outcome or task.state.value,
    }
    if task.state is State.DONE and person in task.who and person != task.by and act.submission:
        board.write(Tag.THANKED, task=key, submission=act.submission)
        board.tell(
            "thanked", [person], f"{key}~{act.id}", task=key, outcome=task.outcome, by=task.by
        )
        raise Repeated("thanked", data)
    raise Repeated("again", data)


def iso(instant: datetime | None) -> str:
    """An instant as ISO text; empty where there is none."""
    return instant.isoformat() if instant else ""
