"""Decisions: pending until released, told after the cooling-off, taken back without a trace."""

from datetime import timedelta

import pytest

from residency.decisions import set_pending
from residency.refusals import Repeated
from residency.wire import Tag
from tests.residency.boards import ANA, BEA, NOON, PERSON, a_board, do, refused, tags, told

PLACE = "selection/"


def decided(outcome="accept"):
    board = a_board("selection")
    board.open("selection/select//1")
    do(board, "decide", outcome=outcome)
    set_pending(board, PLACE, outcome, by=ANA)  # as the story does
    board.open("selection/release//1")
    board.state.tray.clear()
    return board


def test_decision_is_pending_and_nobody_is_told():
    board = decided()

    assert board.state.pending[PLACE].outcome == "accept"
    assert told(board) == []


def test_decision_can_be_changed_until_its_release():
    board = decided()

    do(board, "decide", BEA, outcome="reject", id="a-2")

    assert (board.state.pending[PLACE].outcome, board.state.pending[PLACE].by) == ("reject", BEA)


def test_release_waits_for_the_cooling_off():
    board = decided()

    said = do(board, "release")

    assert said["tells_at"] == (NOON + timedelta(minutes=15)).isoformat()
    assert told(board) == []
    assert not board.is_open("selection/release//1")


def test_second_release_says_who_was_first_and_when():
    board = decided()
    do(board, "release", BEA)
    board.clock.move(minutes=1)

    with pytest.raises(Repeated) as again:
        do(board, "release", ANA, id="a-2")

    assert again.value.data == {"outcome": "accept", "by": BEA, "at": NOON.isoformat()}


def test_take_back_leaves_no_trace_for_the_person_and_frees_the_seat():
    board = decided()
    board.state.granted = True
    do(board, "release")

    do(board, "take-back", id="a-2")

    assert PLACE not in board.state.pending
    assert board.state.granted is False
    assert tags(board)[-2:] == [Tag.SEAT_FREED, Tag.TAKEN_BACK]
    assert told(board) == []


def test_undecided_keeps_the_decision_open():
    board = a_board("selection")
    board.open("selection/select//1")

    do(board, "decide", outcome="undecided", reason="s-1")

    assert board.is_open("selection/select//1")


def test_which_of_two_decisions_is_asked():
    board = a_board("completion")
    board.open("presentation/decide-presentation//1")
    board.open("completion/decide-end//1")

    reason = refused(board, "decide", outcome="end")
    do(board, "decide", outcome="complete", task="completion/decide-end//1", id="a-2")

    assert reason.code == "which-task"
    assert board.is_open("presentation/decide-presentation//1")


def test_decision_that_was_made_says_who_and_when():
    board = decided()

    with pytest.raises(Repeated) as again:
        do(board, "decide", BEA, outcome="reject", task="selection/select//1", id="a-2")

    assert again.value.data["by"] == ANA
    assert again.value.data["at"] == NOON.isoformat()


@pytest.mark.parametrize("outcome", ["advance", "perhaps", ""])
def test_outcome_is_one_of_the_decision(outcome):
    board = a_board("selection")
    board.open("selection/select//1")

    reason = refused(board, "decide", outcome=outcome)

    assert reason.code == ("bad-outcome" if outcome else "needs")


def test_only_coordinators_decide():
    board = decided()

    assert refused(board, "release", PERSON).code == "not-allowed"


def two_pending():
    """As if an interview were decided while the selection waits."""
    board = decided()
    set_pending(board, "interviews/talk", "reject", by=ANA)
    board.open("interviews/release/talk/1")
    return board


def test_refusal_names_the_decisions_that_are_pending():
    reason = refused(two_pending(), "release")

    assert (reason.code, reason.data) == ("which-decision", {"open": "selection,interviews/talk"})


@pytest.mark.parametrize(
    "which",
    [{"item": "talk"}, {"item": "interviews"}, {"task": "interviews/release/talk/1"}],
)
def test_release_is_of_the_decision_that_is_meant(which):
    board = two_pending()

    do(board, "release", **which)

    assert board.state.pending["interviews/talk"].released is not None
    assert board.state.pending[PLACE].released is None
    assert not board.is_open("interviews/release/talk/1")
    assert board.is_open("selection/release//1")


def test_decision_of_one_stage_is_changed_or_taken_back_alone():
    board = two_pending()
    board.state.granted = True

    do(board, "decide", outcome="waitlist", item="selection", id="a-2")
    do(board, "take-back", item="talk", id="a-3")

    assert {place: one.outcome for place, one in board.state.pending.items()} == {PLACE: "waitlist"}
    assert board.state.granted is True
    assert [key for key, _ in board.open_tasks()] == ["selection/release//1"]
