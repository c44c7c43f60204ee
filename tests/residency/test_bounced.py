"""Mail that comes back opens one task for the coordinators."""

from residency.actions import ACTIONS, PROVIDER
from residency.wire import Tag
from tests.residency.boards import ANA, BEA, LEAD, PERSON, a_board, do, refused

KEY = f"flags/correct-address/{PERSON}/1"


def bounced(board, id="a-1", **fields):
    given = {"who": [PERSON], "item": "milestone-opening", "id": id} | fields
    return do(board, "bounced", PROVIDER, **given)


def told(board):
    return [(letter.notice, letter.to, letter.data) for letter in board.tray._state.tray]


def test_provider_opens_a_task_for_the_coordinators():
    board = a_board()

    data = bounced(board)

    task = board.state.tasks[KEY]
    assert data == {"task": KEY}
    assert task.who == [ANA, BEA]
    assert board.journal[0].tag is Tag.BOUNCED
    assert board.journal[0].data == {"person": PERSON, "notice": "milestone-opening"}
    about = {"who": PERSON, "notice": "milestone-opening"}
    assert told(board) == [("address-bounced", ANA, about), ("address-bounced", BEA, about)]


def test_second_bounce_opens_no_second_task():
    board = a_board()
    bounced(board)

    data = bounced(board, "a-2")

    assert data == {"task": KEY}
    assert len(told(board)) == 2


def test_correcting_closes_the_task_and_the_next_bounce_opens_another():
    board = a_board()
    bounced(board)

    do(board, "correct-address", ANA, who=[PERSON], submission="s-1")
    data = bounced(board, "a-2")

    assert not board.is_open(KEY)
    assert board.state.tasks[KEY].by == ANA
    assert data == {"task": f"flags/correct-address/{PERSON}/2"}


def test_task_can_be_completed_by_hand():
    board = a_board()
    bounced(board)

    do(board, "complete", BEA, task=KEY)

    assert not board.is_open(KEY)


def test_coordinator_whose_mail_bounces_is_not_asked():
    board = a_board()

    bounced(board, who=[ANA])

    assert {person for _, person, _ in told(board)} == {BEA}


def test_residency_of_before_only_tells():
    kinds = {name: kind for name, kind in a_board().plan.kinds.items() if name != "correct-address"}
    board = a_board(kinds=kinds)

    data = bounced(board)

    assert data == {}
    assert board.state.tasks == {}
    assert [notice for notice, _, _ in told(board)] == ["address-bounced"] * 2


def test_provider_may_do_nothing_else():
    board = a_board()
    others = [verb for verb, action in ACTIONS.items() if not action.told]

    assert len(others) == len(ACTIONS) - 1
    assert refused(board, "hold", PROVIDER).code == "not-allowed"
    assert refused(board, "correct-address", PROVIDER, submission="s-1").code == "not-allowed"
    assert refused(board, "bounced", LEAD, who=[PERSON]).code == "not-allowed"
