"""A dry run says what would happen, and touches nothing."""

import pytest

from residency.preview import preview
from residency.wire import Pending, State
from tests.residency.boards import LEAD, NOON, PERSON, a_board, an_act, do, told

REPORT = "milestones/report/m1/1"


def seen(board, verb, actor="p-ana", **fields):
    return preview(board.start, board.state, an_act(verb, actor, **fields), at=NOON)


def test_preview_of_an_extension_shows_every_date_and_everybody_told():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    before = board.state.model_copy(deep=True)

    shown = seen(board, "extend", weeks=1, reason="s-1")

    assert board.state == before
    assert [move.what for move in shown.moves] == ["m1", "m2", "m3", "presentation", "last-day"]
    assert "extension-granted:p-lead" in shown.told
    done = do(board, "extend", weeks=1, reason="s-1")
    assert {key: shown.data[key] for key in done} == done
    assert [event.tag for event in shown.events] == [event.tag for event in board.journal[1:]]


def test_preview_of_a_refusal():
    shown = seen(a_board(), "extend", PERSON, weeks=1, reason="s-1")

    assert (shown.refused, shown.code, shown.events) == (True, "not-allowed", [])


def test_preview_of_what_is_done_already():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    do(board, "complete", PERSON, task=REPORT, submission="s-1")

    shown = seen(board, "complete", PERSON, task=REPORT, submission="s-1", id="a-2")

    assert (shown.refused, shown.code, shown.data["by"]) == (False, "again", PERSON)
    assert board.state.tasks[REPORT].state is State.DONE


def test_preview_shows_the_whole_way_of_a_hearing():
    board = a_board()
    do(board, "flag", LEAD, flag="terminate", reason="s-1")

    shown = seen(board, "complete", PERSON, task="flags/hearing/1/1", submission="s-2")

    assert [event.tag for event in shown.events] == ["task:done", "task:opened"]
    assert ("termination-waits", "p-ana") not in told(board)


@pytest.mark.parametrize(
    ("outcome", "granted", "wanted"),
    [("accept", False, True), ("accept", True, False), ("reject", False, False)],
)
def test_preview_of_a_release_says_whether_it_asks_for_a_seat(outcome, granted, wanted):
    board = a_board("selection")
    board.state.pending["selection/"] = Pending(outcome=outcome)
    board.state.granted = granted

    shown = seen(board, "release")

    assert (shown.code, shown.seat is not None) == ("done", wanted)
