"""The end of a residency, as its own person knows it: not before a mail, or they themselves, said so.

A rejection may be decided and recorded while its mail is on hold, or waits for a window. Until it
went, every page of that person shows the residency as it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from residency.wire import State

if TYPE_CHECKING:
    from store import Store
    from store.shown import ResidencyRow, Whole


def rows_as_told(store: Store, person: str, rows: Sequence[ResidencyRow]) -> list[ResidencyRow]:
    """Residencies as somebody knows of them; only of their own there is anything to wait for."""
    untold = store.agenda.untold(person, [row for row in rows if row.person == person])
    return [_going_on(row) if row.id in untold else row for row in rows]


def whole_as_told(store: Store, person: str, whole: Whole) -> Whole:
    """One residency as somebody knows of it; what its end has closed is left out with the end."""
    (row,) = rows_as_told(store, person, [whole.row])
    if row.ended == whole.row.ended:
        return whole
    ended = whole.row.ended_at
    tasks = [
        task
        for task in whole.tasks
        if not (task.state is State.WAIVED and ended and task.closed_at and task.closed_at >= ended)
    ]
    return replace(whole, row=row, tasks=tasks)


def _going_on(row: ResidencyRow) -> ResidencyRow:
    return replace(row, ended="", ended_at=None)
