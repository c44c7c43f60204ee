"""Boards of the tests' tiny program, at a moment that the test moves by hand."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from residency.compile import compile_plan
from residency.definition import load
from residency.effects import perform
from residency.refusals import Refusal, refusal
from residency.settings import CHECKOUT
from residency.tasks import Board
from residency.wire import EDITION, Act, Start
from tests.workflows.house import cohort_of

FIRST_DAY = date(2027, 3, 1)
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
PERSON, LEAD, SECOND, ANA, BEA = "p-person", "p-lead", "p-second", "p-ana", "p-bea"


@cache
def plan_of(program="tiny"):
    definition = load(Path(__file__).parent.parent / "programs" / program, CHECKOUT / "programs")
    return compile_plan(definition, cohort_of(name="one", first_day=FIRST_DAY))


class Hand:
    """A clock that is set by hand."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def move(self, **span):
        self.at += timedelta(**span)


def start_of(program="tiny", **plan):
    return Start(
        residency="r-one",
        person=PERSON,
        cohort="c-one",
        cohort_name="one",
        plan=plan_of(program).model_copy(update=plan),
        first_day=FIRST_DAY,
        coordinators=[ANA, BEA],
        started=NOON,
        rehearsal=True,
        edition=EDITION,
    )


def a_board(stage="milestones", *, at=NOON, program="tiny", **plan):
    """A board with mentors and panelists, at a stage; `board.clock.move(days=1)` moves its time."""
    board = Board(start_of(program, **plan), Hand(at))
    board.state.stage = stage
    board.state.roles = {
        "mentors": [LEAD, SECOND],
        "panelists": ["p-x", "p-y"],
        "reviewers": ["p-r1", "p-r2"],
        "interviewers/talk": ["p-i1", "p-i2"],
    }
    return board


def an_act(verb, actor=ANA, **fields):
    return Act(**{"id": f"a-{verb}", "verb": verb, "actor": actor, **fields})


def do(board, verb, actor=ANA, **fields):
    """Does an action, as the workflow does."""
    act = an_act(verb, actor, **fields)
    reason = refusal(board, act)
    if reason is not None:
        raise reason
    board.state.moment = board.state.seq
    return perform(board, act)


def refused(board, verb, actor=ANA, **fields):
    """The refusal that an action meets."""
    try:
        done = do(board, verb, actor, **fields)
    except Refusal as error:
        return error
    raise AssertionError(f'"{verb}" was not refused: {done}')


def tags(board):
    return [event.tag.value for event in board.journal]


def told(board):
    """(notice, person) of everything in the tray, lines too."""
    return [
        (each.notice, letter.to) for letter in board.state.tray for each in (letter, *letter.lines)
    ]
