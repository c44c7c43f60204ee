"""Reads from the store all that the letters of one post can speak of, in a few small queries.

Every mail pays for these reads, so they ask for what a mail needs and no more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, select

from mail.context import Facts, Somebody, people_in, submissions_in
from residency.documents import zone_of
from residency.wire import Post, Tag
from store import Store
from store.people import Person
from store.tables import appointments, cohorts, events, residencies, tasks

MEETINGS: Final = ("interview-", "presentation-")
"""What the notices of meetings begin with."""

_OF: Final[BindParameter[str]] = bindparam("residency")
_ROW: Final = (
    select(
        residencies.c.person,
        residencies.c.definition,
        residencies.c.cohort,
        residencies.c.first_day,
        residencies.c.last_day,
        residencies.c.rehearsal,
        cohorts.c.name.label("cohort_name"),
        cohorts.c.coordinators,
        cohorts.c.plan,
    )
    .outerjoin(cohorts, cohorts.c.id == residencies.c.cohort)
    .where(residencies.c.id == _OF)
)
_ROLES: Final = (
    select(appointments.c.role, appointments.c.person)
    .where(
        appointments.c.residency == _OF,
        appointments.c.role.in_(["mentors", "coordinators"]),
        appointments.c.item == "",
        appointments.c.active,
    )
    .order_by(appointments.c.role, appointments.c.place)
)
_CLOSED: Final = select(tasks.c.key, tasks.c.closed_at).where(
    tasks.c.residency == _OF, tasks.c.closed_at.is_not(None)
)


def read_facts(store: Store, post: Post) -> Facts | None:
    """The facts of a post; None where its residency is gone (a rehearsal that was discarded).

    Raises ResidencyError where its definition is not kept, UnavailableError without a database.
    """
    with store.database.reading() as connection:
        row = connection.execute(_ROW, {"residency": post.residency}).one_or_none()
        if row is None:
            return None
        roles = _roles(connection, post.residency)
        closed = _closed(connection, post)
    document = store.definitions.get(post.definition or row.definition)
    coordinators = roles.get("coordinators") or row.coordinators or []
    mentors = roles.get("mentors", [])
    meetings = {each.item for each in post.letters if each.notice.startswith(MEETINGS)}
    parties = {item: _party(store, post, item, row.person, mentors) for item in meetings}
    invited = {each for party in parties.values() for each in party}
    wanted = people_in(post.letters) | {row.person, *coordinators, *mentors, *invited}
    zone = zone_of(document)
    submissions, forms = _submissions(store, post)
    return Facts(
        residency=post.residency,
        person=row.person,
        document=document,
        people={
            each: somebody(person, zone=zone)
            for each, person in store.people.many(sorted(wanted)).items()
        },
        coordinators=coordinators,
        mentors=mentors,
        first_day=row.first_day,
        last_day=row.last_day,
        holidays=_holidays(row.plan or {}),
        cohort=row.cohort,
        rehearsal=row.cohort_name or row.cohort if row.rehearsal else "",
        closed=closed,
        submissions=submissions,
        forms=forms,
        parties=parties,
        places={item: _place(store, post, item) for item in meetings},
    )


def _party(
    store: Store, post: Post, item: str, person: str, mentors: Sequence[str]
) -> Sequence[str]:
    """Everybody who takes part in a meeting: the person first, as the invitations go out."""
    role, about = ("panelists", "") if item == "presentation" else ("interviewers", item)
    query = (
        select(appointments.c.person)
        .where(
            appointments.c.residency == post.residency,
            appointments.c.role == role,
            appointments.c.item == about,
            appointments.c.active,
        )
        .order_by(appointments.c.place)
    )
    with store.database.reading() as connection:
        others = connection.execute(query).scalars().all()
    return [person, *others, *(mentors if item == "presentation" else [])]


def _place(store: Store, post: Post, item: str) -> Mapping[str, Any]:
    """What the last schedule or move of a meeting that said a place said of it."""
    query = (
        select(events.c.submission, events.c.data)
        .where(
            events.c.residency == post.residency,
            events.c.void == 0,
            events.c.tag == Tag.MEETING,
            events.c.submission != "",
        )
        .order_by(events.c.seq.desc())
    )
    with store.database.reading() as connection:
        found = [row.submission for row in connection.execute(query) if row.data["item"] == item]
    for each in found:
        kept = store.submissions.get(each)
        if kept is not None and (kept.answers.get("place") or kept.answers.get("link")):
            return kept.answers
    return {}


def _roles(connection: Connection, residency: str) -> Mapping[str, Sequence[str]]:
    """Who has a role in it, the lead first."""
    held = dict[str, list[str]]()
    for role, person in connection.execute(_ROLES, {"residency": residency}):
        held.setdefault(role, []).append(person)
    return held


def _closed(connection: Connection, post: Post) -> dict[str, datetime]:
    """When tasks were closed; asked only where a letter is later than its moment."""
    if all(letter.at >= post.now for letter in post.letters):
        return {}
    found = connection.execute(_CLOSED, {"residency": post.residency}).all()
    return {row.key: row.closed_at for row in found}


def _submissions(store: Store, post: Post) -> tuple[dict[str, Mapping[str, Any]], dict[str, str]]:
    """Answers with the reason among them, and the forms they were given in."""
    kept = [store.submissions.get(each) for each in sorted(submissions_in(post.letters))]
    found = [one for one in kept if one is not None]
    answers = {one.id: one.answers | ({"reason": one.text} if one.text else {}) for one in found}
    return dict(answers), {one.id: one.form for one in found}


def somebody(person: Person, *, zone: str = "UTC") -> Somebody:
    """A person as mails know them; `zone` is the program's, for whoever has none."""
    return Somebody(
        id=person.id,
        name=person.name,
        given_name=person.given_name,
        email=person.email,
        zone=person.zone or zone,
        locale=person.locale or "en",
        paused=person.paused,
    )


def _holidays(plan: Mapping[str, Any]) -> frozenset[date]:
    """The holidays of program and cohort, as the plan has them."""
    listed = plan.get("holidays") or []
    return frozenset(date.fromisoformat(str(day)) for day in listed)
