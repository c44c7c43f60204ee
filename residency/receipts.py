"""What is told to those who did something, and to those who need not do it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residency.plan import Rule
from residency.wire import Act, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from residency.tasks import Board

TOLD_ANYWAY = ("accept", "decline", "withdraw")
"""Actions whose own notice says that they are recorded."""


def tell_receipt(board: Board, act: Act, data: Mapping[str, Scalar]) -> None:
    """Whoever did something through a page has it in writing, unless another notice says it."""
    task = str(data.get("task") or "")
    if not act.page or act.verb in TOLD_ANYWAY or task.startswith("offer/"):
        return
    board.tell(
        "receipt", [act.actor], act.id, task=task, verb=act.verb, outcome=data.get("outcome")
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
            "task-done-by-other", others, occurrence, task=key, outcome=task.outcome, by=person
        )
