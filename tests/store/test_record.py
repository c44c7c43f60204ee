from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from residency.wire import Tag
from store.record import GapError, StaleBatchError
from tests.store.batches import AT, REPORT, R, batch, event, opened, started


def seqs(store):
    return [told.seq for told in store.record.events(R)]


def test_events_come_back_as_they_were_written(store):
    told = [
        started(rehearsal=True),
        event(2, Tag.DONE, task=REPORT, actor="p-a", action="a-1", score=3.25, outcome="ok 🤗"),
    ]

    store.record.append(batch(*told))

    assert store.record.events(R) == told
    assert store.record.events("r-other") == []


def test_same_batch_again_changes_nothing(store):
    first, second = batch(started(), opened(2)), batch(event(3, Tag.STAGE, stage="milestones"))
    store.record.append(first)
    store.record.append(second)

    store.record.append(second)
    store.record.append(first)

    assert seqs(store) == [1, 2, 3]
    assert store.record.count(R, void=True) == 0


def test_batch_in_another_order_replaces_what_it_contradicts(store):
    store.record.append(batch(started()))
    store.record.append(batch(opened(2), history=20))
    store.record.append(batch(event(3, Tag.DONE, task=REPORT, by="p-resident"), history=20))

    store.record.append(batch(event(2, Tag.HELD), history=20))

    assert [told.tag for told in store.record.events(R)] == [Tag.STARTED, Tag.HELD]
    assert store.record.count(R, void=True) == 2
    whole = store.lists.residency(R)
    assert whole.tasks == []
    assert (whole.row.held, whole.row.seq, whole.row.person) == (True, 2, "p-resident")


def test_what_a_batch_has_in_common_with_the_record_stays(store):
    store.record.append(batch(started(), opened(2), event(3, Tag.HELD)))

    store.record.append(
        batch(started(), opened(2), event(3, Tag.RESUMED), event(4, Tag.NOTED), history=11)
    )

    tags = [told.tag for told in store.record.events(R)]
    assert tags == [Tag.STARTED, Tag.OPENED, Tag.RESUMED, Tag.NOTED]
    assert store.record.count(R, void=True) == 1


def test_truncated_twice_keeps_both_voided_events(store):
    store.record.append(batch(started()))
    for number, tag in enumerate((Tag.HELD, Tag.NOTED, Tag.RESUMED)):
        store.record.append(batch(event(2, tag), history=20 + number))

    assert [told.tag for told in store.record.events(R)] == [Tag.STARTED, Tag.RESUMED]
    assert store.record.count(R, void=True) == 2


@pytest.mark.parametrize(("run", "history"), [(1, 49), (0, 90)])
def test_batch_of_a_frozen_worker_is_refused(store, run, history):
    store.record.append(batch(started(), run=0, history=5))
    store.record.append(batch(event(2, Tag.HELD), run=1, history=50))

    with pytest.raises(StaleBatchError) as refused:
        store.record.append(batch(event(2, Tag.RESUMED), run=run, history=history))

    assert str(refused.value) == (
        f'{R}: the batch from event 2 was decided at history "{run}/{history}", '
        "but the record is at 1/50."
    )
    assert [told.tag for told in store.record.events(R)] == [Tag.STARTED, Tag.HELD]


def test_stale_batch_that_is_there_already_is_let_pass(store):
    store.record.append(batch(started(), history=5))
    store.record.append(batch(event(2, Tag.HELD), history=50))

    store.record.append(batch(started(), history=5))

    assert seqs(store) == [1, 2]


def test_what_a_lost_task_recorded_behind_a_later_batch_is_void(store):
    store.record.append(batch(started()))
    store.record.append(batch(opened(2), history=20))
    store.record.append(batch(event(3, Tag.HELD), history=20))

    store.record.append(batch(opened(2), history=23, next_at=AT))

    assert seqs(store) == [1, 2]
    assert store.record.count(R, void=True) == 1
    row = store.lists.residency(R).row
    assert (row.seq, row.held, row.next_at) == (2, False, AT)


def test_what_comes_again_behind_a_later_batch_is_there_once(store):
    store.record.append(batch(started()))
    for history in (20, 23):
        store.record.append(batch(opened(2), history=history))
        store.record.append(batch(event(3, Tag.HELD), history=history))

    assert seqs(store) == [1, 2, 3]
    assert store.lists.residency(R).row.held


def test_repeated_batch_of_the_same_history_voids_nothing(store):
    store.record.append(batch(started()))
    store.record.append(batch(opened(2), history=20))
    store.record.append(batch(event(3, Tag.HELD), history=20))

    store.record.append(batch(opened(2), history=20))

    assert seqs(store) == [1, 2, 3]


def test_run_that_was_reset_replaces_what_the_former_one_recorded(store):
    store.record.append(batch(started(), history=5), run_id="first")
    store.record.append(batch(event(2, Tag.HELD), event(3, Tag.NOTED), history=50), run_id="first")

    store.record.append(batch(event(2, Tag.RESUMED), history=9), run_id="reset")
    store.record.append(batch(event(3, Tag.STAGE, stage="offer"), history=12), run_id="reset")

    tags = [told.tag for told in store.record.events(R)]
    assert tags == [Tag.STARTED, Tag.RESUMED, Tag.STAGE]
    assert store.lists.residency(R).row.stage == "offer"


def test_run_that_was_reset_behind_a_boundary_replaces_what_came_after_it(store):
    store.record.append(batch(started(), run=0, history=5), run_id="first")
    store.record.append(batch(event(2, Tag.HELD), run=1, history=50), run_id="second")

    store.record.append(batch(event(2, Tag.RESUMED), run=0, history=9), run_id="reset")

    assert [told.tag for told in store.record.events(R)] == [Tag.STARTED, Tag.RESUMED]


def test_batch_of_a_run_that_was_reset_away_is_refused(store):
    store.record.append(batch(started(), history=5), run_id="first")
    store.record.append(batch(event(2, Tag.HELD), history=9), run_id="reset")

    with pytest.raises(StaleBatchError):
        store.record.append(batch(event(2, Tag.NOTED), history=50), run_id="first")

    assert [told.tag for told in store.record.events(R)] == [Tag.STARTED, Tag.HELD]


def test_gap_is_refused(store):
    store.record.append(batch(started()))

    with pytest.raises(GapError) as refused:
        store.record.append(batch(event(3, Tag.HELD)))

    assert str(refused.value) == (
        f'{R}: the batch begins at event "3", but the record ends at 1; '
        "what comes between is missing."
    )


def test_batch_out_of_order_is_refused(store):
    with pytest.raises(GapError) as refused:
        store.record.append(batch(started(), event(3, Tag.HELD)))

    assert str(refused.value) == f'{R}: the batch from event 1 has "3" where 2 must stand.'
    assert store.record.count() == 0


def test_action_finds_the_first_event_that_it_caused(store):
    store.record.append(
        batch(
            started(),
            event(2, Tag.DONE, task=REPORT, action="a-1"),
            event(3, Tag.STAGE, action="a-1", stage="offer"),
        )
    )

    assert store.record.action(R, "a-1").seq == 2
    assert store.record.action(R, "a-2") is None


def test_action_that_was_voided_is_not_found(store):
    store.record.append(batch(started()))
    store.record.append(batch(event(2, Tag.HELD, action="a-1"), history=20))

    store.record.append(batch(event(2, Tag.NOTED, action="a-2"), history=20))

    assert store.record.action(R, "a-1") is None
    assert store.record.action(R, "a-2").seq == 2


def test_counts_of_events(store):
    store.record.append(batch(started(), event(2, Tag.HELD)))
    store.record.append(batch(started(), residency="r-other"))

    assert store.record.count() == 3
    assert store.record.count(R) == 2
    assert store.record.count(tag=Tag.STARTED) == 2


def test_next_ring_is_that_of_the_last_batch(store):
    store.record.append(batch(started(), next_at=AT))

    store.record.append(batch(event(2, Tag.HELD), next_at=AT + timedelta(days=1)))

    assert store.lists.residency(R).row.next_at == AT + timedelta(days=1)


def test_batch_without_events_moves_the_next_ring(store):
    store.record.append(batch(started(), next_at=AT))

    store.record.append(batch(first=2, history=15, next_at=None))

    assert store.lists.residency(R).row.next_at is None
    assert seqs(store) == [1]


def test_many_threads_append_each_once(store):
    def live(number):
        name = f"r-{number}"
        store.record.append(batch(started(), residency=name))
        for seq in range(2, 8):
            store.record.append(batch(event(seq, Tag.NOTED), residency=name))
        return len(store.record.events(name))

    with ThreadPoolExecutor(12) as pool:
        lengths = list(pool.map(live, range(24)))

    assert lengths == [7] * 24


def test_same_first_batch_from_many_threads_is_written_once(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.record.append(batch(started(), opened(2))), range(16)))

    assert seqs(store) == [1, 2]
    assert store.record.count(void=True) == 0


def test_dates_are_taken_from_events(store):
    store.record.append(batch(started()))
    moved = event(2, Tag.SHIFTED, kind="extension", days=7, first="2026-02-01", last="2026-11-07")

    store.record.append(batch(moved))

    row = store.lists.residency(R).row
    assert (row.first_day, row.last_day) == (date(2026, 2, 1), date(2026, 11, 7))
