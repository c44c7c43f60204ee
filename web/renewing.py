"""`/link`: "send me a new link". The answer is the same whoever asks for whom; the link goes by mail only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from mail.direct import HOUSE, About
from mail.facts import somebody
from residency.documents import zone_of
from residency.errors import ResidencyError
from store.ids import new
from store.people import email_key
from web.door import Door
from web.limiting import TOO_MANY_MAILS, Rate, client_of
from web.typed import one, read_posted

if TYPE_CHECKING:
    from store.people import Person

NOTICE: Final = "new-link"
LONGEST: Final = 320
"""Signs of an address."""
_log: Any = structlog.get_logger("web")


def routes(door: Door) -> APIRouter:
    router = APIRouter()

    @router.api_route("/link", methods=["GET", "HEAD"])
    def ask(request: Request) -> Response:
        return _form(door, request)

    @router.post("/link")
    async def asked(request: Request) -> Response:
        typed = one(await read_posted(request), "email").strip()[: LONGEST + 1]
        return await run_in_threadpool(_answer, door, request, typed)

    return router


def _answer(door: Door, request: Request, typed: str) -> Response:
    """The same page in the same time, whether there is anybody; the mail goes after it."""
    if not door.links.base:
        return _form(door, request)
    if "@" not in typed or len(typed) > LONGEST:
        error = "Please write your address, such as name@example.org."
        return _form(door, request, status=422, typed=typed, error=error)
    client = client_of(request.client.host if request.client else "")
    if not door.limits.takes(Rate.MAIL, client):
        wait = door.limits.wait(Rate.MAIL, client)
        page = _form(door, request, status=429, typed=typed, problem=TOO_MANY_MAILS)
        page.headers["Retry-After"] = str(wait)
        return page
    page = door.pages.show(request, "link-sent.html", typed=typed)
    page.background = BackgroundTask(send, door, typed)
    return page


def _form(
    door: Door,
    request: Request,
    *,
    status: int = 200,
    typed: str = "",
    error: str = "",
    problem: str = "",
) -> Response:
    """`error` is a fault of what was typed; a `problem` is none."""
    return door.pages.show(
        request,
        "link.html",
        status=status,
        typed=typed,
        error=error,
        problem=problem,
        mails=bool(door.links.base),
    )


def send(door: Door, email: str) -> int:
    """Sends everybody who has this address their link; how many there are.

    An address may be asked for a few times an hour; more is not sent, and nobody is told.
    """
    if not door.limits.takes(Rate.ADDRESS, email_key(email)):
        _log.info("web.new_link_limited")
        return 0
    try:
        people = door.store.people.all_by_email(email)
        for person in people:
            _send(door, person)
    except ResidencyError as error:
        _log.warning("web.new_link_not_sent", why=type(error).__name__)
        return 0
    return len(people)


def _send(door: Door, person: Person) -> None:
    document, cohort = _program(door, person)
    about = About(
        subject=person.id,
        document=document,
        cohort=cohort,
        link=door.links.person(person.id),
    )
    outcome = door.house.direct.send(
        NOTICE,
        somebody(person, zone=zone_of(document)),
        about,
        occurrence=new("a"),
    )
    _log.info("web.new_link", person=person.id, outcome=type(outcome).__name__)


def _program(door: Door, person: Person) -> tuple[dict[str, Any], str]:
    """The program that somebody has a part in, for the mail's look and its coordinator; and its cohort."""
    rows = door.store.lists.residencies(person=person.id)
    if not rows:
        appointed = door.store.lists.appointments(person=person.id, active_only=False)
        whole = door.store.lists.residency(appointed[-1][0]) if appointed else None
        rows = [whole.row] if whole is not None else []
    if not rows:
        cohort = door.store.cohorts.get(person.rehearsal) if person.rehearsal else None
        definition = cohort.definition if cohort else ""
        return _document(door, definition), cohort.id if cohort else ""
    return _document(door, rows[-1].definition), rows[-1].cohort


def _document(door: Door, definition: str) -> dict[str, Any]:
    try:
        return door.store.definitions.get(definition)
    except ResidencyError:
        return dict(HOUSE)
