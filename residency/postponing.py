"""Another date: whoever has a task asks for it, and a coordinator grants or refuses."""

from __future__ import annotations

from datetime import date, datetime

from residency.flags import STAGE
from residency.moves import check_day
from residency.refusals import Data, Refusal, find_task, iso
from residency.tasks import Board
from residency.wire import Act, State, Tag, Task

HANDLE = "handle-date"


def ask_later(board: Board, act: Act) -> Data:
    """Opens a coordinator's task; the date stays as it is until that is answered."""
    key, task = find_task(board, act)
    person = act.name_of or act.actor
    asked = board.waiting_for(task) if task.state is State.OPEN else []
    if person not in asked:
        raise Refusal("not-yours", task=key, who=",".join(asked))
    assert act.day is not None
    check_day(board, act.day)
    if task.due is not None and board.dates.calendar.end_of(act.day) <= task.due:
        raise Refusal("no-later", day=act.day.isoformat(), until=iso(task.due))
    if HANDLE not in board.plan.kinds:
        raise Refusal("unknown-verb", verb=act.verb)
    waiting = [wish for number, wish in _asked(board).items() if _is_open(board, number)]
    # Of several who answer apart each may ask. `who` is new: before, the first alone could, and a
    # history in which a second was refused must be replayed as it was.
    if any(wish[0] == key and (not act.who or wish[2] == person) for wish in waiting):
        raise Refusal("asked-already", task=key)
    number = len(_asked(board)) + 1
    board.state.facts[f"asked:{number}"] = f"{key},{act.day.isoformat()},{person}"
    # The record keeps the wish, so that whoever answers it can read it there.
    board.write(Tag.NOTED, task=key, submission=act.reason, wished=act.day.isoformat(), by=person)
    board.open(
        f"{STAGE}/{HANDLE}/{number}/1",
        more={"by": person, "about": key, "day": act.day.isoformat(), "reason": act.reason},
    )
    return {"task": key, "day": act.day.isoformat()}


def check_asked(board: Board, task: Task, outcome: str) -> None:
    """Refusal where what was asked for can't be granted any more."""
    key, _, _ = _asked(board)[task.item]
    if outcome == "granted" and not board.is_open(key):
        raise Refusal("closed-since", task=key)


def answer_asked(board: Board, task: Task, outcome: str, *, reason: str) -> None:
    """A coordinator's answer takes effect: the date moves, or whoever asked learns that it doesn't.

    Of two wishes that are granted the later date stands, whichever is granted first.
    """
    key, day, person = _asked(board)[task.item]
    about = f"{STAGE}~{HANDLE}~{task.item}"
    if outcome != "granted":
        told = {"day": day, "reason": reason}
        board.tell("date-refused", [person], about, task=key, due=_due(board, key), more=told)
        return
    was = board.state.tasks[key].due
    waiting = board.waiting_for(board.state.tasks[key])
    wished = board.dates.calendar.end_of(date.fromisoformat(day))
    if board.start.edition and was is not None and wished <= was:
        asker = [one for one in waiting if one == person]
        board.tell("due-date-moved", asker, about, task=key, due=was)
        return
    board.set_due(key, date.fromisoformat(day))
    moved = board.state.tasks[key]
    board.tell("due-date-moved", waiting, about, task=key, due=moved.due, was=iso(was))


def drop_moot(board: Board) -> None:
    """Nobody need answer a wish any more whose task is closed."""
    if board.state.ended is not None or board.start.edition < 2:
        return
    for number, (key, _, _) in _asked(board).items():
        if _is_open(board, number) and not board.is_open(key):
            board.waive(f"{STAGE}/{HANDLE}/{number}/1")


def _asked(board: Board) -> dict[str, tuple[str, str, str]]:
    """By number: the task's key, the day that is wished for, and who wishes it."""
    found = {}
    for name, value in board.state.facts.items():
        if name.startswith("asked:"):
            key, day, person = str(value).split(",")
            found[name.removeprefix("asked:")] = (key, day, person)
    return found


def _is_open(board: Board, number: str) -> bool:
    return board.is_open(f"{STAGE}/{HANDLE}/{number}/1")


def _due(board: Board, key: str) -> datetime | None:
    task = board.state.tasks.get(key)
    return task.due if task else None
