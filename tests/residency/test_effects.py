"""What actions do to tasks and people: second answers, other names, reassignment, holds."""

from datetime import date, timedelta

import pytest

from residency.refusals import Repeated, never
from residency.wire import Exit, Meeting, State, Tag
from tests.residency.boards import (
    ANA,
    BEA,
    LEAD,
    NOON,
    PERSON,
    SECOND,
    a_board,
    an_act,
    do,
    refused,
    tags,
    told,
)

DESK = "onboarding/item-desk/desk/1"
REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"
REVIEW = "screening/review//1"


def opened(*keys, stage="milestones"):
    board = a_board(stage)
    for key in keys:
        board.open(key, anchor="milestone:m1" if "/report/" in key else "")
    board.state.tray.clear()
    return board


def again(board, verb, actor, **fields):
    with pytest.raises(Repeated) as repeated:
        do(board, verb, actor, **fields)
    return repeated.value


def test_second_of_any_is_thanked_and_kept_as_a_comment():
    board = opened(DESK, stage="onboarding")
    do(board, "complete", LEAD, task=DESK)

    second = again(board, "complete", SECOND, task=DESK, submission="s-2", id="a-2")

    assert (second.code, second.data["by"], second.data["at"]) == (
        "thanked",
        LEAD,
        NOON.isoformat(),
    )
    assert board.journal[-1].tag is Tag.THANKED
    assert board.journal[-1].submission == "s-2"
    assert ("thanked", SECOND) in told(board)
    assert "a-2" in board.state.actions


def test_second_of_lead_learns_who_was_first():
    board = opened(SIGN_OFF)
    do(board, "approve", LEAD, submission="s-1")

    second = again(board, "approve", LEAD, submission="s-2", id="a-2")

    assert (second.code, second.data["by"], second.data["outcome"]) == ("again", LEAD, "approved")


def test_only_the_lead_is_asked_where_the_rule_is_lead():
    board = opened(SIGN_OFF)

    assert refused(board, "approve", SECOND, submission="s-1").code == "not-yours"


def test_one_of_all_answers_once():
    board = opened(REVIEW, stage="screening")
    do(board, "complete", "p-r1", task=REVIEW, submission="s-1", score=0.5)

    second = again(board, "complete", "p-r1", task=REVIEW, submission="s-2", score=1.0, id="a-2")

    assert (second.code, second.data["by"]) == ("again", "p-r1")
    assert board.state.tasks[REVIEW].parts["p-r1"].score == 0.5


def test_coordinator_in_anothers_name_is_recorded_as_both():
    board = opened(REPORT)

    do(board, "complete", task=REPORT, name_of=PERSON, submission="s-1", reason="s-2")

    done = board.journal[-1]
    assert (done.actor, done.name_of, done.data["by"]) == (ANA, PERSON, PERSON)
    assert board.state.tasks[REPORT].by == PERSON


def test_coordinator_in_anothers_name_needs_a_reason():
    board = opened(REPORT)

    reason = refused(board, "complete", task=REPORT, name_of=PERSON, submission="s-1")

    assert (reason.code, reason.data["need"]) == ("needs", "reason")


def test_nobody_acts_in_the_name_of_somebody_whom_the_task_does_not_wait_for():
    board = opened(REPORT)

    reason = refused(board, "complete", task=REPORT, name_of=LEAD, submission="s-1", reason="s-2")

    assert (reason.code, reason.data["who"]) == ("not-yours", PERSON)
    assert board.is_open(REPORT)


def test_form_needs_answers():
    board = opened(REPORT)

    reason = refused(board, "complete", PERSON, task=REPORT)

    assert (reason.code, reason.data["need"]) == ("needs", "answers")


@pytest.mark.parametrize("verb", ["waive", "move-date", "reassign", "resend"])
def test_action_on_what_is_settled_says_who_settled_it(verb):
    board = opened(REPORT)
    do(board, "complete", PERSON, task=REPORT, submission="s-1")
    fields = {"day": date(2027, 3, 20), "who": ["p-z"], "reason": "s-2"}

    second = again(board, verb, ANA, task=REPORT, id="a-2", **fields)

    assert (second.code, second.data["by"]) == ("again", PERSON)


def test_waived_task_stops_ringing_and_counts_as_settled():
    board = opened(REPORT)

    do(board, "waive", task=REPORT, reason="s-1")

    assert board.state.tasks[REPORT].state is State.WAIVED
    assert board.next_ring() is None


def test_reassigned_task_rings_for_its_new_people_alone():
    board = opened(REPORT)

    do(board, "reassign", task=REPORT, who=["p-z"])
    board.clock.at = board.next_ring()
    board.ring()

    assert told(board) == [("task-reassigned", "p-z"), ("reminder", "p-z")]
    assert refused(board, "complete", PERSON, task=REPORT, submission="s-1").code == "not-yours"


def test_who_was_handed_a_task_has_its_later_rounds():
    board = opened(SIGN_OFF)
    do(board, "reassign", task=SIGN_OFF, who=["p-z"])

    second = board.open("milestones/sign-off/m1/2")
    other = board.open("milestones/sign-off/m2/1")

    assert (second.who, other.who) == (["p-z"], [LEAD, SECOND])


def test_role_that_is_handed_over_takes_along_what_was_handed_to_others():
    board = opened(SIGN_OFF)
    do(board, "reassign", task=SIGN_OFF, who=["p-z"])
    do(board, "reassign", role="mentors", who=["p-new", SECOND])

    second = board.open("milestones/sign-off/m1/2")

    assert second.who == ["p-new", SECOND]


def test_reassigned_role_hands_over_what_is_open():
    board = opened(SIGN_OFF)

    said = do(board, "reassign", role="mentors", who=["p-new", SECOND])

    assert said["was"] == f"{LEAD},{SECOND}"
    assert board.listed()[0].who == ["p-new"]
    assert ("mentor-relieved", LEAD) in told(board)
    assert ("mentor-appointed", "p-new") in told(board)
    assert not any(person == SECOND for _, person in told(board))
    assert refused(board, "concern", LEAD, reason="s-1").code == "not-allowed"


def met(board, *, days=3):
    """Both meetings of the board stand in calendars by now."""
    for item in ("talk", "presentation"):
        board.state.meetings[item] = Meeting(at=NOON + timedelta(days=days), minutes=45, sequence=1)
    return board


def test_replaced_interviewer_and_who_comes_for_them_are_told_of_the_meeting():
    board = met(a_board())

    do(board, "reassign", role="interviewers", item="talk", who=["p-i1", "p-new"], reason="s-1")

    letters = {each.to: each for each in board.state.tray}
    assert {who: (each.notice, each.data["party"]) for who, each in letters.items()} == {
        "p-i2": ("interview-canceled", "left"),
        "p-new": ("interview-invitation", "joined"),
        PERSON: ("interview-invitation", "changed"),
        "p-i1": ("interview-invitation", "changed"),
    }
    assert {each.data["sequence"] for each in letters.values()} == {2}
    assert board.state.meetings["talk"].sequence == 2
    assert board.state.meetings["presentation"].sequence == 1


def test_calendar_entry_of_who_joins_is_no_line_of_another_mail():
    board = met(a_board())

    do(board, "reassign", role="mentors", who=["p-new", SECOND])

    assert [(each.notice, each.to) for each in board.state.tray if each.to in (LEAD, "p-new")] == [
        ("presentation-canceled", LEAD),
        ("presentation-scheduled", "p-new"),
        ("mentor-relieved", LEAD),
        ("mentor-appointed", "p-new"),
    ]


@pytest.mark.parametrize("change", [{"canceled": True}, {"at": NOON - timedelta(days=1)}])
def test_meeting_that_will_not_be_is_told_nobody_who_joins(change):
    board = met(a_board())
    meeting = board.state.meetings["presentation"].model_copy(update=change)
    board.state.meetings["presentation"] = meeting

    do(board, "reassign", role="panelists", who=["p-x", "p-new"])

    assert told(board) == []
    assert meeting.sequence == 1


def test_same_people_anew_are_told_nothing():
    board = met(a_board())

    do(board, "reassign", role="panelists", who=["p-y", "p-x"])

    assert told(board) == []


def test_moved_date_says_how_often_it_was_moved():
    board = opened(REPORT)

    for day in (20, 21):
        do(board, "move-date", task=REPORT, day=date(2027, 3, day), id=f"a-{day}")

    moved = [each for each in board.state.tray if each.notice == "due-date-moved"]
    assert [each.data["revision"] for each in moved] == [1, 2]


def test_receipt_of_what_comes_before_its_date_says_that_date():
    board = opened(REPORT)
    due = board.state.tasks[REPORT].due

    do(board, "complete", PERSON, task=REPORT, submission="s-1", page=True)

    assert [each.due for each in board.state.tray if each.notice == "receipt"] == [due]


def test_receipt_of_what_comes_late_says_no_date():
    board = opened(REPORT)
    board.clock.at = board.state.tasks[REPORT].due + timedelta(hours=1)

    do(board, "complete", PERSON, task=REPORT, submission="s-1", page=True)

    assert [each.due for each in board.state.tray if each.notice == "receipt"] == [None]


def test_hold_keeps_notices_back_and_resume_lets_them_go():
    board = opened()

    do(board, "hold")
    board.open(REPORT, anchor="milestone:m1")
    on_hold = [(letter.to, letter.skip) for letter in board.state.tray]
    do(board, "resume")
    board.open(SIGN_OFF)

    letters = board.state.tray
    assert on_hold == [(PERSON, "notices on hold")]
    assert [(letter.to, letter.skip) for letter in letters] == [(PERSON, ""), (LEAD, "")]
    assert [letter.resumed for letter in letters] == [board.now, None]


def test_judging_sets_only_what_the_program_asks():
    board = a_board("application")
    board.open("application/judge-reviewers//1", who=["p-r1"])

    do(
        board,
        "complete",
        "p-r1",
        task="application/judge-reviewers//1",
        outcome="done",
        submission="s-1",
        results={"craft": False, "made-up": True},
    )

    assert board.state.facts == {"met:craft": False}


def test_mentor_may_name_the_new_due_date():
    board = opened(SIGN_OFF)

    do(board, "request-changes", LEAD, submission="s-1", day=date(2027, 3, 22))

    assert board.state.facts == {"rework:m1:2": "2027-03-22"}


@pytest.mark.parametrize(
    ("verb", "stage", "actor", "how", "keeps"),
    [
        ("withdraw", "onboarding", PERSON, Exit.WITHDRAWN, False),
        ("rescind", "onboarding", ANA, Exit.RESCINDED, False),
        ("finish", "milestones", ANA, Exit.COMPLETED_EARLY, True),
    ],
)
def test_exit_waives_what_is_open_and_frees_the_seat_that_nobody_lived_in(
    verb, stage, actor, how, keeps
):
    board = opened(REPORT, DESK, stage=stage)
    board.state.granted = True

    do(board, verb, actor, reason="s-1")

    assert board.state.ended is how
    assert board.open_tasks() == []
    assert board.state.granted is keeps
    assert (Tag.SEAT_FREED in tags(board)) is not keeps
    assert ("residency-ended", LEAD) in told(board)


def test_address_is_corrected_by_its_owner_or_a_coordinator():
    board = a_board()

    do(board, "correct-address", PERSON, submission="s-1")
    do(board, "correct-address", BEA, submission="s-2", who=[LEAD], id="a-2")
    reason = refused(board, "correct-address", PERSON, submission="s-3", who=[LEAD])

    assert [event.data["person"] for event in board.journal] == [PERSON, LEAD]
    assert reason.code == "not-yours"


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "s-1\x00"},
        {"reason": "two\nlines"},
        {"reason": "x" * 201},
        {"reason": "s-1", "who": ["p-\ud800"]},
        {"reason": "s-1", "score": float("nan")},
    ],
    ids=["nul", "line", "long", "surrogate", "nan"],
)
def test_what_cannot_be_stored_is_malformed(fields):
    assert refused(a_board(), "note", **fields).code == "malformed"


def test_only_the_last_hundred_actions_are_remembered():
    board = a_board()

    for number in range(105):
        do(board, "note", reason="s-1", id=f"a-{number}")

    assert board.state.actions == [f"a-{number}" for number in range(5, 105)]


@pytest.mark.parametrize("who", ["a/b", "p-a,p-b", "two words", "x" * 300])
def test_who_is_an_id_and_nothing_else(who):
    assert never(an_act("reassign", role="mentors", who=[who])).code == "malformed"


def test_reason_is_an_id_and_never_a_sentence():
    assert never(an_act("withdraw", reason="I am moving back home")).code == "malformed"


def test_relieved_mentors_are_on_record_and_who_stays_is_not():
    board = a_board()

    do(board, "reassign", role="mentors", who=[SECOND, "p-new"])

    assert [(event.tag, event.data["who"]) for event in board.journal] == [
        (Tag.RELIEVED, LEAD),
        (Tag.APPOINTED, f"{SECOND},p-new"),
    ]
