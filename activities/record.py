"""Activities of the record: what a residency writes to and asks of the store.

They run as local activities first, so each may come again, in another order, or never have happened:
the record truncates and appends, and what is asked of pools and seats is idempotent by residency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.failing import ids_only
from residency.wire import Assign, Assigned, Batch, Judge, Judged, SeatSaid, SeatWanted
from store import Store

BRIEFLY = 0.3
"""Seconds that a local activity waits for a locked database: it holds its workflow task meanwhile.

Twice so long, and a pause between, must leave a Query its second."""

PATIENTLY = 5.0


class RecordActivities:
    """Bound to one store; built by the composition root."""

    def __init__(self, store: Store, *, judge: Callable[[Store, Judge], Judged]) -> None:
        self._store, self._judge = store, judge

    # Without `no_thread_cancel_exception` an eviction would throw into the thread in the middle of a
    # transaction and keep SQLite's write lock.
    @activity.defn(name="record", no_thread_cancel_exception=True)
    def record(self, batch: Batch) -> None:
        """Writes a batch of events and what they project, in one transaction."""
        with ids_only("record"):
            run_id = activity.info().workflow_run_id or ""
            self._store.record.append(batch, run_id=run_id, patience=_patience())

    @activity.defn(name="assign", no_thread_cancel_exception=True)
    def assign(self, wanted: Assign) -> Assigned:
        """People of a pool, least loaded first; the same ones when asked again."""
        with ids_only("assign"):
            return self._store.cohorts.assign(wanted, patience=_patience())

    @activity.defn(name="seat", no_thread_cancel_exception=True)
    def seat(self, wanted: SeatWanted) -> SeatSaid:
        """A seat of the cohort, if one is left."""
        with ids_only("seat"):
            return self._store.cohorts.seat(wanted, patience=_patience())

    @activity.defn(name="judge", no_thread_cancel_exception=True)
    def judge(self, asked: Judge) -> Judged:
        """What the answers alone say of requirements."""
        with ids_only("judge"):
            return self._judge(self._store, asked)

    def all(self) -> Sequence[Callable[..., Any]]:
        return [self.record, self.assign, self.seat, self.judge]


def _patience() -> float:
    return BRIEFLY if activity.info().is_local else PATIENTLY
