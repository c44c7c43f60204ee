"""The board: ladders ring once and only for what is open, and everything that changes is journaled."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from converter import DATA_CONVERTER
from residency.plan import Rule
from residency.tasks import Board, mean
from residency.wire import Answer, BoardState, Start, State, Tag
from tests.residency.boards import (
    ANA,
    BEA,
    LEAD,
    NOON,
    PERSON,
    SECOND,
    a_board,
    do,
    start_of,
    tags,
    told,
)

REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"
CONVERTER = DATA_CONVERTER.payload_converter


def over_the_wire(value, kind):
    """The value as it comes out at the other side of Temporal."""
    return CONVERTER.from_payloads(CONVERTER.to_payloads([value]), [kind])[0]


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
    assert mean([0.5, None, 1.0]) == 0.75
    assert mean([None]) is None


KEYS = [
    REPORT,
    SIGN_OFF,
    "milestones/report/m2/1",
    "onboarding/item-contract/contract/1",
    "onboarding/item-access/access/1",
    "onboarding/item-desk/desk/1",
    "offer/offer//1",
    "screening/review//1",
    "flags/hearing/1/1",
]
ANCHORS = {
    REPORT: "milestone:m1",
    "milestones/report/m2/1": "milestone:m2",
    "onboarding/item-contract/contract/1": "first:-14d",
}
PEOPLE = [PERSON, LEAD, SECOND, ANA, BEA, "p-r1", "p-r2"]
keys = st.sampled_from(KEYS)


class Boards(RuleBasedStateMachine):
    """Anything that may happen to a board, in any order."""

    def __init__(self):
        super().__init__()
        self.board = a_board(at=NOON - timedelta(days=30))
        self.closed = {}

    def open_ones(self):
        return [key for key, _ in self.board.open_tasks()]

    @rule(key=keys)
    def open(self, key):
        self.board.open(key, anchor=ANCHORS.get(key, ""))

    @rule(key=keys, person=st.integers(0, 3), score=st.one_of(st.none(), st.floats(0, 1)))
    def answer(self, key, person, score):
        if not self.board.is_open(key):
            return
        task = self.board.state.tasks[key]
        asked = self.board.waiting_for(task)
        self.board.answer(key, asked[person % len(asked)], Answer(score=score))

    @rule(key=keys)
    def waive(self, key):
        if self.board.is_open(key):
            self.board.waive(key)

    @rule(key=keys)
    def lapse(self, key):
        if self.board.is_open(key):
            self.board.lapse(key)

    @rule(key=keys)
    def reopen(self, key):
        if key in self.board.state.tasks and not self.board.is_open(key):
            self.board.reopen(key)

    @rule(key=keys, days=st.integers(0, 40))
    def move(self, key, days):
        if self.board.is_open(key):
            self.board.set_due(key, self.board.now.date() + timedelta(days=days))

    @rule(key=keys, who=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3))
    def reassign(self, key, who):
        if self.board.is_open(key):
            self.board.reassign(key, who)

    @rule(weeks=st.integers(1, 3))
    def extend(self, weeks):
        if weeks <= self.board.plan.extension_weeks - self.board.state.extended:
            do(self.board, "extend", id=f"a-{self.board.state.seq}", weeks=weeks, reason="s-1")

    @precondition(lambda self: self.board.next_ring() is not None)
    @rule()
    def ring(self):
        before = len(self.board.journal)
        open_before = set(self.open_ones())
        self.board.clock.at = max(self.board.next_ring(), self.board.now)
        self.board.ring()
        rang = [e.task for e in self.board.journal[before:] if e.tag in (Tag.RANG, Tag.LAPSED)]
        assert rang
        assert set(rang) <= open_before
        assert not self.board.is_ringing()

    @rule(days=st.integers(1, 30))
    def oversleep(self, days):
        """A worker was away: everything that was due rings when it is back."""
        self.board.clock.move(days=days)
        self.board.ring()
        assert self.board.next_ring() is None or self.board.next_ring() > self.board.now

    @invariant()
    def journal_is_contiguous(self):
        seqs = [event.seq for event in self.board.journal]
        assert seqs == list(range(1, len(seqs) + 1))
        assert self.board.state.seq == len(seqs)

    @invariant()
    def every_change_is_journaled(self):
        """Replaying the journal's tags tells the same states as the board has."""
        states = {}
        for event in self.board.journal:
            match event.tag:
                case Tag.OPENED | Tag.REOPENED:
                    states[event.task] = State.OPEN
                case Tag.DONE:
                    states[event.task] = State.DONE
                case Tag.LAPSED:
                    states[event.task] = State.LAPSED
                case Tag.WAIVED:
                    states[event.task] = State.WAIVED
        for key, task in self.board.state.tasks.items():
            assert states[key] is task.state

    @invariant()
    def only_open_tasks_ring(self):
        for task in self.board.state.tasks.values():
            if task.state is not State.OPEN:
                assert (task.rings, task.lapses, task.due) == (None, None, None)

    @invariant()
    def open_tasks_wait_for_somebody(self):
        for _, task in self.board.open_tasks():
            assert self.board.waiting_for(task)

    @invariant()
    def due_dates_follow_the_journal(self):
        dues = {
            event.task: event.data.get("due")
            for event in self.board.journal
            if event.tag in (Tag.OPENED, Tag.REOPENED, Tag.MOVED)
        }
        for key, task in self.board.open_tasks():
            assert dues[key] == (task.due.isoformat() if task.due else None)

    @invariant()
    def nothing_is_told_twice(self):
        keys = [(each.notice, each.to, each.occurrence) for each in self.board.state.tray]
        assert len(keys) == len(set(keys))

    @invariant()
    def state_survives_the_wire(self):
        carried = over_the_wire(self.board.state, BoardState)
        assert carried == self.board.state
        start = start_of().model_copy(update={"state": carried})
        again = Board(over_the_wire(start, Start), self.board.clock)
        assert again.next_ring() == self.board.next_ring()
        assert again.listed() == self.board.listed()


TestBoards = Boards.TestCase
TestBoards.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


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
