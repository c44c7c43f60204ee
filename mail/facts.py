"""Reads from the store all that the letters of one post can speak of, in a handful of queries."""

from datetime import date
from typing import Any

from mail.context import Facts, Somebody, people_in, submissions_in
from residency.wire import Post
from store import Store
from store.cohorts import CohortRow
from store.lists import Whole
from store.people import Person


def read_facts(store: Store, post: Post) -> Facts | None:
    """The facts of a post; None where its residency is gone (a rehearsal that was discarded).

    Raises ResidencyError where its definition is not kept, UnavailableError without a database.
    """
    whole = store.lists.residency(post.residency)
    if whole is None:
        return None
    cohort = store.cohorts.get(whole.row.cohort)
    document = store.definitions.get(post.definition)
    coordinators = whole.role("coordinators") or (cohort.coordinators if cohort else [])
    wanted = people_in(post.letters) | set(coordinators)
    people = whole.people | store.people.many(wanted - set(whole.people))
    zone = str(document["program"].get("time_zone") or "UTC")
    kept = {each: store.submissions.get(each) for each in sorted(submissions_in(post.letters))}
    found = {each: one for each, one in kept.items() if one is not None}
    return Facts(
        residency=post.residency,
        person=whole.row.person,
        document=document,
        people={each: _somebody(person, zone) for each, person in people.items()},
        coordinators=coordinators,
        mentors=whole.role("mentors"),
        first_day=whole.row.first_day,
        last_day=whole.row.last_day,
        holidays=_holidays(cohort),
        cohort=whole.row.cohort,
        rehearsal=whole.row.cohort_name if whole.row.rehearsal else "",
        closed=_closed(whole),
        submissions={
            each: {**one.answers, **({"reason": one.text} if one.text else {})}
            for each, one in found.items()
        },
        forms={each: one.form for each, one in found.items()},
    )


def _somebody(person: Person, zone: str) -> Somebody:
    return Somebody(
        id=person.id,
        name=person.name,
        given_name=person.given_name,
        email=person.email,
        zone=person.zone or zone,
        locale=person.locale or "en",
        paused=person.paused,
    )


def _closed(whole: Whole) -> dict[str, Any]:
    return {task.key: task.closed_at for task in whole.tasks if task.closed_at is not None}


def _holidays(cohort: CohortRow | None) -> frozenset[date]:
    """The holidays of program and cohort, as the plan has them."""
    listed = cohort.plan.get("holidays") or [] if cohort else []
    return frozenset(date.fromisoformat(str(day)) for day in listed)
