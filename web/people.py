"""`/me/...`: a person's own page: their residency, what waits for them, what they have done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from acts import now_of, program_now
from mail.words import first_capital
from residency.documents import readable, zone_of
from residency.errors import ResidencyError
from residency.wire import Exit
from store.agenda import MANY
from store.grants import Purpose
from web.calendars import subscription
from web.door import DeadLinkError, Door, Visitor
from web.journeys import ENDS, Journey
from web.titles import cohort_called, title_of
from web.told import rows_as_told, whole_as_told

if TYPE_CHECKING:
    from store.agenda import Answered, Load, Part
    from store.people import Person
    from store.shown import ResidencyRow, TaskRow, Whole

MOST: Final = 100
"""So many waiting tasks are listed at most; those that are due first."""

MENTORED: Final = 50
"""So many residents of a mentor are listed at most; a page stays small enough for a phone."""

NEXT: Final = 3
"""So many coming dates are shown apart."""

COORDINATED: Final = "coordinators"
_MAILTO: Final = Markup('{}, <a href="mailto:{}">{}</a>')
_ROLES: Final = {
    "mentors": "Mentor",
    "reviewers": "Reviewer",
    "interviewers": "Interviewer",
    "panelists": "Panelist",
    COORDINATED: "Coordinator",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One residency of its own person, with all that their page shows of it."""

    whole: Whole
    journey: Journey
    document: dict[str, Any]
    now: datetime

    @property
    def row(self) -> ResidencyRow:
        return self.whole.row


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that somebody has a part in, as far as their page shows it."""

    own: list[ResidencyRow]
    waiting: list[TaskRow]
    parts: list[Part]
    load: Load
    answered: list[Answered]

    @property
    def is_one_residency(self) -> bool:
        """Whether there is nothing but their own residency."""
        ids = {row.id for row in self.own}
        seen = {one.residency for one in self.waiting} | {one.residency for one in self.answered}
        return len(self.own) == 1 and not self.parts and seen <= ids


def routes(door: Door) -> APIRouter:
    router = APIRouter()

    @router.api_route("/me/{token}", methods=["GET", "HEAD"])
    def me(request: Request, token: str) -> Response:
        """All that waits on a person; where they have just their own residency, that."""
        visitor = door.visitor(Purpose.PERSON, token)
        found = _found(door, visitor)
        if found.is_one_residency:
            return _residency(door, request, visitor, found.own[0].id)
        return _person(door, request, visitor, found)

    @router.api_route("/me/{token}/r/{residency}", methods=["GET", "HEAD"])
    def one(request: Request, token: str, residency: str) -> Response:
        return _residency(door, request, door.visitor(Purpose.PERSON, token), residency)

    return router


def _found(door: Door, visitor: Visitor) -> Found:
    store, person = door.store, visitor.person.id
    load = store.agenda.load(person)
    return Found(
        own=rows_as_told(store, person, store.lists.residencies(person=person)),
        waiting=store.lists.tasks(person=person, limit=MOST),
        parts=store.agenda.parts(person),
        load=load,
        answered=store.agenda.answered(person, lately=load.done >= MANY),
    )


def _person(door: Door, request: Request, visitor: Visitor, found: Found) -> Response:
    """The page of somebody who has a part in more than their own residency."""
    now = _now(door, visitor.person)
    mentored = [one for one in found.parts if one.role == "mentors"]
    documents = documents_of(door, [*found.own, *found.waiting, *found.answered, *found.parts])
    alone = next(iter(documents.values())) if len(documents) == 1 else None
    late = [one for one in found.waiting if one.due is not None and one.due < now]
    return door.pages.show(
        request,
        "me.html",
        document=alone,
        zone=visitor.person.zone or zone_of(alone or {}),
        now=now,
        visitor=visitor,
        lead=_lead(found.load, late=len(late), most=len(found.waiting)),
        roles=_roles(found.parts),
        mentored=[_mentored(visitor, one) for one in mentored[:MENTORED]],
        unlisted=max(len(mentored) - MENTORED, 0),
        own=[_own_row(visitor, row, documents) for row in found.own],
        waiting=[_waiting(visitor, one, documents, now) for one in found.waiting],
        more=max(found.load.open - len(found.waiting), 0),
        is_more=found.load.open >= MANY,
        lately=found.load.done >= MANY,
        history=[_answer(visitor, one, documents) for one in found.answered],
        is_cut=found.load.done > len(found.answered),
        has_part=bool(found.own or found.parts),
        calendar=subscription(door, visitor),
    )


def _residency(door: Door, request: Request, visitor: Visitor, residency: str) -> Response:
    """A resident's own residency; nobody else's."""
    place = place_of(door, visitor, residency)
    row, journey = place.row, place.journey
    mine = [task for task in place.whole.tasks if visitor.person.id in task.who]
    documents = {row.definition: place.document}
    owed = [one for one in mine if visitor.person.id in one.waiting and not row.ended]
    owed.sort(key=lambda one: (one.due is None, one.due))
    return door.pages.show(
        request,
        "me-residency.html",
        document=place.document,
        zone=visitor.person.zone or zone_of(place.document),
        now=place.now,
        visitor=visitor,
        row=row,
        words=place.document["program"]["words"],
        ended=ENDS[Exit(row.ended)] if row.ended else "",
        completed=row.ended in (Exit.COMPLETED, Exit.COMPLETED_EARLY),
        steps=journey.steps(),
        summary=journey.summary(),
        has_begun=journey.has_begun,
        coming=[(one.what, one.when) for one in journey.coming()[:NEXT]],
        owed=[_waiting(visitor, one, documents, place.now) | {"who": ""} for one in owed],
        track=_track(place),
        done=[
            _answer(visitor, one, documents) | {"who": ""}
            for one in door.store.agenda.done(visitor.person.id, residency)
        ],
        contacts=_contacts(door, place),
        calendar=subscription(door, visitor),
        here=visitor.path,
    )


def _track(place: Place) -> str:
    """The track's name, as the program says it."""
    tracks = place.document.get("titles", {}).get("tracks") or {}
    return str(tracks.get(place.row.track, place.row.track))


def place_of(door: Door, visitor: Visitor, residency: str) -> Place:
    """The visitor's own residency with that id. Raises DeadLinkError where they have none."""
    whole = door.store.lists.residency(residency)
    if whole is None or whole.row.person != visitor.person.id:
        raise DeadLinkError
    whole = whole_as_told(door.store, visitor.person.id, whole)
    cohort = door.store.cohorts.get(whole.row.cohort)
    if cohort is None:
        raise DeadLinkError
    document = door.store.definitions.get(whole.row.definition)
    now = program_now(door.store, whole.row)
    course = door.store.agenda.courses([residency]).get(residency, [])
    journey = Journey(whole, cohort, document, course, now=now)
    return Place(whole=whole, journey=journey, document=document, now=now)


def documents_of(door: Door, rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """The definitions that these speak of; each is read once in a process's life."""
    found = {}
    for hash_ in dict.fromkeys(row.definition for row in rows):
        try:
            found[hash_] = door.store.definitions.get(hash_)
        except ResidencyError:
            continue
    return found


def task_path(visitor: Visitor, residency: str, key: str) -> str:
    return f"{visitor.path}/task/{residency}/{key.replace('/', '~')}"


# What the templates are given


def _now(door: Door, person: Person) -> datetime:
    """The program's time for somebody: the clock of the rehearsal they are of, if any."""
    return now_of(door.store.cohorts.get(person.rehearsal) if person.rehearsal else None)


def _lead(load: Load, *, late: int, most: int) -> str:
    """3 tasks wait for you, 1 of them late. You have answered 30 so far.

    `late` of the `most` that are due first: where all of those are late, more may be.
    """
    waits = "1 task waits for you" if load.open == 1 else f"{_many(load.open)} tasks wait for you"
    told = waits if load.open else "Nothing waits for you; when something does, a mail tells you"
    if late:
        said = f"{late} or more" if late == most < load.open else str(late)
        told += f", {said} of them late" if load.open > 1 else ", and is late"
    return f"{told}. You have answered {_many(load.done)} so far." if load.done else f"{told}."


def _many(number: int) -> str:
    return f"{number:,} or more" if number >= MANY else str(number)


def _roles(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Each role with how many: Reviewer, of 3. Mentors see whose."""
    counted = Counter(one.role for one in parts if one.role != "mentors")
    return [
        (
            _ROLES.get(role, first_capital(readable(role))),
            "of 1 person" if number == 1 else f"of {number} people",
        )
        for role, number in counted.items()
    ]


def _mentored(visitor: Visitor, one: Part) -> dict[str, str]:
    """A resident of theirs, with where they are."""
    return {
        "name": one.resident_name,
        "stage": first_capital(readable(one.stage)),
        "part": "Lead mentor" if one.place == 0 else "Co-mentor",
        "concern": f"{visitor.path}/concern/{one.residency}",
    }


def _program(documents: Mapping[str, Mapping[str, Any]], definition: str) -> str:
    return str((documents.get(definition) or {"program": {"name": ""}})["program"]["name"])


def _title(documents: Mapping[str, dict[str, Any]], one: TaskRow | Answered) -> str:
    document = documents.get(one.definition, {})
    return title_of(document, one.kind, item=one.item, round_=one.round)


def _waiting(
    visitor: Visitor, one: TaskRow, documents: Mapping[str, dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """A row of `task_list`."""
    own = one.resident == visitor.person.id
    several = len(documents) > 1
    who = [] if own else [one.resident_name]
    who += [_program(documents, one.definition)] if several else []
    return {
        "title": _title(documents, one),
        "href": task_path(visitor, one.residency, one.key),
        "who": ", ".join(each for each in who if each),
        "due": one.due,
        "late": one.due is not None and one.due < now,
    }


def _answer(
    visitor: Visitor, one: Answered, documents: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """A line of what somebody did."""
    return {
        "title": _title(documents, one),
        "href": task_path(visitor, one.residency, one.key),
        "who": one.resident_name,
        "outcome": _outcome(one.outcome),
        "at": one.at,
        "note": "" if one.actor in ("", visitor.person.id) else "Recorded for you",
    }


def _outcome(outcome: str) -> str:
    """What was answered, where that says more than that it was."""
    return "" if outcome in ("", "done") else first_capital(readable(outcome))


def _own_row(
    visitor: Visitor, row: ResidencyRow, documents: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A line of `task_list` for a residency of their own."""
    standing = ENDS[Exit(row.ended)] if row.ended else f"Now: {readable(row.stage)}"
    return {
        "title": f"{_program(documents, row.definition)} {cohort_called(row)}".strip(),
        "href": f"{visitor.path}/r/{row.id}",
        "who": "",
        "note": standing,
        "due": row.next_due,
        "late": False,
    }


def _contacts(door: Door, place: Place) -> list[tuple[str, Markup]]:
    """Role, name and address of whoever can be asked: mentors once there are any, coordinators."""
    whole = place.whole
    mentors = whole.role("mentors") if place.journey.has_begun else []
    cohort = door.store.cohorts.get(place.row.cohort)
    coordinators = whole.role(COORDINATED) or (list(cohort.coordinators) if cohort else [])
    known = whole.people | door.store.people.many(coordinators)
    found = [
        ("Lead mentor" if place_ == 0 and len(mentors) > 1 else "Mentor", one)
        for place_, one in enumerate(mentors)
    ]
    found += [("Coordinator", one) for one in coordinators]
    return [
        (
            role,
            _MAILTO.format(known[one].name, quote(known[one].email, safe="@+"), known[one].email),
        )
        for role, one in found
        if one in known
    ]
