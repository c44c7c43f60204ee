"""The search attributes of Temporal's own pages: program and cohort from the start, stage and mentors."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from residency.tasks import Board
    from residency.wire import Start

STAGE = SearchAttributeKey.for_keyword("ResidencyStage")
MENTORS = SearchAttributeKey.for_keyword_list("ResidencyMentors")


class Attributes:
    """Upserts what has changed; each time it costs an event, so once a moment, when it is recorded."""

    def __init__(self, start: Start, board: Board) -> None:
        self._board, self._off = board, start.without_attributes
        # A new run goes on with the attributes of the one before.
        self._shown: dict[str, Any] = self._current() if start.state else {}

    def show(self) -> None:
        now, before = self._current(), self._shown
        if now == before:
            return
        updates: list[Any] = []
        if now["stage"] != before.get("stage"):
            updates.append(STAGE.value_set(now["stage"]))
        if now["mentors"] != before.get("mentors", []):
            updates.append(MENTORS.value_set(now["mentors"]))
        self._shown = now
        if not self._off:
            workflow.upsert_search_attributes(updates)

    def _current(self) -> dict[str, Any]:
        state = self._board.state
        return {"stage": state.stage, "mentors": list(state.roles.get("mentors", []))}
