"""Anything that may happen to a board, in any order: what always holds."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from converter import DATA_CONVERTER
from residency.tasks import Board
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
)

REPORT = "milestones/report/m1/1"
SIGN_OFF = "milestones/sign-off/m1/1"
CONVERTER = DATA_CONVERTER.payload_converter


def over_the_wire(value, kind):
    """The value as it comes out at the other side of Temporal."""
    return CONVERTER.from_payloads(CONVERTER.to_payloads([value]), [kind])[0]


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
