"""Ladders: reminders before, on and after a due date, then others who can help, until somebody acts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from residency.dates import Offset, Span, rung_at
from residency.plan import Kind, Rung
from residency.wire import Scalar, Tag, Task

if TYPE_CHECKING:
    from residency.tasks import Board


class Ladders:
    """The ladders of everything that is open on a board."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def next_ring(self) -> datetime | None:
        """When the next rung rings or a task lapses."""
        first: datetime | None = None
        for _, task in self._board.open_tasks():
            for instant in (task.rings, task.lapses):
                if instant is not None and (first is None or instant < first):
                    first = instant
        return first

    def rings_at(self, at: datetime) -> str:
        """`reminder KEY` or `lapse KEY`: what rings then; nothing where nothing does."""
        for key, task in self._board.open_tasks():
            if at in (task.rings, task.lapses):
                return f"{'lapse' if task.lapses == at else 'reminder'} {key}"
        return ""

    def is_ringing(self) -> bool:
        at = self.next_ring()
        return at is not None and at <= self._board.now

    def ring(self) -> None:
        """Climbs by the rungs that are due, and lapses what is due to lapse."""
        now = self._board.now
        while self.is_ringing():
            for key, task in self._board.open_tasks():
                if task.lapses is not None and task.lapses <= now:
                    self._board.lapse(key)
                elif task.rings is not None and task.rings <= now:
                    self._climb(key, task)

    def _climb(self, key: str, task: Task) -> None:
        kind = self._board.kind(task.kind)
        number = task.rung
        rung = kind.ladder[min(number, len(kind.ladder) - 1)]
        people = self._on_rung(task, rung)
        while not people and number + 1 < len(kind.ladder):
            number += 1  # a vacant role is passed over at once
            rung = kind.ladder[number]
            people = self._on_rung(task, rung)
        if self._is_overtaken(task, kind, number, rung):
            people = []
        own = rung.to == "assignee" or people == self._board.waiting_for(task)
        about: dict[str, Scalar] = {
            "who": None if own else ",".join(self._board.waiting_for(task)),
            "weekly": number >= len(kind.ladder) or None,
        }
        notice = (
            "escalation" if not own else "offer-reminder" if task.kind == "offer" else "reminder"
        )
        self._write(key, task, number, people, notice, about)
        self._tell(key, task, kind, number, people, notice, about)
        self._next_rung(task, kind, number)

    def _write(
        self,
        key: str,
        task: Task,
        number: int,
        people: list[str],
        notice: str,
        about: Mapping[str, Scalar],
    ) -> None:
        """The record says all that a digest needs of it, unless it is told apart or not at all."""
        event = self._board.write(Tag.RANG, task=key, rung=number, to=",".join(people))
        if people and notice != "offer-reminder" and not self._board.state.held and task.due:
            event.data |= {"notice": notice, "revision": task.revision, "due": task.due.isoformat()}
            event.data |= {name: value for name, value in about.items() if value}

    def _is_overtaken(self, task: Task, kind: Kind, number: int, rung: Rung) -> bool:
        """Whether a later rung for the same people is due as well: after an outage, once is enough."""
        own = self._moment(task, rung)
        return any(
            later.to == rung.to and own < self._moment(task, later) <= self._board.now
            for later in kind.ladder[number + 1 :]
        )

    def _moment(self, task: Task, rung: Rung) -> datetime:
        assert task.due is not None
        return rung_at(task.due, Offset.parse(rung.on), self._board.dates.calendar)

    def _tell(
        self,
        key: str,
        task: Task,
        kind: Kind,
        number: int,
        people: list[str],
        notice: str,
        about: Mapping[str, Scalar],
    ) -> None:
        before = [n for n, r in enumerate(kind.ladder) if r.to == "assignee" and r.on[:1] == "-"]
        self._board.tell(
            notice,
            people,
            f"{key}~{task.revision}~{number}",
            task=key,
            due=task.due,
            rung=number,
            late_days=self._days_late(task),
            more=about,
            last=notice != "escalation" and number in before[-1:],
        )

    def _days_late(self, task: Task) -> int:
        assert task.due is not None
        calendar = self._board.dates.calendar
        return (calendar.day_of(self._board.now) - calendar.due_day(task.due)).days

    def _on_rung(self, task: Task, rung: Rung) -> list[str]:
        if rung.to == "assignee":
            return self._board.waiting_for(task)
        return self._board.people(rung.to)

    def _next_rung(self, task: Task, kind: Kind, number: int) -> None:
        task.rung = number + 1
        if task.rung < len(kind.ladder):
            # Rungs that share a moment ring one after the other at that moment.
            task.rings = max(self._moment(task, kind.ladder[task.rung]), self._board.now)
            return
        every = kind.ladder[-1].every
        task.rings = self._again(Span.parse(every)) if every else None

    def _again(self, every: Span) -> datetime:
        """So long from now; what counts in days comes at the hour of reminders, however late it is."""
        calendar = self._board.dates.calendar
        again = calendar.plus(self._board.now, every)
        return again if every.exact is not None else calendar.ring(calendar.day_of(again))
