from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from residency.errors import ResidencyError
from store import Store
from store.mails import Settled, key
from store.posting import BEGINS, NEXT, Delivery, MailState, before, outranked
from tests.store.batches import AT, R, mail

KEY = mail().key


def test_row_comes_back_as_written(store):
    row = mail(not_before=AT + timedelta(hours=1))

    assert store.outbox.put_many([row]) == [row]
    assert store.outbox.get(row.key) == row
    assert row.key == key(R, "reminder", "o1", "p-resident")


def test_row_is_written_once(store):
    store.outbox.put_many([mail()])

    assert store.outbox.put_many([mail(state=MailState.HELD)]) == []
    assert store.outbox.get(KEY).state is MailState.QUEUED


def test_row_can_begin_only_before_sending(store):
    with pytest.raises(ResidencyError) as refused:
        store.outbox.put_many([mail(state=MailState.SENT)])

    assert str(refused.value) == 'A mail can\'t begin as "sent"; allowed: held, queued, skipped.'


def test_row_is_claimed_by_one_of_many(store):
    store.outbox.put_many([mail()])

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda name: store.outbox.open_many([mail()], name), "abcdefgh"))

    assert [len(each) for each in claimed].count(1) == 1
    assert store.outbox.get(KEY).attempts == 1


def test_open_many_claims_what_may_be_sent(store):
    store.outbox.put_many([mail("waits"), mail("held", state=MailState.HELD), mail("taken")])
    store.outbox.open_many([mail("taken")], "other")
    rows = [mail(name) for name in ("new", "waits", "held", "taken", "new")]
    rows.append(mail("skipped", state=MailState.SKIPPED, skip="notices on hold"))

    opened = store.outbox.open_many(rows, "mine")

    assert [(one.row.occurrence, one.previous) for one in opened] == [
        ("new", None),
        ("waits", MailState.QUEUED),
    ]
    found = store.outbox.get(mail("new").key)
    assert (found.state, found.attempt, found.attempts) == (MailState.SENDING, "mine", 1)
    assert store.outbox.get(mail("skipped").key).skip == "notices on hold"


def test_open_many_takes_over_from_the_dead_alone(store):
    store.outbox.open_many([mail("a")], "dead")
    store.outbox.open_many([mail("b")], "alive")

    opened = store.outbox.open_many([mail("a"), mail("b")], "mine", dead={"dead"})

    assert [(one.row.occurrence, one.previous) for one in opened] == [("a", MailState.SENDING)]
    sent = Settled(key=mail("a").key, state=MailState.SENT)
    assert store.outbox.settle_many("dead", [sent]) == set()


def test_same_letters_from_many_threads_are_claimed_once(store):
    rows = [mail(str(number)) for number in range(5)]

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda name: store.outbox.open_many(rows, name), "abcdef"))

    assert sorted(one.row.occurrence for each in opened for one in each) == list("01234")


def test_settled_row_keeps_what_came_of_it(store):
    store.outbox.open_many([mail()], "mine")

    settled = store.outbox.settle_many(
        "mine",
        [
            Settled(
                key=KEY,
                state=MailState.SENT,
                detail="250 OK",
                message_id="<m@x>",
                line="Hello",
                transport="file",
            )
        ],
    )

    row = store.outbox.get(KEY)
    assert settled == {KEY}
    assert (row.state, row.detail, row.message_id, row.line, row.transport) == (
        MailState.SENT,
        "250 OK",
        "<m@x>",
        "Hello",
        "file",
    )
    assert row.sent is not None


def test_settle_many_settles_what_is_the_attempts(store):
    store.outbox.open_many([mail("a"), mail("b")], "mine")
    store.outbox.open_many([mail("c")], "other")

    settled = store.outbox.settle_many(
        "mine",
        [
            Settled(key=mail("a").key, state=MailState.FAILED, detail="refused"),
            Settled(key=mail("b").key, state=MailState.SKIPPED, skip="superseded"),
            Settled(key=mail("c").key, state=MailState.SENT),
        ],
    )

    assert settled == {mail("a").key, mail("b").key}
    assert store.outbox.counts(residency=R) == {"failed": 1, "skipped": 1, "sending": 1}


@pytest.mark.parametrize("untried", [False, True])
def test_given_back_row_waits_and_is_claimed_again(store, untried):
    store.outbox.open_many([mail()], "first")
    later = AT + timedelta(hours=2)
    back = Settled(key=KEY, state=MailState.QUEUED, detail="429", not_before=later, untried=untried)

    store.outbox.settle_many("first", [back])

    row = store.outbox.get(KEY)
    assert (row.state, row.not_before, row.detail) == (MailState.QUEUED, later, "429")
    assert row.attempts == (0 if untried else 1)
    assert store.outbox.open_many([mail()], "second", now=AT) == []
    assert len(store.outbox.open_many([mail()], "second", now=later)) == 1


def test_unknown_may_be_settled_as_sent_by_anybody(store):
    store.outbox.open_many([mail()], "mine")
    unknown, failed, sent = (
        Settled(key=KEY, state=state)
        for state in (MailState.UNKNOWN, MailState.FAILED, MailState.SENT)
    )
    store.outbox.settle_many("mine", [unknown])

    assert store.outbox.settle_many("mine", [failed]) == set()
    assert store.outbox.settle_many("webhook", [sent]) == {KEY}
    assert store.outbox.get(KEY).state is MailState.SENT


def test_hold_takes_what_waits_and_nothing_else(store):
    rows = {name: mail(name) for name in ("waits", "taken", "sent", "discarded", "held", "new")}
    store.outbox.put_many([rows[name] for name in ("waits", "discarded", "held")])
    store.outbox.move(rows["discarded"].key, MailState.DISCARDED)
    store.outbox.move(rows["held"].key, MailState.HELD, detail="before")
    store.outbox.open_many([rows["taken"], rows["sent"]], "other")
    store.outbox.settle_many("other", [Settled(key=rows["sent"].key, state=MailState.SENT)])

    held = store.outbox.hold(list(rows.values()))

    found = {name: store.outbox.get(row.key).state for name, row in rows.items()}
    assert held == {rows[name].key for name in ("waits", "held", "new")}
    assert found == {
        "waits": "held",
        "held": "held",
        "new": "held",
        "taken": "sending",
        "sent": "sent",
        "discarded": "discarded",
    }
    assert store.outbox.get(rows["held"].key).detail == "before"


def test_sending_row_can_not_be_settled_as_held(store):
    store.outbox.open_many([mail()], "mine")

    with pytest.raises(ResidencyError) as refused:
        store.outbox.settle_many("mine", [Settled(key=KEY, state=MailState.HELD)])

    assert str(refused.value) == (
        'A mail that is being sent can\'t become "held"; '
        "allowed: sent, failed, unknown, skipped, queued."
    )


def test_held_row_is_released_or_discarded_by_hand(store):
    store.outbox.put_many([mail("a", state=MailState.HELD), mail("b", state=MailState.HELD)])

    moved = [
        store.outbox.move(mail("a").key, MailState.QUEUED),
        store.outbox.move(mail("b").key, MailState.DISCARDED, detail="not wanted"),
        store.outbox.move(mail("b").key, MailState.QUEUED),
    ]

    assert moved == [True, True, False]
    assert store.outbox.counts(residency=R) == {"queued": 1, "discarded": 1}


def test_lists_are_by_program_time_and_leave_rehearsals_out(store):
    store.outbox.put_many(
        [
            mail("late", at=AT + timedelta(days=1)),
            mail("early"),
            mail("played", subject="r-play", cohort="c-play", rehearsal=True),
        ]
    )

    assert [row.occurrence for row in store.outbox.list()] == ["early", "late"]
    assert [row.occurrence for row in store.outbox.list(limit=1)] == ["late"]
    assert [row.occurrence for row in store.outbox.list(cohort="c-play")] == ["played"]
    assert store.outbox.list(notice="offer") == []
    assert store.outbox.counts() == {"queued": 2}
    assert store.outbox.counts(rehearsals=True) == {"queued": 3}


def test_sent_mails_are_counted_by_notice(store):
    rows = [mail("a"), mail("b"), mail("c", notice="offer"), mail("d", notice="offer")]
    store.outbox.open_many(rows, "mine")
    store.outbox.settle_many(
        "mine", [Settled(key=row.key, state=MailState.SENT) for row in rows[:3]]
    )

    assert store.outbox.by_notice(cohort="c-aaaaaaaa") == {"offer": 1, "reminder": 2}


def test_states_say_where_they_come_from():
    assert before(MailState.SENT) == [MailState.SENDING, MailState.UNKNOWN]
    assert outranked(Delivery.DELIVERED) == [
        Delivery.NONE,
        Delivery.ACCEPTED,
        Delivery.DELAYED,
    ]


ATTEMPTS = ("one", "two")


class Rows(RuleBasedStateMachine):
    """A row of the outbox under any sequence of calls, held against the table of moves."""

    template = None
    folder = None

    @initialize(state=st.sampled_from(sorted(BEGINS)))
    def begin(self, state):
        path = type(self).folder / "outbox.db"
        path.write_bytes(type(self).template.read_bytes())
        for more in ("-wal", "-shm"):
            path.with_name(path.name + more).unlink(missing_ok=True)
        self.store = Store(f"sqlite:///{path}")
        self.store.outbox.put_many([mail(state=state)])
        self.state, self.attempt, self.delivery, self.attempts = state, "", Delivery.NONE, 0

    def teardown(self):
        self.store.close()

    def expect(self, changed, state=None, attempt=None):
        """What the call said, against what the row says now; no move but those of the table."""
        row = self.store.outbox.get(KEY)
        if changed:
            if row.state is not self.state:
                assert row.state in NEXT[self.state]
            self.state = state or self.state
            self.attempt = attempt or self.attempt
        assert (row.state, row.attempt, row.delivery) == (self.state, self.attempt, self.delivery)
        assert row.attempts == self.attempts
        assert (row.sent is not None) == (self.state is MailState.SENT)

    @rule(state=st.sampled_from(sorted(BEGINS)))
    def put_again(self, state):
        assert self.store.outbox.put_many([mail(state=state)]) == []
        self.expect(changed=False)

    @rule()
    def hold(self):
        may = self.state in (MailState.QUEUED, MailState.HELD)
        assert self.store.outbox.hold([mail()]) == ({KEY} if may else set())
        self.expect(may, MailState.HELD)

    @rule(attempt=st.sampled_from(ATTEMPTS), dead=st.sets(st.sampled_from(ATTEMPTS)))
    def open_many(self, attempt, dead):
        left = self.state is MailState.SENDING and self.attempt in dead
        may = self.state is MailState.QUEUED or left
        opened = self.store.outbox.open_many([mail()], attempt, dead=dead)
        assert [one.previous for one in opened] == ([self.state] if may else [])
        self.attempts += may
        self.expect(may, MailState.SENDING, attempt)

    @rule(attempt=st.sampled_from(ATTEMPTS), state=st.sampled_from(sorted(NEXT[MailState.SENDING])))
    def settle(self, attempt, state):
        mine = self.state is MailState.SENDING and self.attempt == attempt
        known = self.state is MailState.UNKNOWN and state is MailState.SENT
        settled = self.store.outbox.settle_many(attempt, [Settled(key=KEY, state=state)])
        assert settled == ({KEY} if mine or known else set())
        self.expect(mine or known, state)

    @rule(state=st.sampled_from(sorted(MailState)))
    def move(self, state):
        may = self.state in (MailState.HELD, MailState.QUEUED) and state in NEXT[self.state]
        may = may and state is not MailState.SENDING
        if state is MailState.SENDING:
            return  # only a claim does that
        assert self.store.outbox.move(KEY, state) is may
        self.expect(may, state)


def test_no_row_ever_moves_but_as_the_table_says(empty_database, tmp_path):
    machine = type("Machine", (Rows,), {"template": empty_database, "folder": tmp_path})
    machine.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
    machine.TestCase("runTest").runTest()
