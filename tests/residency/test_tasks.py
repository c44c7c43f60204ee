"""The board: ladders ring once and only for what is open, and everything that changes is journaled."""

from datetime import UTC, datetime, timedelta

import pytest

from residency.plan import Rule
from residency.wire import Answer, State, Tag, Task
from tests.residency.boards import (
    ANA,
    BEA,
    LEAD,
    NOON,
    PERSON,
    SECOND,
    a_board,
    do,
    tags,
    told,
)

REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"


def rung(board, days):
    """What rings in so many days, moment by moment: (days from now, notice, person)."""
    began, end = board.now, board.now + timedelta(days=days)
    seen = len(board.state.tray)
    rings = []
    while (at := board.next_ring()) is not None and at <= end:
        board.clock.at = at
        board.ring()
        new = board.state.tray[seen:]
        rings += [((at - began).days, letter.notice, letter.to) for letter in new]
        seen = len(board.state.tray)
    board.clock.at = end
    return rings


def test_open_computes_the_due_date_and_tells_those_who_are_asked():
    board = a_board()

    task = board.open(SIGN_OFF)

    assert task.due.isoformat() == "2027-03-14T00:00:00+00:00"
    assert task.who == [LEAD, SECOND]
    assert told(board) == [("sign-off-wanted", LEAD)]
    assert board.listed()[0].who == [LEAD]


def test_open_again_changes_nothing():
    board = a_board()
    first = board.open(REPORT, anchor="milestone:m1")
    before = board.state.model_copy(deep=True)

    second = board.open(REPORT, span="1d")

    assert second is first
    assert board.state == before


def test_ladder_climbs_before_on_and_after_then_to_others_every_week():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")  # due at the end of Sunday, March 14

    rings = rung(board, 25)

    assert rings == [
        (1, "reminder", PERSON),
        (3, "reminder", PERSON),
        (4, "reminder", PERSON),
        (5, "escalation", LEAD),
        (7, "escalation", ANA),
        (7, "escalation", BEA),
        (14, "escalation", ANA),
        (14, "escalation", BEA),
        (21, "escalation", ANA),
        (21, "escalation", BEA),
    ]


def test_what_rings_again_keeps_its_hour_however_late_it_rang():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    while board.state.tasks[REPORT].rung < 5:  # the last rung of its ladder, which repeats
        board.clock.at = board.next_ring() + timedelta(hours=7, minutes=3)
        board.ring()

    again = board.next_ring()

    assert (again.hour, again.minute, again.second) == (9, 0, 0)
    assert board.clock.at < again <= board.clock.at + timedelta(days=7)


def test_vacant_role_is_passed_over_at_once():
    board = a_board()
    board.state.roles["mentors"] = []
    board.open(REPORT, anchor="milestone:m1")

    rings = rung(board, 8)

    assert rings[3:] == [(5, "escalation", ANA), (5, "escalation", BEA)]


@pytest.mark.parametrize("ending", ["answer", "waive", "lapse"])
def test_closed_task_never_rings(ending):
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    if ending == "answer":
        board.answer(REPORT, PERSON, Answer())
    else:
        getattr(board, ending)(REPORT)

    assert board.next_ring() is None
    assert rung(board, 60) == []


def test_task_lapses_at_its_instant():
    board = a_board("offer")
    key = "offer/offer//1"
    due = board.open(key).due

    rings = rung(board, 10)

    assert [(days, notice) for days, notice, _ in rings] == [
        (3, "offer-reminder"),
        (5, "offer-reminder"),
    ]
    assert board.state.tasks[key].state is State.LAPSED
    assert board.journal[-1].tag is Tag.LAPSED
    assert board.journal[-1].at == due


def test_first_answer_of_any_counts():
    board = a_board("onboarding")
    key = "onboarding/item-desk/desk/1"
    board.open(key)

    assert board.answer(key, SECOND, Answer())
    assert (board.state.tasks[key].by, board.state.tasks[key].who) == (SECOND, [LEAD, SECOND])


def test_all_answers_are_needed_and_the_score_is_their_mean():
    board = a_board("screening")
    key = "screening/review//1"
    board.open(key)

    assert not board.answer(key, "p-r2", Answer(score=0.5))
    assert board.listed()[0].who == ["p-r1"]
    assert board.answer(key, "p-r1", Answer(score=1.0))
    assert board.state.tasks[key].score == 0.75
    assert tags(board)[-2:] == ["task:part", "task:done"]


def test_handing_over_to_who_has_answered_completes_the_task():
    board = a_board("screening")
    key = "screening/review//1"
    board.open(key)
    board.answer(key, "p-r2", Answer(score=0.5))

    board.reassign(key, ["p-r2"])

    assert board.state.tasks[key].state is State.DONE
    assert board.state.tasks[key].score == 0.5


def test_answer_of_somebody_who_was_relieved_does_not_count():
    board = a_board("screening")
    key = "screening/review//1"
    board.open(key)
    board.answer(key, "p-r2", Answer(score=0.0))

    board.reassign(key, ["p-r1", "p-r3"])
    board.answer(key, "p-r1", Answer(score=1.0))
    board.answer(key, "p-r3", Answer(score=0.5))

    assert board.state.tasks[key].score == 0.75


def test_reopened_report_is_due_when_it_was_and_rings_again():
    board = a_board()
    due = board.open(REPORT, anchor="milestone:m1").due
    board.answer(REPORT, PERSON, Answer())

    again = board.reopen(REPORT)

    assert (again.due, again.revision, again.who) == (due, 1, [PERSON])
    assert rung(board, 4)[0] == (1, "reminder", PERSON)


def test_reopened_report_whose_day_has_passed_has_a_week():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    board.answer(REPORT, PERSON, Answer())
    board.clock.move(days=20)

    again = board.reopen(REPORT)

    assert again.due.isoformat() == "2027-04-06T23:00:00+00:00"
    assert board.next_ring() is not None


def test_reopening_forgets_what_came_after_it_and_asks_for_it_anew():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    board.answer(REPORT, PERSON, Answer())
    board.open(SIGN_OFF)
    board.answer(SIGN_OFF, LEAD, Answer(outcome="approved"))
    first = {letter.occurrence for letter in board.state.tray}

    board.reopen(REPORT)
    board.answer(REPORT, PERSON, Answer())
    board.state.tray.clear()
    board.open(SIGN_OFF)

    assert [letter.notice for letter in board.state.tray] == ["sign-off-wanted"]
    assert not first & {letter.occurrence for letter in board.state.tray}


@pytest.mark.parametrize(
    ("key", "people"),
    [
        ("screening/review//1", ["p-r1", "p-r2"]),
        ("interviews/scorecard-talk/talk/1", ["p-i1", "p-i2"]),
        ("milestones/sign-off/m1/1", [LEAD, SECOND]),
    ],
)
def test_reopened_task_waits_for_those_who_had_it(key, people):
    board = a_board()
    board.open(key, who=people)
    for person in list(board.waiting_for(board.state.tasks[key])):
        board.answer(key, person, Answer())

    again = board.reopen(key)

    assert again.who == people


def test_due_date_that_stays_leaves_the_ladder_where_it_stands():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    rung(board, 16)
    before = board.state.model_copy(deep=True)

    board.set_due(REPORT)

    assert board.state == before


def test_occurrences_are_never_used_twice():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    rung(board, 30)
    do(board, "move-date", task=REPORT, day=board.now.date() + timedelta(days=5))
    rung(board, 40)

    keys = [(letter.notice, letter.to, letter.occurrence) for letter in board.state.tray]

    assert len(keys) == len(set(keys))


def test_mean_leaves_out_what_was_not_given():
    assert scored(0.5, None, 1.0).mean() == 0.75
    assert scored(None).mean() is None


def scored(*scores):
    """A task whose people gave these scores."""
    return Task(kind="review", parts={str(n): Answer(score=one) for n, one in enumerate(scores)})


def test_rules_of_the_tiny_program_are_what_these_tests_take_them_for():
    kinds = a_board().plan.kinds

    assert kinds["review"].rule is Rule.ALL
    assert kinds["sign-off"].rule is Rule.LEAD
    assert kinds["item-desk"].rule is Rule.ANY


def test_rungs_missed_in_an_outage_are_told_once_to_each():
    board = a_board()
    board.open(SIGN_OFF)
    board.clock.at = NOON + timedelta(days=60)
    seen = len(board.state.tray)

    board.ring()

    receivers = [letter.to for letter in board.state.tray[seen:]]
    assert len(receivers) == len(set(receivers)) >= 2
    assert LEAD in receivers
    assert board.next_ring() > board.now


def decided_by(actor, *, minutes=0):
    """The release that the story asks for after a coordinator's decision."""
    board = a_board("selection")
    board.open("selection/select//1")
    do(board, "decide", actor, outcome="accept")
    board.clock.move(minutes=minutes)
    board.state.tray.clear()
    board.open("selection/release//1")
    return board


def test_coordinator_gets_no_mail_about_what_follows_from_their_own_click():
    assert told(decided_by(ANA)) == [("decision-waits", BEA)]
    assert told(decided_by(BEA)) == [("decision-waits", ANA)]


def test_what_follows_later_or_from_a_timer_is_told_to_every_coordinator():
    rung = decided_by(ANA)
    rung.ring()
    rung.open("interviews/schedule-talk/talk/1")

    assert told(decided_by(ANA, minutes=2)) == [("decision-waits", ANA), ("decision-waits", BEA)]
    assert sorted(told(rung))[1:] == [("schedule-wanted", ANA), ("schedule-wanted", BEA)]


def test_note_between_a_click_and_what_follows_from_it_changes_nobodys_mail():
    board = a_board("screening")
    board.open("screening/review//1")
    for person in ("p-r1", "p-r2"):
        do(board, "complete", person, task="screening/review//1", submission="s-1", id=person)
    do(board, "note", ANA, reason="s-3")
    board.state.tray.clear()

    board.open("screening/decide-screening//1")

    assert told(board) == [("decision-wanted", ANA), ("decision-wanted", BEA)]


def test_what_an_action_opens_beside_the_story_is_told_to_its_coordinator_too():
    board = a_board()

    do(board, "flag", flag="concern", reason="s-1")

    assert ("concern-raised", ANA) in told(board)


def test_reopened_task_whose_day_rolls_is_due_when_it_was():
    saturday = datetime(2027, 2, 13, 12, tzinfo=UTC)
    board = a_board("onboarding", at=saturday, roll=True)
    key = "onboarding/item-contract/contract/1"
    due = board.open(key, anchor="first:-16d").due
    board.waive(key)
    board.clock.move(days=1)

    again = board.reopen(key)

    assert again.due == due


def test_what_is_open_is_listed_as_it_is_now():
    board = a_board()
    listed = [[key for key, _ in board.open_tasks()]]
    board.open(REPORT)
    board.open(SIGN_OFF)
    listed.append([key for key, _ in board.open_tasks()])
    board.waive(REPORT)
    listed.append([key for key, _ in board.open_tasks()])
    board.reopen(REPORT)

    listed.append([key for key, _ in board.open_tasks()])

    assert listed == [[], [REPORT, SIGN_OFF], [SIGN_OFF], [REPORT]]
    assert board.open_tasks()[0][1] is board.state.tasks[REPORT]


def test_task_whose_date_was_moved_is_listed_with_the_new_one():
    board = a_board()
    board.open(REPORT)
    before = board.open_tasks()[0][1]

    board.set_due(REPORT, day=(NOON + timedelta(days=40)).date())

    assert board.open_tasks()[0][1].due != before.due
