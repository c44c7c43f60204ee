"""Moves of dates: another first day, an extension."""

from datetime import date, timedelta

import pytest

from residency.wire import Tag
from tests.residency.boards import ANA, BEA, LEAD, PERSON, SECOND, a_board, do, refused, tags, told

REPORT = "milestones/report/m1/1"


def test_extension_says_what_moves_and_how_much_is_left():
    board = a_board()

    said = do(board, "extend", weeks=3, reason="s-1")

    assert said == {
        "first": "2027-03-01",
        "last": "2027-05-02",
        "moved": 5,
        "was:m1": "2027-03-14>2027-04-04",
        "was:m2": "2027-03-28>2027-04-18",
        "was:m3": "2027-04-07>2027-04-28",
        "was:presentation": "2027-04-04>2027-04-25",
        "was:last-day": "2027-04-11>2027-05-02",
        "weeks": 3,
        "left": 1,
    }


def test_extension_tells_everybody():
    board = a_board()

    do(board, "extend", weeks=1, reason="s-1")

    people = [PERSON, LEAD, SECOND, ANA, BEA]
    assert told(board) == [("extension-granted", person) for person in people]


def test_extension_moves_open_tasks_and_arms_their_ladder_again():
    board = a_board()
    due = board.open(REPORT, anchor="milestone:m1").due
    rings = board.next_ring()

    do(board, "extend", weeks=1, reason="s-1")

    week = timedelta(weeks=1)
    assert board.state.tasks[REPORT].due - due in (week, week - timedelta(hours=1))
    assert board.next_ring() == rings + week
    assert tags(board)[-2:] == [Tag.SHIFTED, Tag.MOVED]


def test_extension_leaves_what_is_overdue_and_other_peoples_tasks():
    board = a_board(at=a_board().now + timedelta(days=6))
    overdue = board.open(REPORT, anchor="milestone:m1").model_copy()
    card = board.open("milestones/sign-off/m1/1").model_copy()

    do(board, "extend", weeks=1, reason="s-1")

    assert board.state.tasks[REPORT] == overdue
    assert board.state.tasks["milestones/sign-off/m1/1"] == card


def test_extension_leaves_a_date_that_a_person_set():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    do(board, "move-date", task=REPORT, day=date(2027, 3, 20))
    due = board.state.tasks[REPORT].due

    do(board, "extend", weeks=1, reason="s-1")

    assert board.state.tasks[REPORT].due == due


def test_extensions_add_up_to_the_programs_limit():
    board = a_board()
    do(board, "extend", weeks=3, reason="s-1")

    reason = refused(board, "extend", weeks=2, reason="s-1", id="a-2")
    do(board, "extend", weeks=1, reason="s-1", id="a-3")

    assert (reason.code, reason.data) == ("too-many-weeks", {"weeks": 2, "left": 1, "allowed": 4})
    assert board.dates.last_day == date(2027, 5, 9)


def test_fixed_date_behind_an_extension_opens_a_task():
    board = a_board(program="residence")

    do(board, "extend", weeks=1, reason="s-1")

    assert [key for key, _ in board.open_tasks()] == ["milestones/check-date/fair/1"]
    assert ("decision-wanted", ANA) in told(board)


def test_extension_after_the_last_day_moves_it_and_takes_the_question_back():
    board = a_board("milestones", at=a_board().now + timedelta(days=34))
    board.open("completion/decide-end//1")

    said = do(board, "extend", weeks=1, reason="s-1")

    assert said["last"] == "2027-04-18"
    assert not board.is_open("completion/decide-end//1")


def test_first_day_takes_overdue_tasks_along():
    board = a_board("onboarding", at=a_board().now - timedelta(days=14))
    key = "onboarding/item-contract/contract/1"
    board.open(key, anchor="first:-14d")
    board.clock.move(days=1)

    do(board, "first-day", day=date(2027, 4, 5), reason="s-1")

    assert board.state.tasks[key].due.isoformat() == "2027-03-23T00:00:00+00:00"


@pytest.mark.parametrize("day", [date(2027, 2, 24), date(2026, 1, 1)])
def test_first_day_is_to_come(day):
    board = a_board("onboarding", at=a_board().now - timedelta(days=13))

    assert refused(board, "first-day", day=day, reason="s-1").code == "day-past"


def presenting(**fields):
    board = a_board(**fields)
    board.open("presentation/schedule-presentation/presentation/1")
    do(board, "schedule", start=board.now + timedelta(days=20))
    return board


def test_presentation_that_an_extension_leaves_behind_opens_a_coordinators_task():
    board = presenting()

    do(board, "extend", weeks=1, reason="s-1")

    assert board.is_open("milestones/check-date/presentation/1")
    assert ("decision-wanted", ANA) in told(board)


def test_presentation_outside_of_the_residency_opens_one_too():
    fixed = a_board().plan.presentation.model_copy(update={"day": date(2027, 3, 30)})
    board = presenting(presentation=fixed, at=a_board().now - timedelta(days=14))
    board.state.stage = "onboarding"

    do(board, "first-day", day=date(2027, 4, 5), reason="s-1")

    assert board.is_open("onboarding/check-date/presentation/1")


def test_presentation_that_is_over_or_canceled_is_nobodys_task():
    over, canceled = presenting(), presenting()
    over.clock.move(days=21)
    do(canceled, "cancel-meeting")

    for board in (over, canceled):
        do(board, "extend", weeks=1, reason="s-1", id="a-2")

        assert not [key for key, task in board.open_tasks() if task.kind == "check-date"]
