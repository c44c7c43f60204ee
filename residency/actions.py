"""The table of actions: who may do what to a residency, where, and what it needs.

Handlers, the command line, pages, docs and tests are made from it. `refusal` says why an action can't
be done; `residency.effects` does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from residency.errors import ResidencyError
from residency.tasks import Board
from residency.wire import Act, Scalar, State, Tag, Task

STAGES = (
    "application",
    "screening",
    "interviews",
    "selection",
    "offer",
    "onboarding",
    "milestones",
    "presentation",
    "publication",
    "completion",
)
IN_RESIDENCE = ("milestones", "presentation", "publication", "completion")
BEFORE_OFFER = STAGES[:4]
PROVIDER = "mail"
"""The actor of what a mail provider tells; no person."""
MAX_TEXT = 200  # Ids, keys and codes are far shorter; free text is never in an action.
MAX_MINUTES = 24 * 60
YEARS = (2000, 2199)  # Beyond these a date is a slip of the hand, and calendars end.
MAX_WEEKS = 104  # A two-year extension is a slip of the hand, whatever the program allows.


Data = dict[str, Scalar]
"""What an answer or a refusal carries: ids, codes, dates."""


class Role(StrEnum):
    """Who does it. A coordinator may do anything in another's name, with a reason."""

    ASSIGNEE = "assignee"
    RESIDENT = "resident"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"


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


@dataclass(frozen=True, kw_only=True)
class Action:
    """One row. `needs` names fields of an Act that must be given; `kinds` limits the tasks it is about."""

    verb: str
    help: str
    roles: tuple[Role, ...]
    stages: tuple[str, ...] = STAGES
    needs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # prefixes of the kinds of task; the first open one is meant
    outcome: str = ""  # what it answers, where the verb says it all
    mails: bool = True
    inverse: str = ""
    told: bool = False  # the mail provider may do it, too


_COORDINATOR = (Role.COORDINATOR,)
_ROWS = (
    Action(
        verb="complete",
        help="Complete your own task: a review, a scorecard, a checklist item, a report, ...",
        roles=(Role.ASSIGNEE,),
        needs=("task",),
        inverse="reopen",
    ),
    Action(
        verb="accept",
        help="Accept the offer.",
        roles=(Role.ASSIGNEE,),
        stages=("offer",),
        kinds=("offer",),
        outcome="accepted",
    ),
    Action(
        verb="decline",
        help="Decline the offer.",
        roles=(Role.ASSIGNEE,),
        stages=("offer",),
        kinds=("offer",),
        outcome="declined",
    ),
    Action(
        verb="approve",
        help="Sign a milestone off.",
        roles=(Role.ASSIGNEE,),
        kinds=("sign-off",),
        outcome="approved",
        inverse="reopen",
    ),
    Action(
        verb="request-changes",
        help="Ask the resident for another round of a report.",
        roles=(Role.ASSIGNEE,),
        kinds=("sign-off",),
        outcome="changes",
        inverse="reopen",
    ),
    Action(
        verb="withdraw",
        help="Leave: withdraw from the program, at any time.",
        roles=(Role.RESIDENT,),
        needs=("reason",),
    ),
    Action(
        verb="concern",
        help="Raise a concern; coordinators alone hear of it.",
        roles=(Role.RESIDENT, Role.MENTOR),
        needs=("reason",),
    ),
    Action(
        verb="flag",
        help="Raise a flag on any day: concern, extend (with weeks) or terminate.",
        roles=(Role.MENTOR, Role.COORDINATOR),
        stages=("onboarding", *IN_RESIDENCE),
        needs=("flag", "reason"),
    ),
    Action(
        verb="decide",
        help="Decide: advance or reject after a round, accept, waitlist or reject in the selection; "
        "complete or end at the end; undecided keeps the decision open.",
        roles=_COORDINATOR,
        needs=("outcome",),
        inverse="take-back",
    ),
    Action(
        verb="release",
        help="Release a pending decision; it is told after the cooling-off.",
        roles=_COORDINATOR,
        stages=BEFORE_OFFER,
        inverse="take-back",
    ),
    Action(
        verb="take-back",
        help="Take back a decision that nobody was told yet.",
        roles=_COORDINATOR,
        stages=BEFORE_OFFER,
        mails=False,
    ),
    Action(
        verb="rescind",
        help="Take an offer back, before the first day.",
        roles=_COORDINATOR,
        stages=("offer", "onboarding"),
        needs=("reason",),
    ),
    Action(
        verb="schedule",
        help="Schedule an interview or the presentation.",
        roles=_COORDINATOR,
        needs=("start",),
        kinds=("schedule-",),
        inverse="cancel-meeting",
    ),
    Action(
        verb="move-meeting",
        help="Move a meeting that is scheduled.",
        roles=_COORDINATOR,
        needs=("start",),
    ),
    Action(
        verb="cancel-meeting",
        help="Cancel a meeting; it is to be scheduled again.",
        roles=_COORDINATOR,
    ),
    Action(
        verb="reopen",
        help="Open a closed task again; its reminders ring again.",
        roles=_COORDINATOR,
        needs=("task", "reason"),
        inverse="waive",
    ),
    Action(
        verb="waive",
        help="Waive a task: it counts as settled.",
        roles=_COORDINATOR,
        needs=("task", "reason"),
        inverse="reopen",
    ),
    Action(
        verb="move-date",
        help="Move the due date of an open task.",
        roles=_COORDINATOR,
        needs=("task", "day"),
        inverse="move-date",
    ),
    Action(
        verb="first-day",
        help="Move the first day; every date that counts from it follows.",
        roles=_COORDINATOR,
        stages=STAGES[:6],
        needs=("day", "reason"),
        inverse="first-day",
    ),
    Action(
        verb="extend",
        help="Extend by weeks: what is personal and still to come moves, and the last day.",
        roles=_COORDINATOR,
        stages=IN_RESIDENCE,
        needs=("weeks", "reason"),
    ),
    Action(
        verb="reassign",
        help="Hand a task or a role to somebody else, for good.",
        roles=_COORDINATOR,
        needs=("who",),
        inverse="reassign",
    ),
    Action(
        verb="appoint",
        help="Name the people for a role whose pool has nobody left.",
        roles=_COORDINATOR,
        needs=("who",),
        kinds=("appoint",),
        inverse="reassign",
    ),
    Action(
        verb="confirm-termination",
        help="Confirm a proposed termination, after the person was heard.",
        roles=_COORDINATOR,
        needs=("reason",),
        kinds=("handle-terminate",),
        outcome="confirmed",
    ),
    Action(
        verb="reject-termination",
        help="Reject a proposed termination; the residency goes on.",
        roles=_COORDINATOR,
        kinds=("handle-terminate",),
        outcome="rejected",
    ),
    Action(
        verb="finish",
        help="Complete early: hired, graduated.",
        roles=_COORDINATOR,
        stages=IN_RESIDENCE,
        needs=("reason",),
    ),
    Action(
        verb="hold",
        help="Hold the notices of this residency.",
        roles=_COORDINATOR,
        mails=False,
        inverse="resume",
    ),
    Action(
        verb="resume", help="Resume its notices.", roles=_COORDINATOR, mails=False, inverse="hold"
    ),
    Action(
        verb="resend",
        help="Send the notice of an open task to its people once more.",
        roles=_COORDINATOR,
        needs=("task",),
    ),
    Action(
        verb="note",
        help="Add a note to the record.",
        roles=(Role.MENTOR, Role.COORDINATOR),
        needs=("reason",),
        mails=False,
    ),
    Action(
        verb="bounced",
        help="Say that mail to somebody comes back: a coordinator is to find the right address.",
        roles=_COORDINATOR,
        needs=("who",),
        inverse="correct-address",
        told=True,
    ),
    Action(
        verb="correct-address",
        help="Correct the address that mail goes to.",
        roles=(Role.RESIDENT, Role.COORDINATOR),
        needs=("submission",),
        inverse="correct-address",
        mails=False,
    ),
)
ACTIONS = {action.verb: action for action in _ROWS}


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
    """Whether every text of it is one short line, as an id or a code is, and its score a number.

    What can't be stored would keep the record waiting for good.
    """
    texts = [*act.who, *act.results]
    texts += [value for value in act.__dict__.values() if isinstance(value, str)]
    return all(text.isprintable() and len(text) <= MAX_TEXT for text in texts) and (
        act.score is None or isfinite(act.score)
    )


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
    if Role.COORDINATOR not in roles_of(board, act.actor):
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


_PAGE = """# Actions

What people may do to a residency, by `residency act VERB ID`. A coordinator may do anything in
another's name, with a reason; the record shows both. Every action has an id: doing it twice does it
once, and the second answer says who did it and when. `--dry-run` shows what an action would change.

| action | what it does | who | when | needs | undone by |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The page `docs/actions.md`, which a test compares."""
    return _PAGE + "".join(f"| {' | '.join(_cells(action))} |\n" for action in _ROWS)


def _cells(action: Action) -> tuple[str, ...]:
    whole = action.stages == STAGES
    return (
        f"`{action.verb}`",
        action.help,
        ", ".join(role.value for role in action.roles),
        "always" if whole else ", ".join(action.stages),
        ", ".join(action.needs) or "–",
        f"`{action.inverse}`" if action.inverse else "–",
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
