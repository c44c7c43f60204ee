"""A residency's own dates: every one computed from the first day, the length and the shifts so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from residency.dates import Calendar, Offset, Span, last_day
from residency.milestones import calendar_of, due_within, milestone_days, presentation_day
from residency.plan import MilestonePlan
from residency.wire import BoardState, DateMove, Shift, Start

T = TypeVar("T")


class Timetable:
    """Turns anchors into days and instants.

    An anchor names what a date counts from: `milestone:m3`, `first:-14d`, `last:-3d` or
    `presentation:-3d`. What counts from its own opening has no anchor.
    """

    def __init__(self, start: Start, state: BoardState) -> None:
        self._start, self._state = start, state
        self._known: dict[Any, Any] = {}  # computed dates; every wait asks for them at every turn
        self._shifts = -1

    def _once(self, key: Any, compute: Callable[[], T]) -> T:
        """A computed date, until the next shift."""
        known: T | None = self._still(key)
        if known is None:
            known = self._known[key] = compute()
        return known

    def _still(self, key: Any) -> Any:
        """What was computed since the last shift; each wait asks at every turn."""
        if self._shifts != len(self._state.shifts):
            self._shifts = len(self._state.shifts)
            self._known.clear()
        return self._known.get(key)

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_of(self._start.plan)

    @property
    def first_day(self) -> date:
        """The first day, as moved so far."""
        moved = [shift.first_day for shift in self._state.shifts if shift.first_day]
        return moved[-1] if moved else self._start.first_day

    @property
    def planned_last_day(self) -> date:
        """The last day before any extension."""
        return last_day(self.first_day, Span.parse(self._start.plan.length))

    @property
    def last_day(self) -> date:
        return self._once("last", lambda: self._shifted(self.planned_last_day))

    def milestone_day(self, milestone: MilestonePlan) -> date:
        """When a milestone's report is due (or its sign-off, where it asks for no report)."""
        if milestone.day is not None:
            return milestone.day
        planned = self._planned_milestones()[milestone.id]
        return self.calendar.roll_day(self._shifted(planned), self.last_day)

    def _planned_milestones(self) -> dict[str, date]:
        return self._once(
            "milestones",
            lambda: milestone_days(
                self._start.plan,
                first_day=self.first_day,
                last_day=self.planned_last_day,
                calendar=self.calendar,
            ),
        )

    @property
    def presentation_day(self) -> date:
        plan = self._start.plan.presentation
        assert plan is not None
        if plan.day is not None:
            return plan.day
        planned = presentation_day(plan, self.planned_last_day, self.calendar)
        return self.calendar.roll_day(self._shifted(planned), self.last_day)

    def day(self, anchor: str) -> date:
        """The local day of an anchor; KeyError for what the plan does not have."""
        name, _, offset = anchor.partition(":")
        match name:
            case "first":
                base = self.first_day
            case "last":
                base = self.last_day
            case "presentation":
                base = self.presentation_day
            case "milestone":
                return self.milestone_day(self.milestone(offset))
            case _:
                raise KeyError(anchor)
        return self.calendar.shift(base, Offset.parse(offset)) if offset else base

    def milestone(self, milestone_id: str) -> MilestonePlan:
        plan = self._start.plan.milestones
        for milestone in plan.items if plan else []:
            if milestone.id == milestone_id:
                return milestone
        raise KeyError(milestone_id)

    def due(self, kind_due: str, *, anchor: str, opened: datetime) -> datetime | None:
        """When a task is due: the end of its anchor's day, or so long after its opening.

        Where due dates roll, so does every day but a fixed one: forward, or back where that would
        be behind the last day.
        """
        if anchor:
            day = self.day(anchor)
            rolled = day if self._is_fixed(anchor) else self.calendar.roll_day(day, self.last_day)
            return self.calendar.end_of(rolled)
        if not kind_due:
            return None
        return due_within(
            opened,
            Span.parse(kind_due),
            self.calendar,
            begins=self.begins,
            ends=self.ends,
            last=self.last_day,
        )

    def _is_fixed(self, anchor: str) -> bool:
        """Whether an anchor is itself a date that the plan names; what counts from one is not."""
        name, _, offset = anchor.partition(":")
        if name == "milestone":
            return self.milestone(offset).day is not None
        plan = self._start.plan.presentation
        return anchor == "presentation" and plan is not None and plan.day is not None

    def start_of(self, day: date) -> datetime:
        return self.calendar.end_of(day - timedelta(days=1))

    def opening(self, anchor: str, offset: str) -> datetime:
        """The morning on which something opens that counts from an anchor's day."""
        known: datetime | None = self._still((anchor, offset))
        if known is not None:
            return known

        def morning() -> datetime:
            return self.calendar.ring(self.calendar.shift(self.day(anchor), Offset.parse(offset)))

        return self._once((anchor, offset), morning)

    @property
    def begins(self) -> datetime:
        """The beginning of the first day."""
        return self._once("begins", lambda: self.start_of(self.first_day))

    @property
    def ends(self) -> datetime:
        """The end of the last day."""
        return self._once("ends", lambda: self.calendar.end_of(self.last_day))

    @property
    def last_morning(self) -> datetime:
        return self._once("last morning", lambda: self.calendar.ring(self.last_day))

    @property
    def last_week(self) -> datetime:
        """The morning a week before the last day."""
        return self._once("last week", lambda: self.opening("last", "-7d"))

    def _shifted(self, day: date) -> date:
        for shift in self._state.shifts:
            if shift.days and shift.since is not None and day >= shift.since:
                day += timedelta(days=shift.days)
        return day

    # Previews and changes

    def days(self) -> dict[str, date]:
        """Every date that a shift could move, by milestone id, `presentation`, `first-day` and `last-day`."""
        plan = self._start.plan
        known = {"first-day": self.first_day}
        for milestone in plan.milestones.items if plan.milestones else []:
            known[milestone.id] = self.milestone_day(milestone)
        if plan.presentation is not None:
            known["presentation"] = self.presentation_day
        return known | {"last-day": self.last_day}

    def shift(self, shift: Shift) -> list[DateMove]:
        """Adds a shift and tells what it moved."""
        before = self.days()
        self._state.shifts.append(shift)
        return [
            DateMove(what=what, was=before[what], will_be=day)
            for what, day in self.days().items()
            if before[what] != day
        ]

    def fixed_behind(self, since: date) -> list[str]:
        """The fixed dates on or after a day: no shift moves them, so a person must look."""
        plan = self._start.plan
        items = plan.milestones.items if plan.milestones else []
        fixed = [item.id for item in items if item.day is not None and item.day >= since]
        if plan.presentation and plan.presentation.day and plan.presentation.day >= since:
            fixed.append("presentation")
        return fixed
