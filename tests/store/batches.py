"""Makes what the store's tests write: events, batches, people, cohorts, letters."""

from datetime import UTC, date, datetime, timedelta

from residency.wire import Batch, Event, Letter, Tag
from store.cohorts import CohortRow, Member
from store.mails import Mail
from store.people import Person

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
R = "r-aaaaaaaa"
REPORT = "milestones/report/m1/1"


def event(seq, tag, *, task="", actor="", action="", submission="", **data):
    return Event(
        seq=seq,
        at=AT + timedelta(minutes=seq),
        tag=tag,
        task=task,
        actor=actor,
        action=action,
        submission=submission,
        data=data,
    )


def batch(*told, residency=R, history=None, run=0, first=None, next_at=None):
    """A batch; its history grows with its sequence, unless it is said."""
    start = first if first is not None else told[0].seq
    return Batch(
        residency=residency,
        first=start,
        events=list(told),
        run=run,
        history=history if history is not None else 10 * start,
        next_at=next_at,
    )


def started(seq=1, *, cohort="c-aaaaaaaa", person="p-resident", **data):
    return event(
        seq,
        Tag.STARTED,
        program="hf",
        cohort=cohort,
        person=person,
        definition="d1",
        first="2026-02-01",
        last="2026-10-31",
        **data,
    )


def opened(seq, key=REPORT, *, who="p-resident", rule="any", due=AT, **data):
    _, kind, item, number = key.split("/")
    told = {"kind": kind, "round": int(number), "who": who, "rule": rule, "form": "report"}
    if item:
        told["item"] = item
    return event(seq, Tag.OPENED, task=key, due=due.isoformat(), **told, **data)


def person(who, *, email=None, **more):
    values = {"name": f"Name {who}", "given_name": who, "email": email or f"{who}@example.org"}
    return Person(id=who, **values | more)


def cohort(known="c-aaaaaaaa", *, name="2026", **more):
    values = {"program": "hf", "definition": "d1", "first_day": date(2026, 2, 1), "seats": 2}
    return CohortRow(id=known, name=name, **values | {"coordinators": ["p-coord"]} | more)


def open_cohort(store, *, role="reviewers", people=(), **more):
    """A cohort with a pool; `people` are (id, most, tracks)."""
    row = cohort(**more)
    pool = []
    for place, (who, most, tracks) in enumerate(people):
        store.people.add(person(who))
        pool.append(Member(role=role, person=who, place=place, most=most, tracks=list(tracks)))
    store.cohorts.open(row, pool)
    return row


def letter(notice="reminder", *, to="p-resident", occurrence="o1"):
    return Letter(notice=notice, to=to, occurrence=occurrence, at=AT, data={"late_days": 3})


def mail(occurrence="o1", *, notice="reminder", receiver="p-resident", subject=R, **more):
    values = {"cohort": "c-aaaaaaaa", "at": AT}
    return Mail(
        subject=subject,
        notice=notice,
        occurrence=occurrence,
        receiver=receiver,
        letter=letter(notice, to=receiver, occurrence=occurrence),
        **values | more,
    )
