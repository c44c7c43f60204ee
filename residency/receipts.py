"""What is told to those who did something, and to those who need not do it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residency.notices import DATED
from residency.plan import Rule
from residency.wire import Act, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from residency.tasks import Board

TOLD_ANYWAY = ("accept", "decline", "withdraw")
"""Actions whose own notice says that they are recorded."""


def tell_receipt(board: Board, act: Act, data: Mapping[str, Scalar]) -> None:
    """Whoever did something through a page has it in writing, unless another notice says it."""
    task = str(data.get("task") or "")
    if not act.page or act.verb in TOLD_ANYWAY or task.startswith("offer/"):
        return
    own = act.name_of in ("", act.actor)
    board.tell(
        "receipt",
        [act.actor],
        act.id,
        task=task,
        due=_entered(board, task) if own else None,
        verb=act.verb,
        outcome=data.get("outcome"),
        more={"day": data["day"]} if act.verb == "ask-later" else None,
    )


def tell_others(board: Board, key: str, person: str) -> None:
    """Whose answer is not needed any more, because one was enough.

    Coordinators have one list together, where they see it.
    """
    task = board.state.tasks[key]
    kind = board.kind(task.kind)
    others = [each for each in task.who if each != person]
    if kind.rule is Rule.ANY and kind.by != "coordinators" and person in task.who:
        occurrence = f"{key}~{task.revision}"
        board.tell(
            "task-done-by-other",
            others,
            occurrence,
            task=key,
            due=_entered(board, key),
            outcome=task.outcome,
            by=person,
        )


def _entered(board: Board, key: str) -> datetime | None:
    """The day to come on which a task is, or was, due, where that may stand in calendars."""
    task = board.state.tasks.get(key)
    if task is None or not (task.revision or board.kind(task.kind).notice in DATED):
        return None
    due = task.due or board.was_due
    return due if due is not None and due > board.now else None
