"""`/calendar/{token}.ics`: one person's dates, for a calendar program to fetch now and then.

The same date has the same UID as in our mails, so nothing stands there twice. Times are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from icalendar import Calendar, Event
from starlette.concurrency import run_in_threadpool

from mail.invite import PRODUCT, uid
from residency.documents import item_title
from residency.errors import ResidencyError
from residency.wire import Exit
from store.agenda import Date
from store.cohorts import CohortRow
from store.grants import Purpose
from store.people import Person
from store.shown import ResidencyRow, TaskRow
from web.door import Door, Visitor
from web.journeys import PRESENTATION, meeting_title, timetable
from web.links import PATHS
from web.titles import title_of
from web.told import rows_as_told
from web.typed import one, read_posted

TYPE: Final = "text/calendar; charset=utf-8"
AGAIN: Final = timedelta(hours=1)
"""How long a calendar program may keep what it has fetched."""

_BEFORE: Final = timedelta(minutes=30)
"""What is due stands in the half hour before."""
_GOES: Final = ("", Exit.COMPLETED, Exit.COMPLETED_EARLY, Exit.ENDED)
"""Ends after which the days of a residency are still worth having."""


def routes(door: Door) -> APIRouter:
    router = APIRouter()

    @router.api_route("/calendar/{token}.ics", methods=["GET", "HEAD"])
    def calendar(request: Request, token: str) -> Response:
        visitor = door.visitor(Purpose.CALENDAR, token)
        content = calendar_of(door, visitor.person)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        seconds = int(AGAIN.total_seconds())
        headers = {"Cache-Control": f"private, max-age={seconds}", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="residency.ics"'
        return Response(content, media_type=TYPE, headers=headers)

    @router.post("/me/{token}/calendar")
    async def subscribe(request: Request, token: str) -> Response:
        """Makes the address of somebody's calendar, which their page shows from then on."""
        agreed = one(await read_posted(request), "keep") == "yes"
        return await run_in_threadpool(_subscribe, door, token, agreed=agreed)

    return router


def _subscribe(door: Door, token: str, *, agreed: bool) -> Response:
    """Nothing is made for whoever did not say that they keep it to themselves: a scanner, perhaps."""
    visitor = door.visitor(Purpose.PERSON, token)
    if agreed:
        door.links.calendar(visitor.person.id)
    return RedirectResponse(f"{visitor.path}#calendar", status_code=303)


def subscription(door: Door, visitor: Visitor) -> dict[str, str]:
    """The addresses of the visitor's calendar, where they have asked for it; and where to ask."""
    found: dict[str, str] = {"ask": f"{visitor.path}/calendar", "https": "", "webcal": ""}
    grant = door.store.grants.standing(Purpose.CALENDAR, visitor.person.id, at=datetime.now(UTC))
    if grant is not None:
        path = PATHS[Purpose.CALENDAR].format(token=door.links.token(grant))
        found["https"] = door.links.base + path
        if door.links.base:
            found["webcal"] = f"webcal://{door.links.base.partition('://')[2]}{path}"
    return found


def calendar_of(door: Door, person: Person) -> bytes:
    """All dates of somebody, as iCalendar; the same dates give the same bytes."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", "Residency")
    calendar.add("REFRESH-INTERVAL", AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for event in _events(door, person):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(door: Door, person: Person) -> Iterator[Event]:
    documents = _Documents(door)
    for task in door.store.lists.tasks(person=person.id):
        if task.due is not None:
            yield _due(
                task, task.due, documents.of(task.definition), own=task.resident == person.id
            )
    meetings = door.store.agenda.meetings(person.id)
    for meeting in meetings:
        own = meeting.resident_name if meeting.resident_name != person.name else ""
        yield _meeting(meeting, documents.of(meeting.definition), who=own)
    theirs = door.store.lists.residencies(person=person.id)
    own_rows = [row for row in rows_as_told(door.store, person.id, theirs) if row.ended in _GOES]
    if not own_rows:
        return
    courses = door.store.agenda.courses([row.id for row in own_rows])
    cohorts = door.store.cohorts.some({row.cohort for row in own_rows})
    met = {(one.residency, one.item) for one in meetings}
    for row in own_rows:
        cohort = cohorts.get(row.cohort)
        entered = {str(event.data.get("stage") or "") for event in courses.get(row.id, [])}
        if cohort is None or "onboarding" not in entered:
            continue
        yield from _days(row, cohort, courses[row.id], documents.of(row.definition), met)


def _due(task: TaskRow, due: datetime, document: dict[str, Any], *, own: bool) -> Event:
    title = title_of(document, task.kind, item=task.item, round_=task.round)
    event = _begun(
        uid(task.residency, f"{task.kind}-{task.item}-{task.round}"),
        title if own else f"{title}: {task.resident_name}",
        task.opened,
        document,
    )
    event.add("SEQUENCE", task.revision)
    event.add("DTSTART", (due - _BEFORE).astimezone(UTC))
    event.add("DTEND", due.astimezone(UTC))
    event.add("TRANSP", "TRANSPARENT")
    return event


def _meeting(one: Date, document: dict[str, Any], *, who: str) -> Event:
    title = meeting_title(document, one.item)
    event = _begun(
        uid(one.residency, one.item), f"{title}: {who}" if who else title, one.at, document
    )
    event.add("SEQUENCE", one.sequence)
    event.add("DTSTART", one.at.astimezone(UTC))
    event.add("DTEND", one.at.astimezone(UTC) + timedelta(minutes=one.minutes))
    event.add("STATUS", "CANCELLED" if one.canceled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if one.canceled else "OPAQUE")
    return event


def _days(
    row: ResidencyRow,
    cohort: CohortRow,
    course: list[Any],
    document: dict[str, Any],
    met: set[tuple[str, str]],
) -> Iterator[Event]:
    """The first and last day, the ends of the milestones, and the presentation until it has a time."""
    for what, day in timetable(row, cohort, course).days().items():
        if what == PRESENTATION and (row.id, PRESENTATION) in met:
            continue
        title = _DAYS.get(what) or f"{item_title(document, what)} ends"
        event = _begun(
            uid(row.id, f"day-{what}"), title, row.started_at or cohort.created, document
        )
        event.add("DTSTART", day)
        event.add("DTEND", day + timedelta(days=1))
        event.add("TRANSP", "TRANSPARENT")
        yield event


_DAYS: Final = {"first-day": "First day", "last-day": "Last day", PRESENTATION: "Presentation"}


def _begun(uid_: str, summary: str, stamp: date | datetime, document: Mapping[str, Any]) -> Event:
    """`stamp` is an instant of the program, so that the same dates give the same bytes."""
    event = Event()
    event.add("UID", uid_)
    event.add("DTSTAMP", stamp.astimezone(UTC) if isinstance(stamp, datetime) else stamp)
    event.add("SUMMARY", summary)
    if name := str((document.get("program") or {}).get("name") or ""):
        event.add("DESCRIPTION", name)
    return event


class _Documents:
    """Definitions by hash; an unknown one has no titles."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def of(self, hash_: str) -> dict[str, Any]:
        try:
            return self._door.store.definitions.get(hash_)
        except ResidencyError:
            return {}
