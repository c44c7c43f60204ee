"""Meetings: time and length, an invitation whose SEQUENCE grows with each change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from residency.meetings import materials_day
from residency.wire import Act, Meeting
from tests.residency.boards import LEAD, NOON, PERSON, SECOND, a_board, do, refused, told

SCHEDULE = "interviews/schedule-talk/talk/1"
DAY = timedelta(days=1)


def scheduled(**fields):
    board = a_board("interviews")
    board.open(SCHEDULE)
    board.state.tray.clear()
    do(board, "schedule", start=NOON + 3 * DAY, **fields)
    return board


def sequences(board):
    return [letter.data["sequence"] for letter in board.state.tray if letter.to == PERSON]


def test_schedule_invites_everybody_with_the_rounds_own_length():
    board = scheduled()

    assert board.state.meetings["talk"] == Meeting(at=NOON + 3 * DAY, minutes=30)
    assert told(board) == [("interview-invitation", who) for who in (PERSON, "p-i1", "p-i2")]


def test_move_tells_what_it_was_and_raises_the_sequence():
    board = scheduled()

    said = do(board, "move-meeting", start=NOON + 5 * DAY, minutes=60)

    assert said["was"] == (NOON + 3 * DAY).isoformat()
    assert board.state.meetings["talk"].minutes == 60
    assert ("interview-moved", "p-i1") in told(board)
    assert sequences(board) == [0, 1]


def test_cancel_then_schedule_again_goes_on_counting():
    board = scheduled()

    do(board, "cancel-meeting")
    board.open("interviews/schedule-talk/talk/2")
    do(board, "schedule", start=NOON + 6 * DAY, id="a-2")

    assert board.state.meetings["talk"].sequence == 2
    assert sequences(board)[-1] == 2
    assert ("interview-canceled", PERSON) in told(board)


def test_canceled_meeting_cannot_be_moved():
    board = scheduled()
    do(board, "cancel-meeting")

    assert refused(board, "move-meeting", start=NOON + 4 * DAY).code == "no-meeting"


def test_meeting_that_was_held_cannot_be_canceled():
    board = scheduled()
    board.clock.move(days=4)

    assert refused(board, "cancel-meeting").code == "no-meeting"


def test_naive_time_is_not_readable():
    naive = '{"id":"a","verb":"schedule","actor":"p","start":"2027-03-12T10:00"}'

    with pytest.raises(ValidationError) as error:
        Act.model_validate_json(naive)

    assert [fault["type"] for fault in error.value.errors()] == ["timezone_aware"]
    assert "2027-03-12" not in str(error.value)


def test_materials_follow_the_presentation():
    board = a_board()
    board.open("presentation/schedule-presentation/presentation/1")
    do(board, "schedule", start=NOON + 20 * DAY)
    board.open("presentation/materials//1", day=date(2027, 3, 28))

    do(board, "move-meeting", start=NOON + 25 * DAY)

    assert board.state.tasks["presentation/materials//1"].day == date(2027, 4, 2)
    assert ("presentation-moved", SECOND) in told(board)
    assert ("presentation-moved", LEAD) in told(board)


def test_materials_are_due_on_a_business_day_before_the_presentation():
    board = a_board(roll=True)
    monday = datetime(2027, 4, 5, 14, tzinfo=UTC)

    assert materials_day(board, monday) == date(2027, 4, 2)
    assert materials_day(board, monday + 3 * DAY) == date(2027, 4, 6)


@pytest.mark.parametrize("verb", ["move-meeting", "cancel-meeting"])
def test_moving_or_canceling_it_answers_the_task_to_look_at_its_date(verb):
    board = a_board()
    board.open("presentation/schedule-presentation/presentation/1")
    do(board, "schedule", start=NOON + 20 * DAY)
    do(board, "extend", weeks=1, reason="s-1")
    key = "milestones/check-date/presentation/1"
    opened = board.is_open(key)

    do(board, verb, start=NOON + 27 * DAY)

    assert opened
    assert (board.is_open(key), board.state.tasks[key].by) == (False, "p-ana")
