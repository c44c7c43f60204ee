"""How a residency ends: what is open is waived, the seat is freed, everybody concerned is told."""

from __future__ import annotations

from residency.meetings import tell_canceled
from residency.tasks import Board
from residency.wire import Exit, Tag

NOTICES = {
    Exit.REJECTED: "rejected",
    Exit.WAITLIST_CLOSED: "waitlist-closed",
    Exit.WITHDRAWN: "withdrawn",
    Exit.DECLINED: "offer-declined",
    Exit.LAPSED: "offer-lapsed",
    Exit.RESCINDED: "offer-rescinded",
    Exit.TERMINATED: "termination-confirmed",
    Exit.COMPLETED_EARLY: "completed-early",
    Exit.COMPLETED: "completed",
    Exit.ENDED: "ended",
}
"""What the person is told."""

ANSWERED = {Exit.DECLINED: "declined", Exit.LAPSED: "lapsed"}
KEEPS_SEAT = (Exit.COMPLETED, Exit.COMPLETED_EARLY, Exit.ENDED, Exit.TERMINATED)
"""A seat that was lived in is not given to somebody else."""


def end(board: Board, how: Exit, *, why: str = "") -> None:
    """Ends it here and now; the story leaves at its next wait. A second end changes nothing."""
    state = board.state
    if state.ended is not None:
        return
    for key, _ in board.open_tasks():
        board.waive(key)
    for place in list(state.pending):
        del state.pending[place]
    if state.granted and how not in KEEPS_SEAT:
        state.granted = False
        board.write(Tag.SEAT_FREED)
    state.ended = how
    state.ended_by = (board.cause.name_of or board.cause.actor) if board.cause else ""
    state.ended_why = why
    board.write(Tag.ENDED, submission=why, how=how.value)
    _tell(board, how, why)


def _tell(board: Board, how: Exit, why: str) -> None:
    last = board.dates.last_day.isoformat()
    board.tell(
        NOTICES[how],
        [board.start.person],
        "end",
        reason=why,
        last=last,
        stage=board.state.stage,
        by=board.state.ended_by,
    )
    _cancel_meetings(board)
    board.tell("residency-ended", board.people("mentors"), "end", how=how.value, last=last)
    if how in ANSWERED:
        board.tell("offer-answered", board.people("coordinators"), "end", outcome=ANSWERED[how])
    if board.state.held:  # What is held stays so: whoever decided that decides on each of them.
        board.tell("mails-held", board.people("coordinators"), "end", how=how.value)
    if how is Exit.WITHDRAWN:
        board.tell("withdrawal", board.people("coordinators"), "end", stage=board.state.stage)


def _cancel_meetings(board: Board) -> None:
    for item, meeting in board.state.meetings.items():
        if not meeting.canceled and meeting.at > board.now:
            meeting.canceled = True
            meeting.sequence += 1
            board.write(Tag.MEETING_CANCELED, item=item, sequence=meeting.sequence)
            tell_canceled(board, item, meeting)
