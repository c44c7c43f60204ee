"""Flags: each opens a coordinator's task; a termination is never one click."""

import pytest

from residency.flags import follow_hearings
from residency.wire import Answer, Exit, State
from tests.residency.boards import ANA, BEA, LEAD, PERSON, SECOND, a_board, do, refused, told

SIGN_OFF = "milestones/sign-off/m1/1"


def test_concern_of_a_resident_goes_to_coordinators_alone():
    board = a_board()

    do(board, "concern", PERSON, reason="s-1", item="m1")

    assert told(board) == [("concern-raised", ANA), ("concern-raised", BEA)]
    assert board.listed()[0].who == [ANA, BEA]


def test_concern_of_a_mentor_is_not_told_to_the_resident():
    board = a_board()

    do(board, "flag", LEAD, flag="concern", reason="s-1")

    assert {person for _, person in told(board)} == {ANA, BEA}


def test_flag_beside_a_verdict_leaves_the_verdict():
    board = a_board()
    board.open(SIGN_OFF)

    do(board, "approve", LEAD, submission="s-1", flag="extend", weeks=2)

    assert board.state.tasks[SIGN_OFF].outcome == "approved"
    assert [key for key, _ in board.open_tasks()] == ["flags/handle-extend/1/1"]


def test_granted_flag_extends():
    board = a_board()
    do(board, "flag", LEAD, flag="extend", weeks=2, reason="s-1")

    do(board, "complete", task="flags/handle-extend/1/1", outcome="granted")

    assert board.dates.last_day.isoformat() == "2027-04-25"
    assert ("extension-granted", PERSON) in told(board)
    assert board.state.flags[0].outcome == "granted"


def test_refused_flag_tells_who_raised_it():
    board = a_board()
    do(board, "flag", LEAD, flag="extend", weeks=2, reason="s-1")

    do(board, "complete", task="flags/handle-extend/1/1", outcome="refused")

    assert board.state.shifts == []
    assert ("extension-refused", LEAD) in told(board)
    assert not any(person == PERSON for _, person in told(board))


def test_flag_that_can_no_longer_be_granted_stays_open():
    board = a_board()
    do(board, "flag", LEAD, flag="extend", weeks=3, reason="s-1")
    do(board, "extend", weeks=2, reason="s-1")
    seq = board.state.seq

    reason = refused(board, "complete", task="flags/handle-extend/1/1", outcome="granted")

    assert (reason.code, reason.data["left"]) == ("too-many-weeks", 2)
    assert board.is_open("flags/handle-extend/1/1")
    assert board.state.seq == seq


@pytest.mark.parametrize("flag", ["extend", "terminate"])
def test_resident_can_raise_only_a_concern_beside_a_report(flag):
    board = a_board()
    key = "milestones/report/m1/1"
    board.open(key, anchor="milestone:m1")

    reason = refused(board, "complete", PERSON, task=key, submission="s-1", flag=flag, weeks=1)

    assert reason.code == "not-allowed"
    assert board.is_open(key)


def test_flag_beside_a_verdict_is_limited_too():
    board = a_board()
    board.open(SIGN_OFF)

    reason = refused(board, "approve", LEAD, submission="s-1", flag="extend", weeks=9)

    assert reason.code == "too-many-weeks"
    assert board.is_open(SIGN_OFF)


def test_unknown_flag_beside_a_verdict_is_refused():
    board = a_board()
    board.open(SIGN_OFF)

    assert refused(board, "approve", LEAD, submission="s-1", flag="fire").code == "bad-flag"


def test_termination_is_heard_before_it_is_confirmed():
    board = a_board()
    do(board, "flag", LEAD, flag="terminate", reason="s-1")
    early = refused(board, "confirm-termination", reason="s-2")

    do(board, "complete", PERSON, task="flags/hearing/1/1", submission="s-3")
    follow_hearings(board)
    do(board, "confirm-termination", reason="s-4")

    assert early.code == "no-open-task"
    assert board.state.ended is Exit.TERMINATED
    assert ("termination-proposed", PERSON) in told(board)
    assert ("termination-confirmed", PERSON) in told(board)
    assert ("residency-ended", SECOND) in told(board)


def test_hearing_that_nobody_came_to_lapses_and_a_coordinator_decides():
    board = a_board()
    do(board, "flag", LEAD, flag="terminate", reason="s-1")

    board.clock.move(days=9)
    board.ring()
    follow_hearings(board)

    assert board.state.tasks["flags/hearing/1/1"].state is State.LAPSED
    assert board.is_open("flags/handle-terminate/1/1")
    assert board.state.ended is None


def test_rejected_termination_goes_on():
    board = a_board()
    do(board, "flag", LEAD, flag="terminate", reason="s-1")
    board.answer("flags/hearing/1/1", PERSON, Answer())
    follow_hearings(board)

    do(board, "reject-termination")

    assert board.state.ended is None
    assert ("termination-rejected", PERSON) in told(board)


def test_withdrawal_during_a_hearing_opens_nothing():
    board = a_board()
    do(board, "flag", LEAD, flag="terminate", reason="s-1")

    do(board, "withdraw", PERSON, reason="s-2")
    follow_hearings(board)

    assert board.open_tasks() == []
    assert board.journal[-1].tag == "residency:ended"
