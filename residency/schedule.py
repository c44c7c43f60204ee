"""Every date and every notice of one residency, computed from its plan without any server.

Everybody is taken to do everything on the day it is due, so these are the latest dates; what only
comes to those who are late is marked. Nobody is rejected, and nothing moves.
"""

from dataclasses import asdict, dataclass
from datetime import date, time
from typing import Any

from residency.dates import MIDNIGHT, Offset, Span, last_day, zone_named
from residency.fields import readable
from residency.milestones import calendar_of, due_within, milestone_days, presentation_day
from residency.notices import notice_named
from residency.plan import Kind, Plan

Titles = dict[str, dict[str, Any]]

_NOON = time(12)
_END = "23:59"  # The end of a day, as mails print it.
SCHEDULED_BY = "-7d"  # A presentation is scheduled a week before it is, at the latest.
_MEETING_AFTER = "7d"  # An interview is taken to be a week after it was scheduled.


@dataclass(frozen=True)
class Row:
    """One line: a day and time in the program's zone, what, who, and the notice if there is one."""

    date: date
    time: str
    stage: str
    what: str
    who: str
    notice: str = ""
    late: bool = False  # only if it is not done by then

    def as_json(self) -> dict[str, Any]:
        """The row with its date as ISO text."""
        return asdict(self) | {"date": self.date.isoformat()}


def schedule(
    plan: Plan,
    *,
    first_day: date,
    titles: Titles | None = None,
    opens: date | None = None,
    closes: date | None = None,
) -> list[Row]:
    """The rows of a residency, in order.

    Without `closes`, applications close as late as can be for everything to be done before the
    first checklist item is due.
    """
    if closes is None:
        closes = _latest_close(_Schedule(plan, titles or {}, first_day))
    whole = _Schedule(plan, titles or {}, first_day)
    whole.everything(opens, closes)
    return sorted(whole.rows, key=lambda row: (row.date, row.time))


def _latest_close(free: "_Schedule") -> date:
    """The day on which applications close at the latest, so that nothing is due before an offer."""
    item = free.first_item()
    closes = item
    while (beyond := (free.before(closes) - item).days) > 0:
        closes = free.shift(closes, Offset.parse(f"-{beyond}d"))
    return closes


class _Schedule:
    """Writes the rows, stage by stage."""

    def __init__(self, plan: Plan, titles: Titles, first_day: date) -> None:
        self.plan = plan
        self.titles = titles
        self.first = first_day
        self.last = last_day(first_day, Span.parse(plan.length))
        self.calendar = calendar_of(plan)
        self.opening = plan.opens
        self.ringing = _hour_later(plan.opens)
        self.stage = ""
        self.rows: list[Row] = []

    # What all stages write with

    def say(
        self, day: date, clock: str, what: str, *, who: str, notice: str = "", late: bool = False
    ) -> None:
        self.rows.append(Row(day, clock, self.stage, what, who, notice, late))

    def title(self, kind: str, item: str = "") -> str:
        label = self.titles.get("kinds", {}).get(kind) or readable(kind)
        name = self.titles.get("items", {}).get(item) if item else ""
        if kind.startswith("item-"):
            return str(label)
        return f"{label}: {name}" if name and name not in label else str(label)

    def mail(
        self, day: date, clock: str, what: str, *, who: str, notice: str, late: bool = False
    ) -> None:
        """A notice, on the day and time it leaves: in the send window, or at once if critical."""
        if not notice_named(notice).critical:
            window = self.calendar.window(self.calendar.at(day, time.fromisoformat(clock)))
            local = window.astimezone(zone_named(self.plan.zone))
            day, clock = local.date(), f"{local:%H:%M}"
        self.say(day, clock, what, who=who, notice=notice, late=late)

    def task(
        self,
        name: str,
        opened: date,
        *,
        item: str = "",
        due: date | None = None,
        clock: str = _END,
    ) -> date:
        """The rows of one task: opening, ladder, due. Gives the day it is due."""
        kind = self.plan.kinds[name]
        what = self.title(name, item)
        if due is None:
            due = self.due(opened, kind.due)
        if kind.opens and due > opened:
            opened = max(opened, self.shift(due, Offset.parse(kind.opens)))
            clock = self.ringing
        if kind.notice:
            self.mail(opened, clock, f"{what}: opens", who=kind.by, notice=kind.notice)
        self._ladder(kind, what, opened, due)
        self.say(due, _END, f"{what}: due", who=kind.by)
        return due

    def shift(self, day: date, offset: Offset) -> date:
        """The day so far from another; hours and minutes stay on the day."""
        return day if offset.span.exact is not None else self.calendar.shift(day, offset)

    def due(self, opened: date, span: str) -> date:
        if not span or Span.parse(span).exact is not None:
            return opened
        due = due_within(
            self.calendar.at(opened, _NOON),
            Span.parse(span),
            self.calendar,
            begins=self.calendar.at(self.first, MIDNIGHT),
            ends=self.calendar.end_of(self.last),
            last=self.last,
        )
        return self.calendar.due_day(due)

    def counted(self, day: date, offset: str) -> date:
        """The due day of what counts from another day, rolled where due dates roll."""
        return self.calendar.roll_day(self.shift(day, Offset.parse(offset)), self.last)

    def _ladder(self, kind: Kind, what: str, opened: date, due: date) -> None:
        lapses = self.shift(due, Offset.parse(kind.lapse)) if kind.lapse else date.max
        for rung in kind.ladder:
            day = self.shift(due, Offset.parse(rung.on))
            if not opened <= day <= lapses:
                continue
            mine = rung.to == "assignee"
            notice = "reminder" if mine else "escalation"
            if kind.notice == "offer" and mine:
                notice = "offer-reminder"
            every = " (then every week)" if rung.every else ""
            says = f"due on {due}" if day <= due else f"was due on {due}{every}"
            who = kind.by if mine else rung.to
            self.mail(day, self.ringing, f"{what}: {says}", who=who, notice=notice, late=True)

    # The stages

    def everything(self, opens: date | None, closes: date) -> None:
        accepted = self._to_offer(opens, closes)
        self._onboarding(accepted)
        self.stage = "residency"
        self.say(self.first, "00:00", "First day", who="resident")
        self._milestones()
        presented = self._presentation()
        self._publication(presented)
        self._completion()

    def before(self, start: date) -> date:
        """The day the offer is answered if applications close on `start`."""
        return self._to_offer(None, start)

    def first_item(self) -> date:
        """The day of the first checklist item, or the first day."""
        items = self.plan.onboarding.items if self.plan.onboarding else []
        days = [self.shift(self.first, Offset.parse(item.due)) for item in items]
        return min([self.first, *days])

    def _to_offer(self, opens: date | None, closes: date) -> date:
        day = self._application(opens, closes)
        day = self._screening(day)
        day = self._interviews(day)
        return self._selection(day)

    def _application(self, opens: date | None, closes: date) -> date:
        plan = self.plan.application
        self.stage = "application"
        if plan is None:
            return closes
        if opens:
            self.say(opens, "00:00", "Applications open", who="everybody")
        self.say(closes, _END, "Applications close", who="everybody")
        self.mail(closes, _END, "Application", who="resident", notice="application-received")
        judging = [name for name in self.plan.kinds if name.startswith("judge-")]
        return max([self.task(name, closes) for name in judging], default=closes)

    def _screening(self, day: date) -> date:
        if self.plan.screening is None:
            return day
        self.stage = "screening"
        return self.task("decide-screening", self.task("review", day))

    def _interviews(self, day: date) -> date:
        plan = self.plan.interviews
        self.stage = "interviews"
        for one in plan.rounds if plan else []:
            assert plan is not None
            name = str(self.titles.get("rounds", {}).get(one.id, readable(one.id)))
            scheduled = self.task(f"schedule-{one.id}", day)
            everybody = "resident, interviewers"
            self.mail(scheduled, self.opening, name, who=everybody, notice="interview-invitation")
            meeting = self.calendar.next_business(
                self.calendar.add(scheduled, Span.parse(_MEETING_AFTER))
            )
            self._meeting(name, meeting, plan.remind, who=everybody, notice="interview-reminder")
            day = self.task("decide-round", self.task(f"scorecard-{one.id}", meeting))
        return day

    def _meeting(self, name: str, day: date, remind: str, *, who: str, notice: str) -> None:
        if Span.parse(remind).exact is None:
            before = self.shift(day, Offset.parse(f"-{remind}" if remind[0] != "0" else "0d"))
            self.mail(before, self.ringing, f"{name}: {day}", who=who, notice=notice)
        else:
            self.mail(day, self.opening, f"{name}: {day}", who=who, notice=notice)
        self.say(day, self.ringing, name, who=who)

    def _selection(self, day: date) -> date:
        if self.plan.selection is not None:
            self.stage = "selection"
            day = self.task("select", day)
        if self.plan.offer is not None:
            self.stage = "offer"
            day = self.task("offer", day)
            lapse = self.plan.kinds["offer"].lapse
            if lapse:
                lapses = self.shift(day, Offset.parse(lapse))
                what = "Offer lapses without an answer"
                self.mail(lapses, _END, what, who="resident", notice="offer-lapsed", late=True)
            self.mail(day, _END, "Accepted", who="resident", notice="offer-accepted")
            self.mail(day, _END, "Accepted", who="coordinators", notice="offer-answered")
        return day

    def _onboarding(self, accepted: date) -> None:
        plan = self.plan.onboarding
        if plan is None:
            return
        self.stage = "onboarding"
        self.mail(accepted, _END, "Welcome", who="resident", notice="welcome")
        self.mail(accepted, _END, "Mentors", who="mentors", notice="mentor-appointed")
        done: dict[str, date] = {}
        waiting = list(plan.items)
        while waiting:
            item = next(one for one in waiting if set(one.after) <= set(done))
            waiting.remove(item)
            opened = max([accepted, *(done[name] for name in item.after)])
            due = self.counted(self.first, item.due)
            done[item.id] = self.task(f"item-{item.id}", min(opened, due), item=item.id, due=due)

    def _milestones(self) -> None:
        plan = self.plan.milestones
        days = milestone_days(
            self.plan, first_day=self.first, last_day=self.last, calendar=self.calendar
        )
        self.stage = "milestones"
        for item in plan.items if plan else []:
            day = days[item.id]
            if item.report:
                self.task(item.report, self.first, item=item.id, due=day)
            if item.sign_off:
                approved = self.task(item.sign_off, day, item=item.id)
                title = str(self.titles.get("items", {}).get(item.id, readable(item.id)))
                self.mail(approved, _END, title, who="resident", notice="milestone-approved")

    def _presentation(self) -> date:
        plan = self.plan.presentation
        if plan is None:
            return self.last
        self.stage = "presentation"
        planned = presentation_day(plan, last_day=self.last, calendar=self.calendar)
        # People meet on a business day; a fixed day is what it is.
        day = planned if plan.day else self.calendar.previous_business(planned)
        everybody = "resident, panelists, mentors"
        ahead = max(self.counted(planned, SCHEDULED_BY), self.first)
        opens = Offset.parse(self.plan.kinds["schedule-presentation"].opens or "-42d")
        opened = max(self.shift(planned, opens), self.first)
        if plan.optional:
            opened = self.task("presentation-offer", opened, clock=self.ringing)
        scheduled = self.task(
            "schedule-presentation", min(opened, ahead), due=ahead, clock=self.ringing
        )
        what = "Presentation"
        self.mail(scheduled, self.opening, what, who=everybody, notice="presentation-scheduled")
        if plan.materials:
            due = self.shift(day, Offset.parse(f"-{plan.materials}"))
            self.task("materials", scheduled, due=due)
        self._meeting(what, day, plan.remind, who=everybody, notice="presentation-reminder")
        if plan.evaluated:
            told = self.task("evaluate", day)
            self.mail(told, _END, what, who="resident", notice="presentation-outcome")
            return told
        return day

    def _publication(self, day: date) -> None:
        self.stage = "publication"
        for name in ("recommend", "publish", "record-publication"):
            if name in self.plan.kinds:
                day = self.task(name, day)

    def _completion(self) -> None:
        if self.plan.completion is None:
            return
        self.stage = "completion"
        if "attest-end" in self.plan.kinds:
            kind = self.plan.kinds["attest-end"]
            opened = self.shift(self.last, Offset.parse(f"-{kind.due}"))
            due = self.counted(self.last, "-1d")
            self.task("attest-end", opened, due=due, clock=self.ringing)
        self.mail(self.last, _END, "Last day", who="resident", notice="completed")
        self.mail(self.last, _END, "Last day", who="mentors", notice="residency-ended")


def _hour_later(clock: str) -> str:
    at = time.fromisoformat(clock)
    return f"{min(at.hour + 1, 23):02}:{at.minute:02}"
