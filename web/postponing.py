"""`.../later`: "I can't by then". Whoever has a task asks a coordinator for another date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from acts import Click, do, reason
from residency.dates import zone_named
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.wire import Act
from store.ids import derived, new
from web.asking import DAY, REASON, Asked, own_field
from web.door import Door
from web.given import Given, read, typed_of
from web.receipts import not_now, refused_sentence
from web.scenes import Scene
from web.typed import one, read_posted

Find = Callable[[Door, Request], Scene]

ASKED: Final = Asked(
    extras=(
        own_field(DAY, "Until when could you do it?", "date"),
        own_field(
            REASON,
            "Why?",
            "text",
            readers=["coordinators"],
            length=5_000,
        ),
    ),
    needs={"": frozenset({DAY, REASON})},
)


def add_routes(router: APIRouter, door: Door, find: Find) -> None:
    """Adds the page below both of a task's addresses."""

    def show(request: Request) -> Response:
        return _page(door, request, find(door, request), {})

    async def send(request: Request) -> Response:
        posted = await read_posted(request)
        scene = await run_in_threadpool(find, door, request)
        typed = typed_of(ASKED, posted)
        given = read(scene, ASKED, typed)
        errors = {**given.errors, **_no_later(scene, given)}
        if errors or not scene.may_ask_later:
            status = 422 if scene.may_ask_later else 200
            return await run_in_threadpool(
                _page, door, request, scene, typed, errors=errors, status=status
            )
        return await _ask(door, request, scene, given, page=one(posted, "page")[:64])

    for base in ("/t/{token}", "/me/{token}/task/{residency}/{key}"):
        router.add_api_route(f"{base}/later", show, methods=["GET", "HEAD"])
        router.add_api_route(f"{base}/later", send, methods=["POST"])


def _no_later(scene: Scene, given: Given) -> dict[str, str]:
    due = scene.task.due
    if DAY not in given.values or due is None:
        return {}
    last = due.astimezone(zone_named(scene.program_zone))
    meant = date.fromisoformat(given.values[DAY])
    is_end_of_day = (last.hour, last.minute) == (0, 0)
    if meant > last.date() or (meant == last.date() and is_end_of_day):
        return {}
    return {DAY: "That is no later than it is due already."}


async def _ask(door: Door, request: Request, scene: Scene, given: Given, *, page: str) -> Response:
    values = given.values
    parts = (scene.person, scene.row.id, scene.task.key, page, values[DAY], values[REASON])
    action = derived("a", *parts)
    why = reason(values[REASON], key=f"{action}/{scene.row.id}", person=scene.person)
    act = Act(
        id=action,
        verb="ask-later",
        actor=scene.person,
        page=True,
        task=scene.task.key,
        who=[scene.person],
        day=date.fromisoformat(values[DAY]),
        reason=why.id,
    )
    click = Click(residency=scene.row.id, act=act, written=[why], at=scene.now)
    problem, status = None, 200
    try:
        await do(await door.residencies(), click)
    except RefusedError as error:
        problem, status = (
            ("It could not be asked", refused_sentence(error.code, row=scene.row)),
            409,
        )
    except (UnavailableError, UnconfirmedError) as error:
        problem, status = not_now(error), 503
    return await run_in_threadpool(
        _page,
        door,
        request,
        scene,
        given.typed,
        problem=problem,
        status=status,
        page=page if status != 409 else "",
        is_asked=problem is None,
    )


def _page(
    door: Door,
    request: Request,
    scene: Scene,
    typed: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    problem: tuple[str, str] | None = None,
    status: int = 200,
    page: str = "",
    is_asked: bool = False,
) -> Response:
    return door.pages.show(
        request,
        "task-later.html",
        status=status,
        document=scene.document,
        zone=scene.zone,
        now=scene.now,
        visitor=scene.visitor,
        scene=scene,
        title=scene.title,
        here=scene.here,
        asked=ASKED,
        typed=typed,
        errors=errors or {},
        problem=problem,
        page=page or new("a"),
        is_asked=is_asked,
        coordinators=scene.names(scene.cohort.coordinators).replace(" and ", " or ")
        or "A coordinator",
    )
