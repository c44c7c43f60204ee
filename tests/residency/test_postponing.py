"""Second thoughts: another date for one's own task, and taking back what was just answered."""

from datetime import date, timedelta

import pytest

from residency.postponing import drop_moot
from residency.wire import State
from tests.residency.boards import ANA, BEA, LEAD, PERSON, SECOND, a_board, do, refused, told

REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"
REVIEW = "screening/review//1"
WISHED = date(2027, 4, 9)
ASKED = "flags/handle-date/1/1"


@pytest.fixture
def board():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    return board


def asked(board):
    do(board, "ask-later", PERSON, task=REPORT, day=WISHED, reason="s-why")
    return board


def test_another_date_waits_for_a_coordinator(board):
    due = board.state.tasks[REPORT].due

    asked(board)

    assert board.state.tasks[REPORT].due == due
    assert board.state.tasks[ASKED].who == [ANA, BEA]
    wanted = [each for each in board.state.tray if each.notice == "date-wanted"]
    assert [each.to for each in wanted] == [ANA, BEA]
    assert wanted[0].data == {
        "by": PERSON, "about": REPORT, "day": WISHED.isoformat(), "reason": "s-why"
    }  # fmt: skip  # One line reads best.


def test_granted_date_moves_and_is_told_once(board):
    asked(board)

    do(board, "complete", task=ASKED, outcome="granted")

    moved = board.state.tasks[REPORT]
    assert board.dates.calendar.due_day(moved.due) == WISHED
    assert moved.revision == 1
    assert told(board).count(("due-date-moved", PERSON)) == 1


def test_refused_date_stays_and_the_asker_learns_why(board):
    due = board.state.tasks[REPORT].due
    asked(board)

    do(board, "complete", task=ASKED, outcome="refused", reason="s-no")

    assert board.state.tasks[REPORT].due == due
    refusals = [each for each in board.state.tray if each.notice == "date-refused"]
    assert [(each.to, each.data["reason"], each.due) for each in refusals] == [
        (PERSON, "s-no", due)
    ]


def test_refused_date_may_be_asked_for_again(board):
    asked(board)
    do(board, "complete", task=ASKED, outcome="refused")

    asked(board)

    assert board.is_open("flags/handle-date/2/1")


def test_of_several_each_asks_once():
    """`who` says that it is by a page that knows of this; histories of before do not have it."""
    board = a_board("screening")
    board.open(REVIEW)
    first, second = board.state.tasks[REVIEW].who[:2]
    wish = {"task": REVIEW, "day": WISHED, "reason": "s-1"}
    do(board, "ask-later", first, who=[first], **wish)

    again = refused(board, "ask-later", first, who=[first], **wish)
    as_before = refused(board, "ask-later", second, **wish)
    do(board, "ask-later", second, who=[second], **wish)

    assert (again.code, as_before.code) == ("asked-already", "asked-already")
    assert board.is_open("flags/handle-date/2/1")


def two_wishes(*days):
    """A review whose reviewers asked for these days, one each; who they are."""
    board = a_board("screening")
    board.open(REVIEW)
    people = board.state.tasks[REVIEW].who[: len(days)]
    for person, day in zip(people, days, strict=True):
        wish = {"task": REVIEW, "day": day, "reason": "s-1"}
        do(board, "ask-later", person, who=[person], **wish)
    return board, people


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["earlier first", "later first"])
def test_of_two_granted_dates_the_later_stands(order):
    board, _ = two_wishes(WISHED - timedelta(days=3), WISHED)

    for number in order:
        do(board, "complete", task=f"flags/handle-date/{number}/1", outcome="granted")

    assert board.dates.calendar.due_day(board.state.tasks[REVIEW].due) == WISHED


def test_who_asked_for_less_than_was_granted_alone_learns_the_date_that_stands():
    board, (first, _) = two_wishes(WISHED - timedelta(days=3), WISHED)
    do(board, "complete", task="flags/handle-date/2/1", outcome="granted")
    board.state.tray.clear()

    do(board, "complete", task="flags/handle-date/1/1", outcome="granted")

    moved = [each for each in board.state.tray if each.notice == "due-date-moved"]
    assert [(each.to, each.due, "was" in each.data) for each in moved] == [
        (first, board.state.tasks[REVIEW].due, False)
    ]


def test_wish_ends_with_its_task(board):
    asked(board)

    drop_moot(board)
    still = board.is_open(ASKED)
    do(board, "complete", PERSON, task=REPORT, submission="s-1")
    drop_moot(board)

    assert (still, board.state.tasks[ASKED].state) == (True, State.WAIVED)


def test_nobody_asks_for_the_date_of_another(board):
    reason = refused(board, "ask-later", LEAD, task=REPORT, day=WISHED, reason="s-1")

    assert reason.code == "not-yours"
    assert board.state.facts == {}


def test_undone_answer_is_asked_for_again_of_the_same_person():
    board = a_board()
    board.open(SIGN_OFF)
    do(board, "approve", LEAD, submission="s-1")

    do(board, "undo", LEAD, task=SIGN_OFF)

    task = board.state.tasks[SIGN_OFF]
    assert (task.state, task.who[0], task.submission) == (State.OPEN, LEAD, "")
    assert not any(notice == "task-reassigned" for notice, _ in told(board))


def test_only_who_answered_takes_it_back():
    board = a_board()
    board.open(SIGN_OFF)
    do(board, "approve", LEAD, submission="s-1")

    assert refused(board, "undo", SECOND, task=SIGN_OFF).code == "not-yours"
    assert board.state.tasks[SIGN_OFF].state is State.DONE


def test_coordinator_takes_an_answer_back_in_the_name_of_who_gave_it():
    board = a_board()
    board.open(SIGN_OFF)
    do(board, "approve", LEAD, submission="s-1")

    do(board, "undo", ANA, name_of=LEAD, task=SIGN_OFF, reason="s-slip")

    assert board.is_open(SIGN_OFF)


def test_answer_to_an_offer_is_not_taken_back():
    board = a_board("offer")
    board.open("offer/offer//1")
    do(board, "accept", PERSON, task="offer/offer//1", submission="s-1")

    assert refused(board, "undo", PERSON, task="offer/offer//1").code == "final"
