"""A database as large as it may get: 10,000 residencies with 200,000 events, written straight in.

What the pages and lists read is there as the record would have projected it; nobody could wait for
10,000 residencies to live through it.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from sqlalchemy import insert

from intake import Intake
from residency.definition import form_of, load
from residency.forms import sample_answers
from residency.settings import CHECKOUT
from store.tables import (
    appointments,
    events,
    people,
    residencies,
    submissions,
    task_people,
    tasks,
)
from tests.workflows.house import HUGGING_FACE, cohort_of, program_path

RESIDENCIES, EVENTS, MENTORS, REVIEWERS = 10_000, 20, 200, 100
AT = datetime(2027, 6, 1, 9, tzinfo=UTC)
FIRST_DAY = date(2027, 3, 1)
REPORT, SIGN_OFF = "milestones/report/m3/1", "milestones/sign-off/m2/1"
CHUNK = 5_000


def fill(store):
    """Fills an empty store; the open cohort's row."""
    definition = load(program_path(HUGGING_FACE), CHECKOUT / "programs")
    row = Intake(store).open_cohort(definition, cohort_of(name="crowd", first_day=FIRST_DAY))
    document = store.definitions.get(row.definition)
    with store.database.writing() as connection:
        for table, made in (
            (people, _people()),
            (residencies, _residencies(row)),
            (events, _events(row)),
            (tasks, _tasks()),
            (task_people, _task_people(row)),
            (appointments, _appointments()),
            (submissions, _submissions(document)),
        ):
            _insert(connection, table, made)
    return row


def resident(number):
    return f"p-{number:08d}"


def residency(number):
    return f"r-{number:08d}"


def mentor(number):
    return f"p-mentor{number % MENTORS}"


def reviewer(number):
    return f"p-reader{number % REVIEWERS}"


def _insert(connection, table, rows):
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            connection.execute(insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table), chunk)


def _people():
    ids = [resident(number) for number in range(RESIDENCIES)]
    ids += [mentor(number) for number in range(MENTORS)]
    ids += [reviewer(number) for number in range(REVIEWERS)]
    for number, id_ in zip(count(), ids, strict=False):
        email = f"{id_}@example.org"
        yield {
            "id": id_,
            "name": f"Person {number}",
            "given_name": "Person",
            "email": email,
            "email_key": email,
            "email_given": email,
            "zone": "Europe/Paris",
            "locale": "en",
            "created": AT,
        }


def _residencies(row):
    for number in range(RESIDENCIES):
        yield {
            "id": residency(number),
            "seq": EVENTS,
            "program": row.program,
            "cohort": row.id,
            "person": resident(number),
            "definition": row.definition,
            "stage": "milestones",
            "stage_at": AT,
            "started_at": AT - timedelta(days=200) + timedelta(minutes=number),
            "first_day": FIRST_DAY,
            "last_day": date(2027, 11, 30),
            "next_at": AT + timedelta(days=3),
        }


def _events(row):
    for number in range(RESIDENCIES):
        for seq in range(1, EVENTS + 1):
            yield {
                "residency": residency(number),
                "seq": seq,
                "void": 0,
                "at": AT + timedelta(minutes=seq),
                "tag": "residency:started" if seq == 1 else "task:opened",
                "actor": mentor(number) if seq % 3 else "",
                "task": "" if seq == 1 else f"milestones/report/m{seq % 9 + 1}/1",
                "data": {"cohort": row.id} if seq == 1 else {"kind": "report", "round": 1},
                "recorded": AT,
            }


def _tasks():
    """Of each: an application read, five months done, a report and a sign-off that wait."""
    done = {"state": "done", "closed_at": AT - timedelta(days=30)}
    for number in range(RESIDENCIES):
        for reader in range(2):
            key = f"screening/review//{reader + 1}"
            yield _task(number, key, rule="all", by=reviewer(number + reader), **done)
        for month in (1, 2):
            key = f"milestones/report/m{month}/1"
            yield _task(number, key, by=resident(number), submission=f"s-{number:08d}", **done)
        yield _task(
            number, "milestones/sign-off/m1/1", rule="lead", by=mentor(number), outcome="approved",
            **done,
        )  # fmt: skip  # A row a line reads best.
        yield _task(number, SIGN_OFF, rule="lead", due=AT - timedelta(days=1))
        yield _task(number, REPORT, due=AT + timedelta(days=5))


def _task(number, key, **values):
    stage, kind, item, round_ = key.split("/")
    return {
        "residency": residency(number),
        "key": key,
        "kind": kind,
        "stage": stage,
        "item": item,
        "round": int(round_),
        "state": "open",
        "rule": "any",
        "form": {"report": "monthly-report", "review": "research-potential"}.get(kind, "sign-off"),
        "opened": AT - timedelta(days=10),
        "due": None,
        "closed_at": None,
        "outcome": "done" if values.get("state") == "done" else "",
        "by": "",
        "submission": "",
        **values,
    }


def _task_people(_row):
    for number in range(RESIDENCIES):
        for reader in range(2):
            yield _asked(number, f"screening/review//{reader + 1}", reviewer(number + reader), True)
        for month in (1, 2):
            yield _asked(number, f"milestones/report/m{month}/1", resident(number), True)
        yield _asked(number, "milestones/sign-off/m1/1", mentor(number), True)
        yield _asked(number, SIGN_OFF, mentor(number), False)
        yield _asked(number, REPORT, resident(number), False)


def _asked(number, key, person, answered):
    return {
        "residency": residency(number),
        "key": key,
        "person": person,
        "place": 0,
        "answered": answered,
    }


def _appointments():
    for number in range(RESIDENCIES):
        yield {
            "residency": residency(number),
            "role": "mentors",
            "item": "",
            "person": mentor(number),
            "place": 0,
            "active": True,
            "since": AT - timedelta(days=90),
        }


def _submissions(document):
    answers = sample_answers(form_of(document, "monthly-report"))
    for number in range(RESIDENCIES):
        yield {
            "id": f"s-{number:08d}",
            "residency": residency(number),
            "person": resident(number),
            "form": "monthly-report",
            "answers": answers,
            "at": AT - timedelta(days=35),
        }
