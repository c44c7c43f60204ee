"""`/apply/...` and `/a/...`: the application page of a cohort, and an application by its mailed link.

Whoever writes one has not shown yet that the address is theirs. So what they typed is kept, a link
goes to that address, and only whoever opens it there can confirm the address, go on, and send.
A link whose grant is a cohort's leads to the page of a rehearsal, which nobody else finds.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from intake import address_faults
from residency.errors import ResidencyError
from store.applications import Application
from store.grants import Purpose
from store.ids import derived, new
from web.callpages import closed, form, show, takes
from web.calls import Call, FaultyError, Typed, address_said, call_of
from web.door import DeadLinkError, Door
from web.drafting import Linked
from web.inviting import write_again, write_first
from web.limiting import TOO_MANY_MAILS, Rate, client_of
from web.links import PATHS
from web.typed import Posted, one, read_posted

PATIENCE: Final = 10.0
"""Seconds that somebody who sends waits for their residency to begin; it begins later otherwise."""

_log: Any = structlog.get_logger("web")


def routes(door: Door) -> APIRouter:
    router = APIRouter()
    public, linked = Public(door), Linked(door)

    @router.api_route("/apply/{program}/{cohort}", methods=["GET", "HEAD"])
    def page(request: Request, program: str, cohort: str) -> Response:
        return public.show(request, _called(door, program, cohort))

    @router.post("/apply/{program}/{cohort}")
    async def begin(request: Request, program: str, cohort: str) -> Response:
        posted = await read_posted(request)
        call = await run_in_threadpool(_called, door, program, cohort)
        return await run_in_threadpool(public.begin, request, call, posted)

    @router.api_route("/a/{token}", methods=["GET", "HEAD"])
    def kept(request: Request, token: str) -> Response:
        found = _linked(door, token)
        if isinstance(found, Call):
            return public.show(request, found)
        return linked.show(request, found, path=_path(token))

    @router.post("/a/{token}")
    async def go_on(request: Request, token: str) -> Response:
        posted = await read_posted(request)
        found = await run_in_threadpool(_linked, door, token)
        if isinstance(found, Call):
            return await run_in_threadpool(public.begin, request, found, posted)
        answer = await run_in_threadpool(linked.take, request, found, posted, path=_path(token))
        if isinstance(answer, Application):
            await _started(door, answer)
            return RedirectResponse(_path(token), status_code=303)
        return answer

    return router


def _called(door: Door, program: str, cohort: str) -> Call | None:
    row = door.store.cohorts.by_name(program, cohort)
    return call_of(door.store, row) if row is not None else None


def _linked(door: Door, token: str) -> Call | Application:
    """What a link leads to: an application, or the call of a rehearsal. Raises DeadLinkError."""
    grant = door.links.read(Purpose.APPLICATION, token)
    subject = grant.person if grant is not None else ""
    row = door.store.cohorts.get(subject) if subject.startswith("c-") else None
    if row is not None and row.rehearsal:
        return call_of(door.store, row)
    application = door.store.applications.get(subject)
    if application is None:
        raise DeadLinkError
    return application


def _path(token: str) -> str:
    return PATHS[Purpose.APPLICATION].format(token=token)


async def _started(door: Door, application: Application) -> None:
    """Starts the residency of what is sent already; what can't begin now begins later (worker.py)."""
    try:
        start = await run_in_threadpool(door.house.intake.taken, application)
        async with asyncio.timeout(min(PATIENCE, door.house.settings.record_timeout)):
            await (await door.residencies()).start(start)
    except (ResidencyError, TimeoutError) as error:
        told = {"residency": application.residency, "why": type(error).__name__}
        _log.warning("web.application_waits", **told)


class Public:
    """The page that everybody may open."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def show(self, request: Request, call: Call | None) -> Response:
        if call is None or not takes(self._door, call):
            return closed(self._door, request, call)
        return form(self._door, request, call, typed=None, nonce=new("d"))

    def begin(self, request: Request, call: Call | None, posted: Posted) -> Response:
        """Keeps what was typed and writes to the address; the answer tells nothing about it."""
        if call is None or not takes(self._door, call):
            return closed(self._door, request, call, late=True)
        step, typed = one(posted, "step"), call.read(posted)
        nonce = one(posted, "draft")[:64] or new("d")
        if step == "link":
            typed = replace(typed, email=one(posted, "again").strip()[:321])
            faults = _address_faults("again", typed.email)
        else:
            faults = _faults(call, typed, step)
        if faults:
            return form(self._door, request, call, typed=typed, nonce=nonce, faults=faults)
        client = client_of(request.client.host if request.client else "")
        if not self._door.limits.takes(Rate.MAIL, client):
            return self._too_often(request, call, typed, nonce, client)
        if step == "link":
            task = BackgroundTask(write_again, self._door, call, typed.email)
        else:
            kept = self._keep(call, typed, nonce)
            task = BackgroundTask(write_first, self._door, call, kept)
        page = show(
            self._door,
            request,
            call,
            "apply-mailed.html",
            zone=typed.zone,
            email=typed.email,
            step=step,
        )
        page.background = task
        return page

    def _too_often(
        self, request: Request, call: Call, typed: Typed, nonce: str, client: str
    ) -> Response:
        page = form(self._door, request, call, typed=typed, nonce=nonce, problem=TOO_MANY_MAILS)
        page.status_code = 429
        page.headers["Retry-After"] = str(self._door.limits.wait(Rate.MAIL, client))
        return page

    def _keep(self, call: Call, typed: Typed, nonce: str) -> Application:
        """What was typed is kept before the page says so, whatever the address: whether a mail goes,
        and which, comes after the answer.
        """
        typed, _ = call.fitting(typed)
        return self._door.store.applications.begin(
            Application(
                id=derived("d", call.row.id, typed.email.casefold(), nonce),
                cohort=call.row.id,
                email=typed.email,
                given=typed.given,
                identity=dict(typed.identity),
                locale=typed.locale,
                zone=typed.zone,
                created=call.now,
                changed=call.now,
            )
        )


def _faults(call: Call, typed: Typed, step: str) -> dict[str, str]:
    """What hinders: to be checked it must be whole, to be kept it needs its address alone."""
    if step == "check":
        try:
            call.checked(typed)
        except FaultyError as error:
            return error.faults
        return {}
    _, too_long = call.fitting(typed)
    return _address_faults("email", typed.email) | too_long


def _address_faults(name: str, email: str) -> dict[str, str]:
    faults = address_faults(email)
    return {name: address_said(email, faults[0])} if faults else {}
