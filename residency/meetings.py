"""Meetings: interviews and the presentation. Time and length are here, place and link in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from residency.dates import Offset, Span
from residency.refusals import Data, Refusal, find_task, iso, settled, whose
from residency.tasks import Board
from residency.wire import Act, Answer, Meeting, Scalar, State, Tag

CHECK = "check-date"
"""The coordinator's task to look at a date that dates have moved away from."""


def schedule(board: Board, act: Act) -> Data:
    key, task = find_task(board, act)
    if task.state is not State.OPEN:
        return settled(board, act, key, task)
    item = task.item
    before = board.state.meetings.get(item)
    minutes = act.minutes or _minutes(board, item)
    meeting = Meeting(
        at=_future(board, act), minutes=minutes, sequence=before.sequence + 1 if before else 0
    )
    board.state.meetings[item] = meeting
    board.answer(
        key, whose(board, act, key, task), Answer(outcome="scheduled", submission=act.submission)
    )
    _tell_meeting(board, item, meeting, "invitation" if item != "presentation" else "scheduled")
    _materials_follow(board, item, meeting)
    return {"item": item, "at": iso(meeting.at), "minutes": minutes}


def move_meeting(board: Board, act: Act) -> Data:
    item, meeting = find_meeting(board, act)
    was = meeting.at
    meeting.at = _future(board, act)
    meeting.minutes = act.minutes or meeting.minutes
    meeting.sequence += 1
    _answer_check(board, act, item)
    _tell_meeting(board, item, meeting, "moved", was=iso(was))
    _materials_follow(board, item, meeting)
    return {"item": item, "at": iso(meeting.at), "was": iso(was)}


def cancel_meeting(board: Board, act: Act) -> Data:
    """The story asks for a new date, because the meeting it waits for is canceled."""
    item, meeting = find_meeting(board, act)
    meeting.canceled = True
    meeting.sequence += 1
    board.write(Tag.MEETING_CANCELED, item=item, sequence=meeting.sequence)
    _answer_check(board, act, item)
    tell_canceled(board, item, meeting)
    return {"item": item, "at": iso(meeting.at)}


def _answer_check(board: Board, act: Act, item: str) -> None:
    """Moving or canceling it answers the task to look at its date."""
    for key, task in board.open_tasks():
        if (task.kind, task.item) == (CHECK, item):
            board.answer(key, act.name_of or act.actor, Answer(at=board.now))


def materials_day(board: Board, at: datetime) -> date:
    """The day on which the materials of a presentation are due that is at this instant.

    Where due dates roll so does this one, but not onto the presentation's own day.
    """
    plan = board.plan.presentation
    assert plan is not None
    calendar, before = board.dates.calendar, Span.parse(plan.materials)
    held = calendar.day_of(at)
    if not before.count:
        return held
    day = calendar.shift(held, Offset(before, -1))
    return calendar.roll_day(day, held - timedelta(days=1))


def _materials_follow(board: Board, item: str, meeting: Meeting) -> None:
    if item != "presentation":
        return
    for key, task in board.open_tasks():
        if task.kind == "materials":
            board.set_due(key, materials_day(board, meeting.at))


def find_meeting(board: Board, act: Act) -> tuple[str, Meeting]:
    coming = {
        item: meeting
        for item, meeting in board.state.meetings.items()
        if not meeting.canceled and meeting.at > board.now and act.item in ("", item)
    }
    if not coming:
        raise Refusal("no-meeting", item=act.item)
    if len(coming) > 1:
        raise Refusal("which-meeting", allowed=",".join(coming))
    return next(iter(coming.items()))


def tell_canceled(board: Board, item: str, meeting: Meeting) -> None:
    """Tells everybody that a meeting will not be."""
    _tell(board, item, meeting, "canceled", party(board, item))


def party(board: Board, item: str) -> list[str]:
    """Everybody who takes part in a meeting: the person first."""
    if item == "presentation":
        return [board.start.person, *board.people("panelists"), *board.people("mentors")]
    return [board.start.person, *board.people(f"interviewers/{item}")]


def parties(board: Board) -> dict[str, list[str]]:
    """Who takes part in each meeting that is still to come."""
    return {
        item: party(board, item)
        for item, meeting in board.state.meetings.items()
        if not meeting.canceled and meeting.at > board.now
    }


def tell_parties(board: Board, before: Mapping[str, list[str]]) -> None:
    """Others take part than did before: who joins is invited, who left need not come.

    Everybody else gets the same entry with the new names, which calendars know by its sequence.
    """
    for item, was in before.items():
        now = party(board, item)
        if set(now) == set(was):
            continue
        meeting = board.state.meetings[item]
        meeting.sequence += 1
        _write_meeting(board, item, meeting)
        first = "scheduled" if item == "presentation" else "invitation"
        for what, change, people in (
            ("canceled", "left", [each for each in was if each not in now]),
            (first, "joined", [each for each in now if each not in was]),
            (first, "changed", [each for each in now if each in was]),
        ):
            _tell(board, item, meeting, what, people, party=change)


def _tell_meeting(board: Board, item: str, meeting: Meeting, what: str, **data: Scalar) -> None:
    _write_meeting(board, item, meeting)
    _tell(board, item, meeting, what, party(board, item), **data)


def _write_meeting(board: Board, item: str, meeting: Meeting) -> None:
    board.write(
        Tag.MEETING,
        item=item,
        at=iso(meeting.at),
        minutes=meeting.minutes,
        sequence=meeting.sequence,
    )


def _tell(
    board: Board, item: str, meeting: Meeting, what: str, to: list[str], **data: Scalar
) -> None:
    prefix = "presentation" if item == "presentation" else "interview"
    board.tell(
        f"{prefix}-{what}",
        to,
        f"{item}~{meeting.sequence}",
        item=item,
        at=iso(meeting.at),
        minutes=meeting.minutes,
        sequence=meeting.sequence,
        more=data,
    )


def _minutes(board: Board, item: str) -> int:
    if item == "presentation" and board.plan.presentation:
        return board.plan.presentation.minutes
    rounds = board.plan.interviews.rounds if board.plan.interviews else []
    return next((round.minutes for round in rounds if round.id == item), 45)


def _future(board: Board, act: Act) -> datetime:
    assert act.start is not None
    if act.start <= board.now:
        raise Refusal("start-past", start=iso(act.start), now=iso(board.now))
    return act.start
