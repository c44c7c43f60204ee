"""Every refusal is met once, and its sentence says what is wrong and what is allowed."""

# ruff: noqa: E501  # A case a line, with its whole sentence, reads like the table that it is.

from datetime import date, timedelta

import pytest

from residency.refusals import Refusal
from residency.sentences import REFUSALS, again_sentence, refusal_sentence
from residency.wire import Flag, Meeting, Pending
from tests.residency.boards import ANA, LEAD, NOON, PERSON, SECOND, a_board, do, refused

REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"
LATER = date(2027, 4, 9)


def with_report():
    board = a_board()
    board.open(REPORT, anchor="milestone:m1")
    return board


def with_sign_off(**plan):
    board = a_board(**plan)
    board.open(SIGN_OFF)
    return board


def with_pending(*, released=None, outcome="accept"):
    board = a_board("selection")
    board.state.pending["selection/"] = Pending(outcome=outcome, released=released)
    return board


def two_pending():
    board = with_pending()
    board.state.pending["interviews/talk"] = Pending(outcome="reject")
    return board


def with_meetings(*items):
    board = a_board()
    for item in items:
        board.state.meetings[item] = Meeting(at=NOON + timedelta(days=1), minutes=30)
    return board


def flagged():
    board = a_board()
    do(board, "flag", flag="terminate", reason="s-1")
    return board


def ended():
    board = a_board()
    do(board, "withdraw", PERSON, reason="s-1")
    return board


def closed(kind="item-desk", stage="onboarding", at="milestones"):
    board = a_board(at)
    key = f"{stage}/{kind}/desk/1"
    board.open(key)
    board.waive(key)
    return board


def few_rounds():
    milestones = a_board().plan.milestones.model_copy(update={"rounds": 1})
    board = a_board(milestones=milestones)
    board.open("milestones/sign-off/m1/2")
    return board


def a_talk():
    board = a_board("interviews")
    board.open("interviews/schedule-talk/talk/1")
    return board


def before_it():
    return a_board("onboarding", at=NOON - timedelta(days=14))


def two_sign_offs():
    board = with_sign_off()
    board.open("milestones/sign-off/m2/1")
    return board


def flag_to_handle():
    board = flagged()
    board.open("flags/handle-terminate/1/1")
    return board


def long_done():
    board = with_sign_off()
    do(board, "approve", LEAD, submission="s-2")
    board.clock.move(minutes=16)
    return board


def asked_already():
    board = with_report()
    do(board, "ask-later", PERSON, task=REPORT, day=LATER, reason="s-1")
    return board


def closed_since():
    board = asked_already()
    do(board, "complete", PERSON, task=REPORT, submission="s-2")
    return board


CASES = {
    "unknown-verb": (a_board, "dance", {}, '"dance" is not an action; `residency act --help` lists them.'),
    "malformed": (a_board, "note", {"id": "", "reason": "s-1"}, "The action can't be read: it needs an id, a verb and an actor."),
    "needs": (a_board, "withdraw", {"actor": PERSON}, '"withdraw" needs a reason (--reason).'),
    "bad-flag": (a_board, "flag", {"flag": "fire", "reason": "s-1"}, '"fire" is not a flag; allowed are concern, extend and terminate.'),
    "bad-weeks": (a_board, "extend", {"weeks": 105, "reason": "s-1"}, '"105" is not a number of weeks; allowed are 1 to 104.'),
    "bad-minutes": (a_talk, "schedule", {"start": NOON + timedelta(days=1), "minutes": -5}, '"-5" is not a length in minutes; allowed are 1 to 1440.'),
    "same-day": (before_it, "first-day", {"day": date(2027, 3, 1), "reason": "s-1"}, '"2027-03-01" is the first day already; nothing has changed.'),
    "bad-day": (with_report, "move-date", {"task": REPORT, "day": date(9999, 12, 31)}, '"9999-12-31" is too far away; allowed are days of the years 2000 to 2199.'),
    "ended": (ended, "note", {"reason": "s-1"}, "r-one has ended (withdrawn); nothing can be done to it any more."),
    "wrong-stage": (a_board, "accept", {"actor": PERSON}, '"accept" is not possible in r-one now: it is at "milestones"; possible at offer.'),
    "not-coordinator": (a_board, "note", {"actor": LEAD, "name_of": PERSON, "reason": "s-1"}, "p-lead is no coordinator of r-one, so can't act in another's name."),
    "not-allowed": (a_board, "extend", {"actor": PERSON, "weeks": 1, "reason": "s-1"}, 'p-person may not "extend" in r-one; that is for: coordinator.'),
    "not-yours": (with_report, "complete", {"actor": LEAD, "task": REPORT, "submission": "s-2"}, f'"{REPORT}" is not yours to do; it waits for p-person.'),
    "not-yours-but": (with_report, "complete", {"task": REPORT, "submission": "s-2"}, f'"{REPORT}" waits for p-person; as a coordinator you may do it in their name, with --reason.'),
    "no-such-task": (with_report, "waive", {"task": "milestones/report/m9/1", "reason": "s-1"}, f'r-one has no task "milestones/report/m9/1"; open are: {REPORT}.'),
    "wrong-kind": (with_report, "approve", {"actor": LEAD, "task": REPORT, "submission": "s-2"}, f'"approve" is not about "{REPORT}".'),
    "which-task": (two_sign_offs, "approve", {"actor": LEAD, "submission": "s-2"}, f"Several tasks are open: {SIGN_OFF}, milestones/sign-off/m2/1. Say which one, with --task."),
    "no-open-task": (with_report, "approve", {"actor": LEAD, "submission": "s-2"}, 'Nothing waits for "approve" in r-one now.'),
    "use-verb": (a_talk, "complete", {"task": "interviews/schedule-talk/talk/1"}, '"interviews/schedule-talk/talk/1" is answered with `schedule`.'),
    "bad-outcome": (with_sign_off, "complete", {"actor": LEAD, "task": SIGN_OFF, "outcome": "perhaps", "submission": "s-2"}, '"perhaps" is no answer here; allowed are approved, changes.'),
    "flag-contradicts": (with_sign_off, "approve", {"actor": LEAD, "submission": "s-2", "flag": "terminate"}, "A sign-off can't approve and propose to terminate at once; choose one."),
    "no-more-rounds": (few_rounds, "request-changes", {"actor": LEAD, "submission": "s-2"}, '"milestones/sign-off/m1/2" has had its rounds of changes (1); it can be approved, or flagged.'),
    "is-open": (with_report, "reopen", {"task": REPORT, "reason": "s-1"}, f'"{REPORT}" is open already.'),
    "final": (lambda: closed("offer", "offer", "offer"), "reopen", {"task": "offer/offer/desk/1", "reason": "s-1"}, '"offer/offer/desk/1" can\'t be opened again: decisions and offers are final once told.'),
    "too-late": (long_done, "undo", {"actor": LEAD, "task": SIGN_OFF}, f'"{SIGN_OFF}" can be taken back for 15 minutes only; ask a coordinator to open it.'),
    "no-later": (with_report, "ask-later", {"actor": PERSON, "task": REPORT, "day": date(2027, 3, 12), "reason": "s-1"}, '"2027-03-12" is not later: it is due at 2027-03-15 00:00 UTC.'),
    "asked-already": (asked_already, "ask-later", {"actor": PERSON, "task": REPORT, "day": LATER, "reason": "s-1"}, f'Another date for "{REPORT}" is asked for already; a coordinator will answer.'),
    "closed-since": (closed_since, "complete", {"task": "flags/handle-date/1/1", "outcome": "granted"}, f'"{REPORT}" is closed by now, so its date can\'t move; refuse, and say why.'),
    "stage-over": (lambda: closed("review", "screening"), "reopen", {"task": "screening/review/desk/1", "reason": "s-1"}, '"screening/review/desk/1" can\'t be opened again: screening is over.'),
    "not-waivable": (flag_to_handle, "waive", {"task": "flags/handle-terminate/1/1", "reason": "s-1"}, '"flags/handle-terminate/1/1" is a decision; it can be made, not waived.'),
    "day-past": (with_report, "move-date", {"task": REPORT, "day": date(2027, 3, 9)}, '"2027-03-09" has passed; a date that is still to come is allowed.'),
    "start-past": (a_talk, "schedule", {"start": NOON}, 'A meeting can\'t start at "2027-03-10 12:00 UTC": it is 2027-03-10 12:00 UTC already.'),
    "no-such-role": (a_board, "reassign", {"role": "cooks", "who": ["p-z"]}, 'r-one has nobody in the role "cooks"; roles are: interviewers/talk, mentors, panelists, reviewers.'),
    "nothing-pending": (lambda: a_board("selection"), "release", {}, "No decision is pending in r-one."),
    "which-decision": (two_pending, "release", {}, "Several decisions are pending: selection, interviews/talk. Say which one, with --item."),
    "released": (lambda: with_pending(released=NOON + timedelta(minutes=15)), "decide", {"outcome": "reject"}, '"accept" is released and will be told at 2027-03-10 12:15 UTC; take it back first.'),
    "no-meeting": (a_board, "cancel-meeting", {}, "No meeting is scheduled in r-one."),
    "which-meeting": (lambda: with_meetings("talk", "presentation"), "cancel-meeting", {}, "Several meetings are scheduled: talk, presentation. Say which one, with --item."),
    "too-many-weeks": (a_board, "extend", {"weeks": 5, "reason": "s-1"}, '"5" is more than the extension weeks that are left: 4 of 4.'),
    "already-proposed": (flagged, "flag", {"flag": "terminate", "reason": "s-1"}, "A termination is proposed already; it waits for its hearing or decision."),
}  # fmt: skip  # A case a line reads like the table that it is.

ELSEWHERE = {
    "no-seat": ({"taken": 2, "seats": 2}, "No seat is left (2 of 2 taken). Waitlist, or free one first."),
    "clock-real": ({}, "r-one is not a rehearsal: its clock is the real one and can't be moved."),
    "clock-back": ({"now": "2027-03-10T12:00:00+00:00", "to": "2027-03-09T12:00:00+00:00"}, 'A clock only goes forward: it is 2027-03-10 12:00 UTC, which is after "2027-03-09 12:00 UTC".'),
    "rings-before": ({"next_at": "2027-03-10T12:00:00+00:00", "to": "2027-03-11T12:00:00+00:00"}, 'The clock can\'t pass what rings at 2027-03-10 12:00 UTC on its way to "2027-03-11 12:00 UTC".'),
    "not-found": ({}, '"r-one" is no residency here; `residency status` lists them.'),
}  # fmt: skip  # As above.
"""What only a running residency refuses: tests/workflows/test_refusals.py meets these."""


def test_every_refusal_has_a_case():
    assert set(CASES) | set(ELSEWHERE) == set(REFUSALS)


@pytest.mark.parametrize("code", list(CASES))
def test_refusal_says_what_is_wrong_and_what_is_allowed(code):
    make, verb, fields, sentence = CASES[code]
    board = make()
    before = board.state.model_dump(exclude={"moment"})

    reason = refused(board, verb, **fields)

    assert isinstance(reason, Refusal)
    assert reason.code == code
    assert refusal_sentence(reason.code, reason.data, residency="r-one") == sentence
    assert board.state.model_dump(exclude={"moment"}) == before


@pytest.mark.parametrize("code", list(ELSEWHERE))
def test_refusal_of_a_running_residency_has_its_sentence(code):
    data, sentence = ELSEWHERE[code]

    assert refusal_sentence(code, data, residency="r-one") == sentence


def test_refusal_names_people():
    names = {LEAD: "Lea Dahl", SECOND: "Sam Oda"}

    sentence = refusal_sentence(
        "not-yours", {"task": SIGN_OFF, "who": f"{LEAD},{SECOND}"}, residency="r-1", name=names.get
    )

    assert sentence == f'"{SIGN_OFF}" is not yours to do; it waits for Lea Dahl, Sam Oda.'


def test_refusal_of_a_newer_workflow_is_still_a_sentence():
    assert refusal_sentence("brand-new", {}, residency="r-1") == 'r-1 refused this ("brand-new").'
    assert refusal_sentence("day-past", {}, residency="r-1").startswith('"?" has passed')


def test_again_says_who_and_when():
    said = again_sentence(
        {"by": ANA, "at": "2027-03-10T12:00:00+00:00", "outcome": "approved"}, residency="r-1"
    )

    assert said == (
        "Already recorded at 2027-03-10 12:00 UTC, by p-ana (approved); nothing was done again in r-1."
    )


def test_flag_that_is_closed_may_be_raised_again():
    board = a_board()
    board.state.flags = [Flag(flag="terminate", by=LEAD, outcome="rejected")]

    done = do(board, "flag", flag="terminate", reason="s-1")

    assert done == {"flag": "terminate", "number": 2}
