"""Checks of when things are due: milestones beyond the end, and what is owed after the last day."""

from datetime import date

from residency.dates import Calendar, DateError, Offset, Span, last_day
from residency.faulting import Checker
from residency.kinds import change_of, sign_off_of
from residency.milestones import milestone_ids
from residency.program import Program
from residency.source import Steps, quoted

_FIRST = date(2023, 1, 1)  # Months count from here where no cohort gives a first day.


def check_dates(checker: Checker, program: Program) -> None:
    """Note faults and warnings about the length and what must fit into it."""
    stages = program.stages
    if program.length is None:
        needs = ("milestones", "presentation", "completion")
        users = [name for name in needs if getattr(stages, name) is not None]
        if users:
            says = f"missing; {' and '.join(users)} need it: write a span, or switch them off"
            checker.fault("length", says=says, at_key=True)
        return
    end = last_day(_FIRST, Span.parse(program.length))
    _check_milestones(checker, program, end)
    _check_presentation(checker, program, end)
    _check_items(checker, program, end)


def _check_milestones(checker: Checker, program: Program, end: date) -> None:
    stage = program.stages.milestones
    if stage is None:
        return
    base: Steps = ("stages", "milestones")
    for number, name in enumerate(milestone_ids(program)):
        change = change_of(stage, name)
        steps = (*base, "only", name) if stage.at is None else (*base, "at", number)
        for key in ("rework", "rounds"):
            if change.sign_off and getattr(change.sign_off, key) is not None:
                says = "is the same for all milestones; write it under milestones.sign_off"
                checker.fault(*steps, "sign_off", key, says=says, at_key=True)
        if isinstance(change.due, str):
            _check_milestone(checker, program, end, steps, change.due)
        if not (change.report or change.sign_off) or not (
            (change.report and stage.report) or sign_off_of(stage, change)
        ):
            checker.fault(*steps, says="asks for nothing: neither a report nor a sign-off")


def _check_milestone(checker: Checker, program: Program, end: date, steps: Steps, due: str) -> None:
    day = _end(due)
    if day is None:
        checker.fault(*steps, "due", says=f"{quoted(due)} is not a span of days; write 14 days")
    elif day > end:
        says = f"{quoted(due)} is beyond the end; the program's length is {program.length}"
        checker.fault(*steps, "due", says=says)
    elif day < end:
        _warn_of_sign_off(checker, program, end=end, day=day, steps=steps)


def _warn_of_sign_off(
    checker: Checker, program: Program, *, end: date, day: date, steps: Steps
) -> None:
    stage = program.stages.milestones
    assert stage is not None
    days = [change_of(stage, name).due for name in milestone_ids(program)]
    ends = [found for due in days if isinstance(due, str) and (found := _end(due))]
    if day == max(ends, default=None):
        return  # The last one's report comes early enough by itself.
    name = milestone_ids(program)[int(steps[-1])] if steps[2] == "at" else str(steps[-1])
    sign_off = sign_off_of(stage, change_of(stage, name))
    if sign_off and sign_off.due and (owed := _after(day, sign_off.due)) and owed > end:
        says = f"its sign-off is owed after the last day ({sign_off.due} after the report)"
        checker.fault(*steps, "due", says=says, warns=True)


def _check_presentation(checker: Checker, program: Program, end: date) -> None:
    stage = program.stages.presentation
    if stage is None:
        return
    base: Steps = ("stages", "presentation")
    if stage.before_end and stage.day:
        checker.fault(
            *base, "day", says="stands beside before_end; write one of the two", at_key=True
        )
    if not stage.before_end:
        return
    day = _before(end, stage.before_end)
    if day is None:
        says = f"{quoted(stage.before_end)} is not a span of days; write 14 days"
        checker.fault(*base, "before_end", says=says)
    elif day < _FIRST:
        says = f"{quoted(stage.before_end)} is longer than the program ({program.length})"
        checker.fault(*base, "before_end", says=says)
    elif stage.evaluated and stage.evaluate.due:
        owed = _after(day, stage.evaluate.due)
        if owed and owed > end:
            says = f"the evaluation is owed after the last day ({stage.evaluate.due} after it)"
            checker.fault(*base, "before_end", says=says, warns=True)


def _check_items(checker: Checker, program: Program, end: date) -> None:
    stage = program.stages.onboarding
    for number, item in enumerate(stage.items if stage else []):
        day = _shifted(_FIRST, Offset.parse(item.due or "0d"))
        steps = ("stages", "onboarding", "items", number, "due")
        if day is None:
            checker.fault(
                *steps, says=f"{quoted(item.due)} doesn't count days; write 14 days before"
            )
        elif day > end:
            says = f"{quoted(item.due)} is after the last day; the length is {program.length}"
            checker.fault(*steps, says=says, warns=True)


def _end(text: str) -> date | None:
    """The last day of a period from the first day; None for hours and the like."""
    day = _after(_FIRST, text)
    return _before(day, "1 day") if day else None


def _after(day: date, text: str) -> date | None:
    span = Span.parse(text)
    return _shifted(day, Offset(span, 1 if span.count else 0))


def _before(day: date, text: str) -> date | None:
    span = Span.parse(text)
    return _shifted(day, Offset(span, -1 if span.count else 0))


def _shifted(day: date, offset: Offset) -> date | None:
    if offset.span.exact is not None:
        return None
    try:
        return Calendar("UTC").shift(day, offset)
    except DateError:
        return None
