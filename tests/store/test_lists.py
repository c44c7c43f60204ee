from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event as hooks

from residency.wire import Tag
from tests.store.batches import (
    AT,
    REPORT,
    R,
    batch,
    event,
    mail,
    open_cohort,
    opened,
    person,
    started,
)


def fill(store, *, residencies, tasks=2):
    """So many residencies of a cohort, each with so many open tasks, due day after day."""
    for number in range(residencies):
        who = f"p-{number}"
        store.people.add(person(who))
        told = [started(person=who), event(2, Tag.STAGE, stage="milestones")]
        told += [
            opened(3 + place, f"milestones/report/m{place}/1", who=who, due=_due(number, place))
            for place in range(tasks)
        ]
        store.record.append(batch(*told, residency=f"r-{number}"))


def _due(number, place):
    return AT + timedelta(days=place, minutes=number)


@contextmanager
def queries(store):
    """The statements that are sent meanwhile."""
    sent = []

    def keep(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    hooks.listen(store.database.engine, "before_cursor_execute", keep)
    yield sent
    hooks.remove(store.database.engine, "before_cursor_execute", keep)


def test_residencies_show_what_is_open_and_due(store):
    open_cohort(store)
    fill(store, residencies=2)

    rows = store.lists.residencies(cohort="c-aaaaaaaa", stage="milestones")

    assert [(row.id, row.name, row.open_tasks, row.next_due) for row in rows] == [
        ("r-0", "Name p-0", 2, AT),
        ("r-1", "Name p-1", 2, AT + timedelta(minutes=1)),
    ]


def test_residencies_by_end_and_person(store):
    fill(store, residencies=3)
    store.record.append(batch(event(5, Tag.ENDED, how="completed"), residency="r-1"))

    assert [row.id for row in store.lists.residencies(ended=True)] == ["r-1"]
    assert [row.id for row in store.lists.residencies(ended=False)] == ["r-0", "r-2"]
    assert [row.id for row in store.lists.residencies(person="p-2")] == ["r-2"]
    assert [row.id for row in store.lists.residencies(limit=2)] == ["r-0", "r-1"]
    assert store.lists.residencies(stage="offer") == []


def test_rehearsals_are_left_out_unless_asked_for(store):
    fill(store, residencies=1)
    played = [started(cohort="c-play", person="p-play", rehearsal=True), opened(2, who="p-play")]
    store.record.append(batch(*played, residency="r-play"))

    assert [row.id for row in store.lists.residencies()] == ["r-0"]
    assert [row.id for row in store.lists.residencies(cohort="c-play")] == ["r-play"]
    assert len(store.lists.residencies(rehearsals=True)) == 2
    assert {task.residency for task in store.lists.tasks()} == {"r-0"}
    assert [task.residency for task in store.lists.tasks(person="p-play")] == ["r-play"]


def test_tasks_of_a_person_are_those_that_wait_on_them(store):
    lead = "milestones/sign-off/m1/1"
    review = "screening/review//1"
    store.record.append(
        batch(
            started(),
            opened(2, lead, who="p-a,p-b", rule="lead", due=AT + timedelta(days=2)),
            opened(3, review, who="p-a,p-b", rule="all", due=AT + timedelta(days=1)),
            event(4, Tag.PART, task=review, by="p-b"),
            opened(5, REPORT, who="p-a,p-b", due=AT),
            event(6, Tag.DONE, task=REPORT, by="p-b"),
        )
    )

    assert [task.key for task in store.lists.tasks(person="p-a")] == [review, lead]
    assert store.lists.tasks(person="p-b") == []
    everything = store.lists.tasks(person="p-b", open_only=False)
    assert [task.key for task in everything] == [REPORT, review, lead]


def test_tasks_are_sorted_by_due_date_and_limited(store):
    fill(store, residencies=2)

    keys = [(task.residency, task.item) for task in store.lists.tasks(limit=3)]

    assert keys == [("r-0", "m0"), ("r-1", "m0"), ("r-0", "m1")]
    assert len(store.lists.tasks(residency="r-1")) == 2
    assert len(store.lists.tasks(cohort="c-aaaaaaaa")) == 4


def test_whole_residency_names_everybody(store):
    for who in ("p-resident", "p-a", "p-b"):
        store.people.add(person(who))
    told = [started(), opened(2, who="p-a"), event(3, Tag.APPOINTED, role="mentors", who="p-b")]
    store.record.append(batch(*told))

    whole = store.lists.residency(R)

    assert sorted(whole.people) == ["p-a", "p-b", "p-resident"]
    assert store.lists.residency("r-none") is None


def test_appointments_of_a_person(store):
    told = event(2, Tag.APPOINTED, role="mentors", who="p-a,p-b")
    store.record.append(batch(started(), told, event(3, Tag.APPOINTED, role="mentors", who="p-b")))

    assert store.lists.appointments(person="p-a") == []
    [(residency, one)] = store.lists.appointments(person="p-a", active_only=False)
    assert (residency, one.role, one.active) == (R, "mentors", False)


def test_timeline_tells_events_before_the_mails_of_their_moment(store):
    moment = AT + timedelta(minutes=1)
    store.outbox.put_many([mail("b", at=moment + timedelta(seconds=1)), mail("a", at=moment)])
    store.record.append(batch(started(), event(2, Tag.HELD)))

    moments = store.lists.timeline(R)

    told = [one.event.tag if one.event else one.mail.occurrence for one in moments]
    assert told == [Tag.STARTED, "a", "b", Tag.HELD]


def test_counts_of_a_cohort(store):
    fill(store, residencies=3)
    store.record.append(batch(event(5, Tag.ENDED, how="completed"), residency="r-1"))
    store.outbox.put_many([mail()])

    counts = store.lists.counts("c-aaaaaaaa")

    assert (counts.stages, counts.ends) == ({"milestones": 2}, {"completed": 1})
    assert (counts.tasks, counts.mails) == ({"open": 6}, {"queued": 1})


def test_lists_need_as_many_queries_for_many_as_for_one(store):
    calls = {
        "residencies": store.lists.residencies,
        "residency": lambda: store.lists.residency("r-0"),
        "tasks": store.lists.tasks,
        "timeline": lambda: store.lists.timeline("r-0"),
        "counts": lambda: store.lists.counts("c-aaaaaaaa"),
        "mails": lambda: store.outbox.list(residency="r-0"),
    }
    fill(store, residencies=1)
    few = {}
    for name, call in calls.items():
        with queries(store) as sent:
            call()
        few[name] = len(sent)
    store.outbox.put_many([mail(str(number), subject="r-0") for number in range(30)])
    told = [opened(seq, f"milestones/report/x{seq}/1", who=f"p-{seq}") for seq in range(5, 30)]
    store.record.append(batch(*told, residency="r-0"))

    many = {}
    for name, call in calls.items():
        with queries(store) as sent:
            call()
        many[name] = len(sent)

    assert many == few
    assert few == {
        "residencies": 1,
        "residency": 7,
        "tasks": 2,
        "timeline": 2,
        "counts": 4,
        "mails": 1,
    }
