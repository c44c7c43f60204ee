"""The table of actions: who may do what to a residency, where, and what it needs.

Handlers, the command line, pages, docs and tests are made from it. `residency.refusals` says why an
action can't be done; `residency.effects` does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from residency.plan import STAGES

IN_RESIDENCE = ("milestones", "presentation", "publication", "completion")
BEFORE_OFFER = STAGES[:4]
PROVIDER = "mail"
"""The actor of what a mail provider tells; no person."""


class Role(StrEnum):
    """Who does it. A coordinator may do anything in another's name, with a reason."""

    ASSIGNEE = "assignee"
    RESIDENT = "resident"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"


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
        verb="undo",
        help="Take back what you have just answered, within 15 minutes: the task is open again.",
        roles=(Role.ASSIGNEE,),
        needs=("task",),
        mails=False,
    ),
    Action(
        verb="ask-later",
        help="Ask for another date for your own task; a coordinator grants or refuses it.",
        roles=(Role.ASSIGNEE,),
        needs=("task", "day", "reason"),
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
        help="Hand a task, with all its later rounds, to somebody else, for good; `--role` hands over "
        "a role and its tasks.",
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
        help="Hold the notices of this residency until `resume`: its mails are `held`; critical ones go.",
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
