"""When milestones and the presentation are: the dates that `schedule` and the workflow share."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from residency.dates import Calendar, Offset, Span, Unit, due_after
from residency.dates import last_day as last_day_of
from residency.plan import MilestonePlan, Plan, PresentationPlan

if TYPE_CHECKING:  # A workflow imports this file and has no use for the definition's models.
    from residency.program import Program

_FIRST = date(2023, 1, 1)  # Any first of January of a common year: only months are counted.


def milestone_ids(program: "Program") -> list[str]:
    """The ids in order: those of the list, or m1, m2, ... as many as begin within the length."""
    stage = program.stages.milestones
    if stage is None:
        return []
    if stage.at:
        return [one.id for one in stage.at]
    if not stage.every or not program.length:
        return []
    return [f"m{number}" for number in range(1, milestone_count(program.length, stage.every) + 1)]


def milestone_count(length: str, every: str) -> int:
    """How many whole or begun periods the length has; 120 at most."""
    whole, period = Span.parse(length), Span.parse(every)
    end = last_day_of(_FIRST, whole)
    count = 1
    while count < 120 and last_day_of(_FIRST, times(period, count)) < end:
        count += 1
    return count


def times(span: Span, factor: int) -> Span:
    """Three times "1 month" is "3 months"."""
    return Span(span.count * factor, span.unit)


def milestone_due(
    item: MilestonePlan,
    first_day: date,
    last_day: date,
    calendar: Calendar,
    sign_off: Span | None = None,
    is_last: bool = False,  # noqa: FBT001, FBT002  # A workflow passes all of these in order.
) -> date:
    """The day on which a milestone's report is due.

    That is its fixed day, or (first day + its month) - 1 day, at most the last day, rolled where
    due dates roll. The last milestone's comes early enough that the sign-off's due, counted from
    the report's, falls before the last day.
    """
    if item.day is not None:
        return item.day
    day = _end_of_period(calendar, first_day, Span.parse(item.month))
    day = calendar.roll_day(min(day, last_day), last_day)
    if not is_last:
        return day
    latest = _before(calendar, last_day, sign_off)
    if day <= latest:
        return day
    # Rolled back: to roll forward would leave less time than the sign-off needs.
    return calendar.previous_business(latest) if calendar.roll else latest


def due_within(
    opened: datetime,
    span: Span,
    calendar: Calendar,
    *,
    begins: datetime,
    ends: datetime,
    last: date,
) -> datetime:
    """When a task is due that counts from its own opening, as the workflow and `schedule` say it.

    In residence, from `begins` until `ends`, that is by the end of the `last` day, and nothing is
    rolled back to before it was opened.
    """
    if not begins <= opened < ends:
        return due_after(opened, span, calendar)
    due = due_after(opened, span, calendar, last=last)
    if due > ends:
        latest = calendar.roll_day(last, last) if span.exact is None else last
        due = calendar.end_of(latest)
    return due if due >= opened else ends


def presentation_day(plan: PresentationPlan, last_day: date, calendar: Calendar) -> date:
    """The fixed demo day, or so long before the last day, rolled where due dates roll."""
    if plan.day is not None:
        return plan.day
    day = _back(calendar, last_day, Span.parse(plan.before_end))
    return calendar.roll_day(day, last_day)


def milestone_days(
    plan: Plan, *, first_day: date, last_day: date, calendar: Calendar
) -> dict[str, date]:
    """Every milestone's report day, by id, in the plan's order."""
    items = plan.milestones.items if plan.milestones else []
    ends = [_order(item, first_day, calendar) for item in items]
    return {
        item.id: milestone_due(
            item,
            first_day=first_day,
            last_day=last_day,
            calendar=calendar,
            sign_off=_sign_off_span(plan, item),
            is_last=end == max(ends),
        )
        for item, end in zip(items, ends, strict=True)
    }


def calendar_of(plan: Plan) -> Calendar:
    """The plan's calendar."""
    return Calendar(
        zone=plan.zone,
        holidays=frozenset(plan.holidays),
        roll=plan.roll,
        opens=time.fromisoformat(plan.opens),
        closes=time.fromisoformat(plan.closes),
    )


def _sign_off_span(plan: Plan, item: MilestonePlan) -> Span | None:
    kind = plan.kinds.get(item.sign_off)
    return Span.parse(kind.due) if kind and kind.due else None


def _order(item: MilestonePlan, first_day: date, calendar: Calendar) -> date:
    return item.day or _end_of_period(calendar, first_day, Span.parse(item.month))


def _end_of_period(calendar: Calendar, first_day: date, span: Span) -> date:
    if span.unit is Unit.BUSINESS_DAYS:
        # The first day is the first one, where it is a business day.
        start = calendar.shift(first_day, Offset.parse("-1d"))
        return calendar.add(start, span)
    return last_day_of(first_day, span)


def _before(calendar: Calendar, last: date, sign_off: Span | None) -> date:
    """The latest day from which the sign-off's due falls before the last day."""
    day_before = calendar.shift(last, Offset.parse("-1d"))
    return day_before if sign_off is None else _back(calendar, day_before, sign_off)


def _back(calendar: Calendar, day: date, span: Span) -> date:
    if span.count == 0 or span.exact is not None:
        return day
    return calendar.shift(day, Offset(span, -1))
