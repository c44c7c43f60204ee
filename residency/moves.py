"""Moves of dates: another first day, an extension. Every date is computed anew from the shifts."""

from __future__ import annotations

from datetime import date

from residency.meetings import CHECK
from residency.refusals import Data, Refusal
from residency.tasks import Board
from residency.wire import Act, Scalar, Shift, Tag


def first_day(board: Board, act: Act) -> Data:
    assert act.day is not None
    check_day(board, act.day)
    was = board.dates.first_day
    if act.day == was:
        raise Refusal("same-day", day=was.isoformat())
    return _shift(
        board,
        Shift(kind="first-day", first_day=act.day, action=act.id),
        "first-day-moved",
        was=was.isoformat(),
    )


def extend(board: Board, act: Act) -> Data:
    return grant_extension(board, weeks=act.weeks, action=act.id)


def grant_extension(board: Board, *, weeks: int, action: str) -> Data:
    """What is personal and still to come moves, and the last day; everybody is told."""
    left = check_weeks(board, weeks)
    was = board.dates.last_day
    # After the last day, while a coordinator decides over the end, that day itself moves.
    since = min(board.dates.calendar.day_of(board.now), was)
    for key, task in board.open_tasks():
        if task.kind == "decide-end":
            board.waive(key)
    board.state.extended += weeks
    data = _shift(
        board,
        Shift(kind="extension", days=7 * weeks, since=since, action=action),
        "extension-granted",
        weeks=weeks,
        was=was.isoformat(),
    )
    for item in board.dates.fixed_behind(since):
        board.open(f"{board.state.stage}/{CHECK}/{item}/{len(board.state.shifts)}")
    return data | {"weeks": weeks, "left": left - weeks}


def check_day(board: Board, day: date) -> None:
    """Refusal where a day has passed."""
    if board.dates.calendar.end_of(day) <= board.now:
        raise Refusal("day-past", day=day.isoformat())


def check_weeks(board: Board, weeks: int) -> int:
    """How many extension weeks are left; Refusal where that is fewer than asked for."""
    left = board.plan.extension_weeks - board.state.extended
    if weeks > left:
        raise Refusal("too-many-weeks", weeks=weeks, left=left, allowed=board.plan.extension_weeks)
    return left


def _is_astray(board: Board, moved: set[str]) -> bool:
    """Whether the presentation is scheduled for a time that its own date, or the last day, moved from."""
    meeting = board.state.meetings.get("presentation")
    if meeting is None or meeting.canceled or meeting.at <= board.now:
        return False
    dates = board.dates
    return "presentation" in moved or not dates.begins <= meeting.at < dates.ends


def _shift(board: Board, shift: Shift, notice: str, **data: Scalar) -> Data:
    moves = board.dates.shift(shift)
    moved = {move.what for move in moves}
    first, last = board.dates.first_day.isoformat(), board.dates.last_day.isoformat()
    board.write(Tag.SHIFTED, kind=shift.kind, days=shift.days, first=first, last=last)
    for key, task in board.open_tasks():
        if task.anchor and task.day is None:
            board.set_due(key)
    if _is_astray(board, moved):
        board.open(f"{board.state.stage}/{CHECK}/presentation/{len(board.state.shifts)}")
    people = [board.start.person, *board.people("mentors"), *board.people("coordinators")]
    board.tell(notice, people, shift.action, first=first, last=last, more=data)
    return {
        "first": first,
        "last": last,
        "moved": len(moves),
        **{f"was:{move.what}": f"{move.was}>{move.will_be}" for move in moves},
    }
