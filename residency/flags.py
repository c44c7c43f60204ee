"""Flags: raised on any day, beside a verdict or alone; each opens a coordinator's task.

The milestone stays as its verdict says. A concern goes to coordinators alone. A termination is proposed,
the person is heard, and a coordinator confirms or rejects it: never in one click.
"""

from __future__ import annotations

from residency.exits import end
from residency.moves import check_weeks, grant_extension
from residency.refusals import Refusal
from residency.tasks import Board
from residency.wire import Exit, Flag, State, Tag, Task

STAGE = "flags"


def check_flag(board: Board, flag: str, *, weeks: int) -> None:
    """Refusal where a flag can't be raised now."""
    if flag == "extend":
        check_weeks(board, weeks)
    if flag == "terminate" and any(
        each.flag == flag and not each.outcome for each in board.state.flags
    ):
        raise Refusal("already-proposed")


def raise_flag(board: Board, flag: Flag) -> int:
    """Remembers a flag and opens the first task of its way; its number, from 1."""
    board.state.flags.append(flag)
    number = len(board.state.flags)
    board.write(
        Tag.FLAGGED,
        submission=flag.submission,
        flag=flag.flag,
        weeks=flag.weeks or None,
        item=flag.item,
        by=flag.by,
    )
    if flag.flag == "terminate":
        board.open(f"{STAGE}/hearing/{number}/1")
        board.tell(
            "flag-raised",
            board.people("coordinators"),
            f"flag~{number}",
            flag=flag.flag,
            by=flag.by,
        )
    else:
        board.open(f"{STAGE}/handle-{flag.flag}/{number}/1")
    return number


def follow_hearings(board: Board) -> None:
    """Once the person was heard, or did not speak in time, a coordinator decides."""
    if board.state.ended is not None:
        return
    for key, task in list(board.state.tasks.items()):
        if task.kind == "hearing" and task.state is not State.OPEN:
            board.open(key.replace("/hearing/", "/handle-terminate/"))


def close_flag(board: Board, task: Task, outcome: str) -> None:
    """A coordinator's answer to a flag takes effect."""
    flag = board.state.flags[int(task.item) - 1]
    flag.outcome = outcome
    board.write(Tag.FLAG_CLOSED, flag=flag.flag, outcome=outcome)
    match (flag.flag, outcome):
        case ("extend", "granted"):
            grant_extension(board, weeks=flag.weeks, action=f"flag-{task.item}")
        case ("extend", "refused"):
            board.tell("extension-refused", [flag.by], f"flag-{task.item}", weeks=flag.weeks)
        case ("terminate", "confirmed"):
            end(board, Exit.TERMINATED)
        case ("terminate", "rejected"):
            board.tell("termination-rejected", [board.start.person], f"flag-{task.item}")
