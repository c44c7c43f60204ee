"""Receipts of what was done through a page, and word to those whose answer is not needed any more."""

import pytest

from residency.effects import perform
from residency.wire import Act
from tests.residency.boards import ANA, LEAD, PERSON, a_board, told

REPORT = "milestones/report/m1/1"


def opened(board, key, who):
    board.open(key, who=who)
    board.state.tray.clear()


def done(board, actor, **fields):

    return perform(board, Act(id="a-1", verb="complete", actor=actor, submission="s-1", **fields))


@pytest.mark.parametrize("page", [True, False])
def test_receipt_of_what_was_done_through_a_page(page):
    board = a_board()
    opened(board, REPORT, [PERSON])

    done(board, PERSON, task=REPORT, page=page)

    assert (("receipt", PERSON) in told(board)) is page


def test_receipt_says_what_was_done():
    board = a_board()
    opened(board, REPORT, [PERSON])

    done(board, PERSON, task=REPORT, page=True)

    (letter,) = [each for each in board.state.tray if each.notice == "receipt"]
    assert (letter.task, letter.data) == (REPORT, {"verb": "complete", "outcome": "done"})


def test_offer_has_a_notice_of_its_own():
    board = a_board("offer")
    opened(board, "offer/offer//1", [PERSON])

    done(board, PERSON, task="offer/offer//1", outcome="accepted", page=True)

    assert ("receipt", PERSON) not in told(board)


def test_others_are_told_that_one_answer_was_enough():
    board = a_board()
    opened(board, REPORT, [PERSON, LEAD])

    done(board, PERSON, task=REPORT)

    assert [each for each in told(board) if each[0] == "task-done-by-other"] == [
        ("task-done-by-other", LEAD)
    ]


def test_coordinators_see_it_in_their_list():
    board = a_board()
    key = "onboarding/look//1"  # A kind that no plan names is the coordinators'.
    opened(board, key, [ANA, LEAD])

    done(board, ANA, task=key)

    assert not board.is_open(key)
    assert told(board) == []
