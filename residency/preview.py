"""A dry run: an action on a copy of the board, and what it changed."""

from __future__ import annotations

from datetime import datetime

from residency.decisions import find_pending
from residency.effects import perform
from residency.flags import follow_hearings
from residency.refusals import Refusal, Repeated, refusal
from residency.tasks import Board
from residency.wire import Act, BoardState, DateMove, Preview, SeatWanted, Start


def preview(start: Start, state: BoardState, act: Act, *, at: datetime) -> Preview:
    """What an action would answer, move and tell; the residency itself is not touched.

    Whether a seat is left, only the store knows: whoever asks looks there for `seat`.
    """
    copied = start.model_copy(update={"state": state.model_copy(deep=True)})
    board = Board(copied, lambda: act.at or at)
    before, tray = board.dates.days(), len(board.state.tray)
    lines = sum(len(letter.lines) for letter in board.state.tray)
    try:
        reason = refusal(board, act)
        if reason is not None:
            raise reason
        seat = seat_wanted(board, act)
        data = perform(board, act)
        follow_hearings(board)
    except Refusal as error:
        return Preview(code=error.code, refused=True, data=error.data)
    except Repeated as repeated:
        return Preview(code=repeated.code, data=repeated.data)
    moves = [
        DateMove(what=what, was=before[what], will_be=day)
        for what, day in board.dates.days().items()
        if before[what] != day
    ]
    told = [f"{letter.notice}:{letter.to}" for letter in board.state.tray[tray:]]
    merged = sum(len(letter.lines) for letter in board.state.tray) - lines
    return Preview(
        code="done",
        data=data | {"merged": merged},
        moves=moves,
        told=told,
        events=board.journal,
        seat=seat,
    )


def seat_wanted(board: Board, act: Act) -> SeatWanted | None:
    """The seat that a release asks for first: an acceptance can be released only with one."""
    if act.verb != "release":
        return None
    _, pending = find_pending(board, act)
    if pending.outcome != "accept" or board.state.granted or pending.released:
        return None
    start = board.start
    return SeatWanted(residency=start.residency, cohort=start.cohort, track=start.track)
