"""What each action does to the board. Called once `actions.refusal` has found nothing against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from residency.actions import ACTIONS, Role
from residency.decisions import DECISIONS, decide, release, take_back
from residency.exits import end
from residency.flags import STAGE as FLAGS
from residency.flags import check_flag, close_flag, raise_flag
from residency.meetings import cancel_meeting, move_meeting, parties, schedule, tell_parties
from residency.moves import check_day, check_weeks, extend, first_day
from residency.postponing import HANDLE, answer_asked, ask_later, check_asked
from residency.receipts import tell_receipt
from residency.refusals import Data, Refusal, Repeated, find_task, iso, roles_of, settled, whose
from residency.tasks import Board
from residency.wire import (
    Act,
    Answer,
    Exit,
    Flag,
    State,
    Tag,
    Task,
)

LAST_ACTIONS = 100
UNDO = timedelta(minutes=15)
"""How long what somebody answered can be taken back by themselves, by the program's time."""
LEADS_ON = (Tag.DONE, Tag.WAIVED, Tag.MEETING_CANCELED)
"""What the story goes on from, so that what it opens next follows from this action; a note does not."""
LIVING = ("onboarding", "milestones", "presentation", "publication")
"""Stages that go on side by side: what was answered in one can be taken back while another is on."""
_ADDRESS = "correct-address"
FINAL = (*DECISIONS, "offer", "release", "handle-", "hearing", "appoint", "schedule-")


def perform(board: Board, act: Act) -> Data:
    """Does it; the data go into the answer. Refusal where the task or a date stands against it."""
    board.cause = act
    try:
        data = _EFFECTS.get(act.verb, complete)(board, act)
    except Repeated as repeated:
        if repeated.code == "thanked":  # the comment is kept, so once
            _is_done(board, act)
        raise
    finally:
        board.cause = None
    _is_done(board, act)
    tell_receipt(board, act, data)
    return data


def _is_done(board: Board, act: Act) -> None:
    board.state.actions = [*board.state.actions, act.id][-LAST_ACTIONS:]
    if any(event.action == act.id and event.tag in LEADS_ON for event in board.journal):
        board.state.acted, board.state.acted_at = act.actor, board.now


# Tasks


def complete(board: Board, act: Act) -> Data:
    """One person's answer to a task; the verbs with an outcome of their own come here too."""
    action = ACTIONS[act.verb]
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    kind = board.kind(task.kind)
    if action.verb == "complete" and task.kind.startswith(DECISIONS):
        raise Refusal("use-verb", verb="decide", task=key)
    if task.kind == "release" or task.kind.startswith("schedule-"):
        raise Refusal("use-verb", verb=task.kind.partition("-")[0], task=key)
    outcome = act.outcome or action.outcome or (kind.outcomes[0] if len(kind.outcomes) == 1 else "")
    if outcome not in kind.outcomes:
        raise Refusal(
            "bad-outcome", outcome=outcome[:40], allowed=",".join(kind.outcomes), task=key
        )
    person = whose(board, act, key, task)
    if kind.form and not act.submission:
        raise Refusal("needs", need="answers", verb=act.verb, task=key)
    _check_flags(board, act, key, task, outcome, person)
    _remember(board, act, task, outcome)
    finished = board.answer(
        key,
        person,
        Answer(outcome=outcome, score=act.score, submission=act.submission, at=board.now),
    )
    if act.flag:
        raise_flag(
            board,
            Flag(
                flag=act.flag,
                by=person,
                item=task.item,
                weeks=act.weeks,
                submission=act.reason or act.submission,
            ),
        )
    if finished and task.kind == HANDLE:
        answer_asked(board, task, outcome, reason=act.reason)
    elif finished and task.kind.startswith("handle-"):
        close_flag(board, task, outcome)
    return {"task": key, "outcome": outcome}


def _check_flags(board: Board, act: Act, key: str, task: Task, outcome: str, person: str) -> None:
    """A flag beside an answer, and an answer to a flag: whatever stands against them, before either is."""
    if act.flag:
        if act.flag == "terminate" and outcome == "approved":
            raise Refusal("flag-contradicts", task=key)
        if act.flag != "concern" and not task.kind.startswith("sign-off"):
            raise Refusal("not-allowed", verb="flag", actor=person, roles="mentor,coordinator")
        check_flag(board, act.flag, weeks=act.weeks)
    if task.kind == "handle-extend" and outcome == "granted":
        check_weeks(board, board.state.flags[int(task.item) - 1].weeks)
    if task.kind == HANDLE:
        check_asked(board, task, outcome)
    if act.day is not None:
        check_day(board, act.day)
    rounds = board.plan.milestones.rounds if board.plan.milestones else 0
    if task.kind.startswith("sign-off") and outcome == "changes" and 0 < rounds < task.round:
        raise Refusal("no-more-rounds", task=key, rounds=rounds)


def _remember(board: Board, act: Act, task: Task, outcome: str) -> None:
    """What later stages decide by: the results of judged requirements."""
    if task.kind.startswith("judge-"):
        judged = board.plan.application.judged if board.plan.application else {}
        for requirement, met in sorted(act.results.items()):
            if requirement in judged:
                board.state.facts[f"met:{requirement}"] = met
    if task.kind.startswith("sign-off") and outcome == "changes" and act.day is not None:
        board.state.facts[f"rework:{task.item}:{task.round + 1}"] = act.day.isoformat()
    if task.kind == "recommend":
        board.state.facts["recommended"] = outcome == "recommend"


def reopen(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    opened = _opened_again(board, key, task)
    board.tell("task-reassigned", opened.who, f"{key}~{act.id}", task=key, due=opened.due)
    return {"task": key, "due": iso(opened.due)}


def undo(board: Board, act: Act) -> Data:
    """Whoever answered takes it back, soon after and once; nobody is told but by what follows."""
    key, task = find_task(board, act)
    person = act.name_of or act.actor
    if task.state is State.OPEN:
        raise Refusal("is-open", task=key)
    if task.state is not State.DONE or task.by != person:
        raise Refusal("not-yours", task=key, who=task.by)
    if task.at is None or board.now > task.at + UNDO:
        raise Refusal("too-late", task=key, minutes=int(UNDO.total_seconds() // 60))
    opened = _opened_again(board, key, task)
    return {"task": key, "due": iso(opened.due)}


def _opened_again(board: Board, key: str, task: Task) -> Task:
    if task.state is State.OPEN:
        raise Refusal("is-open", task=key)
    if task.kind.startswith(FINAL):
        raise Refusal("final", task=key, kind=task.kind)
    stage = key.split("/", maxsplit=1)[0]
    if stage != board.state.stage and not (stage in LIVING and board.state.stage in LIVING):
        raise Refusal("stage-over", task=key, stage=stage)
    opened = board.reopen(key)
    _forget(board, stage, task.item)
    return opened


def _forget(board: Board, stage: str, item: str) -> None:
    """What was concluded from a task that is open again is open too."""
    place = f"{stage}/{item}"
    board.state.pending.pop(place, None)
    marks = (f"pending:{place}:", f"prepared:{place}")
    board.state.told = [told for told in board.state.told if not told.startswith(marks)]
    if stage == "presentation":
        board.state.facts.pop("presentation", None)


def waive(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    if task.kind.startswith((*DECISIONS, "release", "handle-")):
        raise Refusal("not-waivable", task=key, kind=task.kind)
    board.waive(key)
    return {"task": key}


def move_date(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    assert act.day is not None
    check_day(board, act.day)
    was = task.due
    board.set_due(key, act.day)
    task = board.state.tasks[key]
    board.tell(
        "due-date-moved",
        board.waiting_for(task),
        f"{key}~{act.id}",
        task=key,
        due=task.due,
        was=iso(was),
    )
    return {"task": key, "due": iso(task.due), "was": iso(was)}


def reassign(board: Board, act: Act) -> Data:
    """A task, or with `role` everything of that role: what is open moves, history stays."""
    if act.task:
        key, task = find_task(board, act)
        if task.state is not State.OPEN:
            return settled(board, act, key, task)
        _hand_over(board, act, key, task, list(act.who))
        if board.start.edition >= 2:
            board.state.facts[f"handed:{key.rpartition('/')[0]}"] = ",".join(task.who)
        return {"task": key, "who": ",".join(act.who)}
    role = f"{act.role}/{act.item}" if act.item else act.role
    if role not in board.state.roles:
        raise Refusal("no-such-role", role=act.role, allowed=",".join(sorted(board.state.roles)))
    before = board.people(role)
    gone = [person for person in before if person not in act.who]
    new = [person for person in act.who if person not in before]
    if gone:
        board.write(Tag.RELIEVED, role=act.role, item=act.item, who=",".join(gone))
    for name in [name for name in board.state.facts if name.startswith("handed:")]:
        if board.kind(name.split("/")[1]).by == act.role:
            del board.state.facts[name]
    met = parties(board)
    board.appoint(act.role, list(act.who), item=act.item)
    tell_parties(board, met)
    for key, task in board.open_tasks():
        if board.kind(task.kind).by != act.role:
            continue
        if set(task.who) == set(before):
            _hand_over(board, act, key, task, list(act.who))  # a new lead leads here too
        elif set(gone) & set(task.who):
            kept = [person for person in task.who if person not in gone]
            _hand_over(board, act, key, task, [*kept, *(p for p in act.who if p not in kept)])
    if act.role == "mentors":
        board.tell("mentor-relieved", gone, act.id)
        board.tell("mentor-appointed", new, act.id, first=board.dates.first_day.isoformat())
    return {"role": role, "who": ",".join(act.who), "was": ",".join(before)}


def _hand_over(board: Board, act: Act, key: str, task: Task, who: list[str]) -> None:
    new = [person for person in who if person not in task.who]
    board.reassign(key, who)
    board.tell("task-reassigned", new, f"{key}~{act.id}", task=key, due=task.due)


def appoint(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    role, _, item = task.item.partition(".")
    met = parties(board)
    board.appoint(role, list(act.who), item=item)
    tell_parties(board, met)
    board.answer(key, whose(board, act, key, task), Answer())
    return {"task": key, "who": ",".join(act.who)}


def resend(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    notice = board.kind(task.kind).notice or "reminder"
    board.write(Tag.TOLD, task=key, notice=notice)
    board.tell(notice, board.waiting_for(task), f"{key}~{act.id}", task=key, due=task.due)
    return {"task": key, "notice": notice}


def rescind(board: Board, act: Act) -> Data:
    end(board, Exit.RESCINDED, why=act.reason)
    return {"how": Exit.RESCINDED.value}


# Endings, notices, notes


def withdraw(board: Board, act: Act) -> Data:
    end(board, Exit.WITHDRAWN, why=act.reason)
    return {"how": Exit.WITHDRAWN.value}


def finish(board: Board, act: Act) -> Data:
    end(board, Exit.COMPLETED_EARLY, why=act.reason)
    return {"how": Exit.COMPLETED_EARLY.value}


def concern(board: Board, act: Act) -> Data:
    person = act.name_of or act.actor
    number = raise_flag(
        board, Flag(flag="concern", by=person, item=act.item, submission=act.reason)
    )
    return {"flag": "concern", "number": number}


def flag(board: Board, act: Act) -> Data:
    person = act.name_of or act.actor
    check_flag(board, act.flag, weeks=act.weeks)
    number = raise_flag(
        board, Flag(flag=act.flag, by=person, item=act.item, weeks=act.weeks, submission=act.reason)
    )
    return {"flag": act.flag, "number": number}


def hold(board: Board, _act: Act) -> Data:
    board.state.held = True
    board.write(Tag.HELD)
    board.tray.hold()
    return {}


def resume(board: Board, _act: Act) -> Data:
    board.state.held = False
    board.write(Tag.RESUMED)
    board.tray.resume()
    return {}


def note(board: Board, _act: Act) -> Data:
    board.write(Tag.NOTED)
    return {}


def bounced(board: Board, act: Act) -> Data:
    """Mail to a person (`who`) comes back: a coordinator is to find the right address.

    `item` is the notice that came back. A residency that began before there was such a task only
    tells them.
    """
    person = act.who[0]
    board.write(Tag.BOUNCED, person=person, notice=act.item)
    asked = [one for one in board.people("coordinators") if one != person]
    before = [key for key, task in board.state.tasks.items() if task.item == person]
    if open_key := next((key for key in before if board.is_open(key)), ""):
        return {"task": open_key}
    more: Data = {"who": person, "notice": act.item}
    if _ADDRESS not in board.plan.kinds:
        board.tell("address-bounced", asked, f"bounced~{act.id}", more=more)
        return {}
    key = f"{FLAGS}/{_ADDRESS}/{person}/{len(before) + 1}"
    board.open(key, who=asked, more=more)
    return {"task": key}


def correct_address(board: Board, act: Act) -> Data:
    """The address itself is in the submission; the record's transaction takes it over."""
    person = act.who[0] if act.who else board.start.person
    if person != (act.name_of or act.actor) and Role.COORDINATOR not in roles_of(board, act.actor):
        raise Refusal("not-yours", task="", who=person)
    board.write(Tag.ADDRESS, submission=act.submission, person=person)
    for key, task in board.open_tasks():
        if (task.kind, task.item) == (_ADDRESS, person):
            answer = Answer(outcome="done", submission=act.submission, at=board.now)
            board.answer(key, act.name_of or act.actor, answer)
    return {"who": person}


_EFFECTS: dict[str, Callable[[Board, Act], Data]] = {
    "reopen": reopen,
    "undo": undo,
    "ask-later": ask_later,
    "waive": waive,
    "move-date": move_date,
    "reassign": reassign,
    "appoint": appoint,
    "resend": resend,
    "decide": decide,
    "release": release,
    "take-back": take_back,
    "rescind": rescind,
    "schedule": schedule,
    "move-meeting": move_meeting,
    "cancel-meeting": cancel_meeting,
    "first-day": first_day,
    "extend": extend,
    "withdraw": withdraw,
    "finish": finish,
    "concern": concern,
    "flag": flag,
    "hold": hold,
    "resume": resume,
    "note": note,
    "bounced": bounced,
    "correct-address": correct_address,
}
