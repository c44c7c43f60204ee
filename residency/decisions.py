"""Decisions: pending until released, told after the cooling-off, taken back until then without a trace."""

from __future__ import annotations

from residency.dates import Span
from residency.refusals import Data, Refusal, Repeated, find_task, iso, settled
from residency.tasks import Board
from residency.wire import Act, Answer, Pending, State, Tag, Task

DECISIONS = ("decide-", "select")
"""The kinds of task that the verb `decide` answers."""


def decide(board: Board, act: Act) -> Data:
    """Answers the open decision, or changes one that is pending and not released."""
    if act.task and (known := find_task(board, act)[1]).state is not State.OPEN:
        return settled(board, act, act.task, known)
    open_ones = [pair for pair in board.open_tasks() if _is_meant(pair, act)]
    if len(open_ones) > 1:
        raise Refusal("which-task", open=",".join(key for key, _ in open_ones))
    if open_ones:
        key, task = open_ones[0]
        allowed = board.kind(task.kind).outcomes
        if act.outcome == "undecided":
            board.write(Tag.NOTED, task=key, outcome="undecided")
            return {"task": key, "outcome": "undecided"}
        if act.outcome not in allowed:
            raise Refusal(
                "bad-outcome",
                outcome=act.outcome[:40],
                task=key,
                allowed=",".join([*allowed, "undecided"]),
            )
        board.answer(
            key, act.name_of or act.actor, Answer(outcome=act.outcome, submission=act.reason)
        )
        return {"task": key, "outcome": act.outcome}
    place, pending = find_pending(board, act)
    allowed = (
        ["accept", "waitlist", "reject"] if place.startswith("selection") else ["advance", "reject"]
    )
    if act.outcome not in allowed:
        raise Refusal("bad-outcome", outcome=act.outcome[:40], allowed=",".join(allowed))
    if pending.released is not None:
        raise Refusal("released", tells_at=iso(pending.released), outcome=pending.outcome)
    set_pending(board, place, act.outcome, by=act.name_of or act.actor, why=act.reason)
    return {"outcome": act.outcome}


def _is_meant(pair: tuple[str, Task], act: Act) -> bool:
    key, task = pair
    return (
        task.kind.startswith(DECISIONS)
        and act.task in ("", key)
        and act.item in ("", task.item, key.split("/", maxsplit=1)[0])
    )


def set_pending(board: Board, place: str, outcome: str, *, by: str = "", why: str = "") -> None:
    board.state.pending[place] = Pending(outcome=outcome, by=by, submission=why)
    stage, _, item = place.partition("/")
    board.write(Tag.DECIDED, submission=why, stage=stage, item=item, outcome=outcome)


def find_pending(board: Board, act: Act) -> tuple[str, Pending]:
    """The pending decision that is meant: by its task, its stage or its item, where there are several."""
    places = {place: one for place, one in board.state.pending.items() if _is_about(place, act)}
    if not places:
        raise Refusal("nothing-pending", stage=board.state.stage)
    if len(places) > 1:
        raise Refusal("which-decision", open=",".join(place.rstrip("/") for place in places))
    return next(iter(places.items()))


def _is_about(place: str, act: Act) -> bool:
    stage, _, item = place.partition("/")
    if act.task:
        of, _, about, _ = (act.task.split("/") + [""] * 3)[:4]
        return (stage, item) == (of, about)
    return act.item in ("", item, stage, place.rstrip("/"))


def release_task(key: str, place: str) -> bool:
    """Whether a task is the one to release the decision of a place."""
    stage, kind, item, _ = key.split("/")
    return kind == "release" and f"{stage}/{item}" == place


def release(board: Board, act: Act) -> Data:
    place, pending = find_pending(board, act)
    if pending.released is not None:
        raise Repeated("again", {"outcome": pending.outcome, **_released_by(board, place)})
    selection = board.plan.selection
    cooling = Span.parse(selection.cooling_off if selection else "15min")
    pending.released = board.dates.calendar.plus(board.now, cooling)
    stage, _, item = place.partition("/")
    board.write(
        Tag.RELEASED,
        stage=stage,
        item=item,
        outcome=pending.outcome,
        tells_at=iso(pending.released),
    )
    for key, _ in board.open_tasks():
        if release_task(key, place):
            board.answer(key, act.name_of or act.actor, Answer(outcome="released"))
    return {"outcome": pending.outcome, "tells_at": iso(pending.released)}


def _released_by(board: Board, place: str) -> Data:
    """Who released what is pending, and when; nobody, where the program did."""
    found = [task for key, task in board.state.tasks.items() if release_task(key, place)]
    done = [task for task in found if task.at]
    last = max(done, key=lambda task: iso(task.at), default=None)
    return {"by": last.by, "at": iso(last.at)} if last else {}


def take_back(board: Board, act: Act) -> Data:
    place, pending = find_pending(board, act)
    del board.state.pending[place]
    if board.state.granted and pending.outcome == "accept":
        board.state.granted = False
        board.write(Tag.SEAT_FREED)
    stage, _, item = place.partition("/")
    board.write(Tag.TAKEN_BACK, stage=stage, item=item)
    for key, _ in board.open_tasks():
        if release_task(key, place):
            board.waive(key)
    return {"outcome": pending.outcome}
