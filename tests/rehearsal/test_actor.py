"""Who acts in a rehearsal: what a cast file asks of somebody who can't do it is done by who can."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from rehearsal.actor import Actor
from rehearsal.cast import Part
from residency.compile import compile_plan
from residency.definition import definition_document, load
from residency.milestones import calendar_of
from residency.wire import OpenTask
from tests.store.batches import cohort
from tests.workflows.house import PROGRAMS

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
START = SimpleNamespace(residency="r-a", person="p-resident", started=AT)


@pytest.fixture
def actor(store):
    definition = load(PROGRAMS / "tiny")
    plan = compile_plan(definition, None)
    row = cohort(rehearsal=True, first_day=date(2027, 3, 1))
    return Actor(store, plan, definition_document(definition), calendar_of(plan), row)


def test_withdrawal_is_the_residents_whoever_is_asked(actor, store):
    task = OpenTask(
        key="screening/review//1", kind="review", item="", who=["p-r"], opened=AT, due=None
    )
    part = Part(do="withdraw", reason="a job elsewhere")

    (act,) = actor.acts(START, task, "p-r", part, at=AT)

    written = store.submissions.get(act.reason)
    assert (act.verb, act.actor) == ("withdraw", "p-resident")
    assert (written.person, written.text) == ("p-resident", "a job elsewhere")
