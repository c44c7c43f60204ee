from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from residency.wire import State, Tag
from store import Store
from tests.store.batches import AT, REPORT, R, batch, event, open_cohort, opened, person, started

SIGN_OFF = "milestones/sign-off/m1/1"


def write(store, *told):
    store.record.append(batch(*told))
    return store.lists.residency(R)


def test_start_fills_the_line_of_a_residency(store):
    open_cohort(store)
    store.people.add(person("p-resident", name="Ada Lovelace"))

    row = write(store, started(track="research"), event(2, Tag.STAGE, stage="application")).row

    assert (row.program, row.cohort_name, row.track, row.name) == (
        "hf",
        "2026",
        "research",
        "Ada Lovelace",
    )
    assert (row.stage, row.started_at, row.ended, row.rehearsal) == (
        "application",
        AT + timedelta(minutes=1),
        "",
        False,
    )


def test_task_is_opened_for_its_people_in_order(store):
    [task] = write(store, started(), opened(2, SIGN_OFF, who="p-lead,p-co", rule="lead")).tasks

    assert (task.kind, task.stage, task.item, task.round) == ("sign-off", "milestones", "m1", 1)
    assert (task.state, task.due, task.who, task.waiting) == (
        State.OPEN,
        AT,
        ["p-lead", "p-co"],
        ["p-lead"],
    )


def test_part_leaves_a_task_open_for_the_others(store):
    told = opened(2, "screening/review//1", who="p-a,p-b", rule="all")

    [task] = write(
        store, started(), told, event(3, Tag.PART, task="screening/review//1", by="p-a", score=4)
    ).tasks

    assert (task.state, task.answered, task.waiting) == (State.OPEN, ["p-a"], ["p-b"])


def test_done_keeps_what_came_of_it(store):
    done = event(
        3, Tag.DONE, task=REPORT, by="p-resident", submission="s-1", outcome="done", score=3.5
    )

    [task] = write(store, started(), opened(2), done).tasks

    assert (task.state, task.outcome, task.score, task.by, task.submission) == (
        State.DONE,
        "done",
        3.5,
        "p-resident",
        "s-1",
    )
    assert (task.closed_at, task.waiting) == (AT + timedelta(minutes=3), [])


@pytest.mark.parametrize(("tag", "state"), [(Tag.LAPSED, State.LAPSED), (Tag.WAIVED, State.WAIVED)])
def test_task_ends_without_an_answer(store, tag, state):
    [task] = write(store, started(), opened(2), event(3, tag, task=REPORT)).tasks

    assert (task.state, task.outcome, task.closed_at) == (state, "", AT + timedelta(minutes=3))


def test_reopened_task_begins_anew(store):
    later = AT + timedelta(days=3)
    done = event(3, Tag.DONE, task=REPORT, by="p-resident", score=3)
    again = event(
        4, Tag.REOPENED, task=REPORT, due=later.isoformat(), who="p-resident,p-b", revision=1
    )

    [task] = write(store, started(), opened(2), done, again).tasks

    assert (task.state, task.outcome, task.score, task.closed_at) == (State.OPEN, "", None, None)
    assert (task.due, task.revision, task.waiting) == (later, 1, ["p-resident", "p-b"])


def test_task_opened_under_a_known_key_begins_from_nothing(store):
    done = event(3, Tag.DONE, task=REPORT, by="p-resident")

    [task] = write(store, started(), opened(2), done, opened(4, who="p-b")).tasks

    assert (task.state, task.who, task.answered) == (State.OPEN, ["p-b"], [])


def test_moved_date_and_ladder(store):
    later = AT + timedelta(days=3)
    moved = event(3, Tag.MOVED, task=REPORT, due=later.isoformat(), revision=2)

    [task] = write(
        store, started(), opened(2), moved, event(4, Tag.RANG, task=REPORT, rung=1, to="p-resident")
    ).tasks

    assert (task.due, task.revision, task.rung) == (later, 2, 1)


def test_reassigned_task_keeps_the_answers_of_who_stays(store):
    key = "screening/review//1"
    told = opened(2, key, who="p-a,p-b", rule="all")
    part = event(3, Tag.PART, task=key, by="p-a")
    change = event(4, Tag.REASSIGNED, task=key, who="p-a,p-c")

    [task] = write(store, started(), told, part, change).tasks

    assert (task.who, task.answered, task.waiting) == (["p-a", "p-c"], ["p-a"], ["p-c"])


@pytest.mark.parametrize("tag", [Tag.REOPENED, Tag.REASSIGNED, Tag.PART, Tag.DONE, Tag.MOVED])
def test_event_of_an_unknown_task_is_kept_all_the_same(store, tag):
    whole = write(store, started(), event(2, tag, task=REPORT, who="p-a", by="p-a"))

    assert (whole.tasks, whole.row.seq) == ([], 2)


def test_appointment_names_everybody_of_the_role(store):
    whole = write(
        store,
        started(),
        event(2, Tag.APPOINTED, role="mentors", who="p-a,p-b"),
        event(3, Tag.APPOINTED, role="mentors", who="p-b,p-c"),
        event(4, Tag.APPOINTED, role="interviewers", item="research", who="p-a"),
    )

    assert whole.role("mentors") == ["p-b", "p-c"]
    assert whole.role("interviewers", "research") == ["p-a"]
    relieved = [one for one in whole.appointments if not one.active]
    assert [(one.person, one.until) for one in relieved] == [("p-a", AT + timedelta(minutes=3))]


def test_relieved_people_are_named_no_more(store):
    whole = write(
        store,
        started(),
        event(2, Tag.APPOINTED, role="mentors", who="p-a,p-b"),
        event(3, Tag.RELIEVED, role="mentors", who="p-a"),
    )

    assert whole.role("mentors") == ["p-b"]


def test_decision_from_pending_to_effective(store):
    store.record.append(
        batch(started(), event(2, Tag.DECIDED, stage="selection", outcome="accept", actor="p-c"))
    )
    pending = store.lists.residency(R).decisions
    store.record.append(
        batch(
            event(
                3,
                Tag.RELEASED,
                stage="selection",
                outcome="accept",
                tells_at=(AT + timedelta(hours=1)).isoformat(),
            ),
            event(4, Tag.EFFECTIVE, stage="selection", outcome="accept"),
        )
    )

    [before], [after] = pending, store.lists.residency(R).decisions

    assert (before.state, before.outcome, before.by, before.tells_at) == (
        "pending",
        "accept",
        "p-c",
        None,
    )
    assert (after.state, after.by, after.tells_at) == (
        "effective",
        "p-c",
        AT + timedelta(hours=1),
    )


def test_decision_taken_back_leaves_no_trace_in_lists(store):
    whole = write(
        store,
        started(),
        event(2, Tag.DECIDED, stage="interviews", item="research", outcome="reject"),
        event(3, Tag.TAKEN_BACK, stage="interviews", item="research"),
    )

    assert whole.decisions == []


def test_meeting_moved_and_canceled(store):
    at = AT + timedelta(days=2)
    told = {"item": "research", "minutes": 45}

    [meeting] = write(
        store,
        started(),
        event(2, Tag.MEETING, at=AT.isoformat(), sequence=0, **told),
        event(3, Tag.MEETING, at=at.isoformat(), sequence=1, **told),
        event(4, Tag.MEETING_CANCELED, item="research", sequence=2),
    ).meetings

    assert (meeting.at, meeting.minutes, meeting.sequence, meeting.canceled) == (at, 45, 2, True)


def test_end_and_holding_of_notices(store):
    row = write(store, started(), event(2, Tag.HELD), event(3, Tag.ENDED, how="withdrawn")).row

    assert (row.held, row.ended, row.ended_at) == (True, "withdrawn", AT + timedelta(minutes=3))


def correct(store, seq, email, *, history):
    name = f"s-{seq}-{history}"
    store.submissions.add(name, R, "p-resident", "address", {"email": email}, AT)
    told = event(seq, Tag.ADDRESS, submission=name, person="p-resident")
    store.record.append(batch(told, history=history))


def test_corrected_address_is_taken_from_the_submission(store):
    store.people.add(person("p-resident"))
    store.people.pause("p-resident", "bounced")
    store.record.append(batch(started()))

    correct(store, 2, "New@example.org", history=20)

    found = store.people.get("p-resident")
    assert (found.email, found.paused) == ("New@example.org", "")


def test_voided_correction_gives_the_address_back(store):
    store.people.add(person("p-resident", email="old@example.org"))
    store.record.append(batch(started()))
    correct(store, 2, "first@example.org", history=20)
    correct(store, 3, "second@example.org", history=30)

    store.record.append(batch(event(3, Tag.NOTED), history=30))
    after_one = store.people.get("p-resident").email
    store.record.append(batch(event(2, Tag.NOTED), history=30))

    assert (after_one, store.people.get("p-resident").email) == (
        "first@example.org",
        "old@example.org",
    )


def test_truncation_does_not_bring_an_old_correction_back(store):
    store.people.add(person("p-resident", email="old@example.org"))
    store.record.append(batch(started()))
    correct(store, 2, "first@example.org", history=20)
    store.people.correct_email("p-resident", "by-hand@example.org")
    store.record.append(batch(event(3, Tag.HELD), history=30))

    store.record.append(batch(event(3, Tag.NOTED), history=30))

    assert store.people.get("p-resident").email == "by-hand@example.org"


def test_address_of_somebody_else_is_not_taken(store):
    store.people.add(person("p-resident", email="old@example.org"))
    store.people.add(person("p-other", email="other@example.org"))
    store.record.append(batch(started()))

    correct(store, 2, "OTHER@example.org", history=20)

    assert store.people.get("p-resident").email == "old@example.org"


# Whatever the order in which batches come, lists show what the valid events alone say.

KEYS = (REPORT, SIGN_OFF, "screening/review//1")
KEY, WHO = st.sampled_from(KEYS), st.sampled_from(["p-a", "p-b", "p-a,p-b", "p-b,p-c"])
TOLD = st.one_of(
    st.builds(lambda key, who: ("open", key, {"who": who}), KEY, WHO),
    st.builds(lambda key, who: (Tag.DONE, key, {"by": who[:3], "score": 2}), KEY, WHO),
    st.builds(lambda key, who: (Tag.PART, key, {"by": who[:3]}), KEY, WHO),
    st.builds(lambda key, who: (Tag.REOPENED, key, {"who": who, "revision": 1}), KEY, WHO),
    st.builds(lambda key, who: (Tag.REASSIGNED, key, {"who": who}), KEY, WHO),
    st.builds(lambda key, tag: (tag, key, {}), KEY, st.sampled_from([Tag.LAPSED, Tag.WAIVED])),
    st.builds(lambda who: (Tag.APPOINTED, "", {"role": "mentors", "who": who}), WHO),
    st.builds(lambda who: (Tag.RELIEVED, "", {"role": "mentors", "who": who}), WHO),
    st.sampled_from(
        [
            (Tag.DECIDED, "", {"stage": "selection", "outcome": "accept"}),
            (Tag.TAKEN_BACK, "", {"stage": "selection"}),
            (Tag.MEETING, "", {"item": "research", "at": AT.isoformat(), "minutes": 45}),
            (Tag.MEETING_CANCELED, "", {"item": "research", "sequence": 1}),
            (Tag.HELD, "", {}),
            (Tag.SEAT_GRANTED, "", {}),
            (Tag.SEAT_FREED, "", {}),
            (Tag.STAGE, "", {"stage": "offer"}),
            (Tag.ENDED, "", {"how": "withdrawn"}),
        ]
    ),
)
STEPS = st.lists(st.tuples(st.integers(0, 4), st.lists(TOLD, min_size=1, max_size=4)), max_size=8)


def _event(seq, told):
    tag, key, data = told
    return opened(seq, key, **data) if tag == "open" else event(seq, tag, task=key, **data)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_lists_show_what_the_valid_events_say(steps, empty_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    stores = []
    for name in ("lived", "told"):
        path = folder / f"{name}.db"
        path.write_bytes(empty_database.read_bytes())
        stores.append(Store(f"sqlite:///{path}"))
    lived, told = stores
    lived.record.append(batch(started()))
    last = 1
    for history, (back, events) in enumerate(steps):
        first = max(last + 1 - back, 2)
        made = [_event(first + place, one) for place, one in enumerate(events)]
        lived.record.append(batch(*made, history=100 + history))
        last = lived.lists.residency(R).row.seq

    told.record.append(batch(*lived.record.events(R)))

    assert lived.lists.residency(R) == told.lists.residency(R)
    for store in stores:
        store.close()
