"""How a residency ends where its notices are on hold: whoever held them is told, and decides."""

from residency.exits import end
from residency.wire import Exit
from tests.residency.boards import ANA, BEA, PERSON, a_board


def ended(*, held):
    board = a_board()
    board.state.held = held
    end(board, Exit.COMPLETED)
    return board.state.tray


def test_coordinators_are_told_what_stays_held():
    told = {(each.notice, each.to): each for each in ended(held=True)}

    assert told["completed", PERSON].skip == "notices on hold"
    for coordinator in (ANA, BEA):
        letter = told["mails-held", coordinator]
        assert letter.skip == ""
        assert letter.data == {"how": "completed"}


def test_nobody_is_told_of_a_hold_where_there_is_none():
    assert "mails-held" not in {each.notice for each in ended(held=False)}
