"""A residency as a way with steps: its stages and milestones, what is done, and when the rest comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from mail.words import first_capital
from residency.dates import zone_named
from residency.documents import item_title, readable
from residency.plan import STAGES, MilestonePlan, Plan
from residency.timetable import Timetable
from residency.wire import BoardState, Event, Exit, Shift, Start, State, Tag

if TYPE_CHECKING:
    from store.cohorts import CohortRow
    from store.shown import MeetingRow, ResidencyRow, TaskRow, Whole

PRESENTATION: Final = "presentation"

STATES: Final = {
    "done": "done",
    "now": "under way",
    "late": "late",
    "next": "to come",
    "ended": "ended here",
    "skipped": "not part of it",
}
"""What a step's state is called, for people to read."""

ENDS: Final = {
    Exit.REJECTED: "This application was not selected",
    Exit.WAITLIST_CLOSED: "The waitlist is closed",
    Exit.WITHDRAWN: "Withdrawn",
    Exit.DECLINED: "The offer was declined",
    Exit.LAPSED: "The offer has lapsed",
    Exit.RESCINDED: "The offer was taken back",
    Exit.TERMINATED: "Ended early by the program",
    Exit.COMPLETED_EARLY: "Completed early",
    Exit.COMPLETED: "Completed",
    Exit.ENDED: "Ended",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stage, or a milestone within one. `when` is when it was done or entered, else when it is due."""

    id: str
    title: str
    state: str  # of STATES
    when: date | datetime | None = None
    note: str = ""
    is_milestone: bool = False

    @property
    def is_reached(self) -> bool:
        return self.state not in ("next", "skipped")

    @property
    def said(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A date that is still to come."""

    what: str
    when: date | datetime


def timetable(row: ResidencyRow, cohort: CohortRow, course: Sequence[Event]) -> Timetable:
    """The residency's dates, with every shift so far."""
    plan = Plan.model_validate(cohort.plan)
    start = Start(
        residency=row.id,
        person=row.person,
        cohort=row.cohort,
        cohort_name=row.cohort_name,
        plan=plan,
        first_day=cohort.first_day,
        coordinators=list(cohort.coordinators),
        started=row.started_at or cohort.created,
    )
    return Timetable(start, BoardState(shifts=_shifts(course, plan)))


def _shifts(course: Sequence[Event], plan: Plan) -> list[Shift]:
    """The shifts as the record tells them: what lay on or after the day of an extension moved."""
    zone = zone_named(plan.zone)
    found: list[Shift] = []
    for event in course:
        if event.tag is not Tag.SHIFTED:
            continue
        days = int(event.data.get("days") or 0)
        if days:
            was = date.fromisoformat(str(event.data["last"])) - timedelta(days=days)
            since = min(event.at.astimezone(zone).date(), was)
            found.append(Shift(kind=str(event.data["kind"]), days=days, since=since))
        else:
            first = date.fromisoformat(str(event.data["first"]))
            found.append(Shift(kind=str(event.data["kind"]), first_day=first))
    return found


class Journey:
    """One residency's way, as its person sees it: nothing that was not told them."""

    def __init__(
        self,
        whole: Whole,
        cohort: CohortRow,
        document: Mapping[str, Any],
        course: Sequence[Event],
        *,
        now: datetime,
    ) -> None:
        self.row, self._whole, self._cohort = whole.row, whole, cohort
        self._document = dict(document)
        self._course, self._now = course, now
        self.dates = timetable(whole.row, cohort, course)
        self._plan = Plan.model_validate(cohort.plan)
        self._entered = {
            str(event.data["stage"]): event.at for event in course if event.tag is Tag.STAGE
        }

    @property
    def has_begun(self) -> bool:
        """Whether they are past selection: then days, milestones and mentors are theirs to see."""
        return "onboarding" in self._entered

    def steps(self) -> list[Step]:
        """All of them in order; of what ended before the first day, only what was reached."""
        found = []
        for stage in STAGES:
            if getattr(self._plan, stage) is None:
                continue
            if self.row.ended and not self.has_begun and stage not in self._entered:
                continue
            found.append(self._stage(stage))
            if stage == "milestones":
                found += self._milestones()
        return found

    def coming(self) -> list[Coming]:
        """What is still to come, the next first; nothing where it has ended."""
        if self.row.ended:
            return []
        found = [
            Coming(what=self._meeting_title(one), when=one.at)
            for one in self._whole.meetings
            if not one.canceled and one.at > self._now
        ]
        if self.has_begun:
            today = self._now.astimezone(zone_named(self._plan.zone)).date()
            days = [Coming(what=what, when=day) for what, day in self._days() if day >= today]
            found += days
        return sorted(found, key=lambda one: self._instant(one.when))

    def summary(self) -> str:
        """The picture in one line."""
        steps = self.steps()
        milestones = [one for one in steps if one.is_milestone]
        done = sum(one.state == "done" for one in milestones)
        told = self._standing()
        if self.has_begun and milestones:
            told += f"; {done} of {len(milestones)} milestones done"
        return f"{told}."

    def _standing(self) -> str:
        if self.row.ended:
            return ENDS[Exit(self.row.ended)]
        return f"Now: {readable(self.row.stage)}"

    # Parts

    def _stage(self, stage: str) -> Step:
        entered = self._entered.get(stage)
        order = [one for one in STAGES if one in self._entered]
        is_last = bool(order) and order[-1] == stage
        if entered and not is_last:
            state = "done"
        elif entered:
            state = self._last_state()
        else:
            passed = bool(order) and STAGES.index(stage) < STAGES.index(order[-1])
            state = "skipped" if passed or self.row.ended else "next"
        when: date | datetime | None = entered
        if state == "next" and self.has_begun:
            when = self._begins(stage)
        return Step(id=stage, title=first_capital(readable(stage)), state=state, when=when)

    def _last_state(self) -> str:
        if not self.row.ended:
            return "now"
        finished = (Exit.COMPLETED, Exit.COMPLETED_EARLY)
        return "done" if Exit(self.row.ended) in finished else "ended"

    def _begins(self, stage: str) -> date | None:
        days = {"milestones": self.dates.first_day, "completion": self.dates.last_day}
        if stage == PRESENTATION:
            return self.dates.presentation_day
        return days.get(stage)

    def _milestones(self) -> list[Step]:
        items = self._plan.milestones.items if self._plan.milestones else []
        return [self._milestone(one) for one in items]

    def _milestone(self, one: MilestonePlan) -> Step:
        tasks = [
            task for task in self._whole.tasks if task.stage == "milestones" and task.item == one.id
        ]
        wanted = one.sign_off or one.report
        settled = [task for task in tasks if task.kind == wanted and _is_settled(task)]
        open_ = [
            task
            for task in tasks
            if task.state is State.OPEN and task.kind in (one.report, one.sign_off)
        ]
        title = item_title(self._document, one.id)
        when: date | datetime | None = self.dates.milestone_day(one) if self.has_begun else None
        if open_:
            task = open_[-1]
            late = task.due is not None and task.due < self._now
            state, when, note = ("late" if late else "now"), task.due, self._waits(task)
        elif settled:
            state, when, note = "done", settled[-1].closed_at, ""
        else:
            state, note = ("skipped" if self.row.ended else "next"), ""
            when = None if self.row.ended else when
        return Step(id=one.id, title=title, state=state, when=when, note=note, is_milestone=True)

    def _waits(self, task: TaskRow) -> str:
        """Whom an open milestone waits for."""
        if self.row.person in task.waiting:
            return "Your report" if task.round == 1 else f"Your report, round {task.round}"
        people = self._whole.people
        names = [people[one].name for one in task.waiting if one in people]
        return f"With {' and '.join(names)}" if names else ""

    def _days(self) -> list[tuple[str, date]]:
        """The days that everybody in residence knows of, each with its name."""
        found = [("First day", self.dates.first_day)]
        items = self._plan.milestones.items if self._plan.milestones else []
        done = {step.id for step in self._milestones() if step.state == "done"}
        found += [
            (item_title(self._document, one.id), self.dates.milestone_day(one))
            for one in items
            if one.id not in done
        ]
        scheduled = {one.item for one in self._whole.meetings if not one.canceled}
        if self._plan.presentation and PRESENTATION not in scheduled:
            found.append(("Presentation", self.dates.presentation_day))
        return [*found, ("Last day", self.dates.last_day)]

    def _meeting_title(self, one: MeetingRow) -> str:
        return meeting_title(self._document, one.item)

    def _instant(self, when: date | datetime) -> datetime:
        if isinstance(when, datetime):
            return when
        return self.dates.calendar.end_of(when)


def meeting_title(document: Mapping[str, Any], item: str) -> str:
    return "Presentation" if item == PRESENTATION else item_title(dict(document), item)


def _is_settled(task: TaskRow) -> bool:
    """Whether a milestone needs nothing more: approved, reported where nobody signs, or waived."""
    if task.state is State.WAIVED:
        return True
    return task.state is State.DONE and task.outcome != "changes"
