"""`/t/...` and `/me/.../task/...`: one page per task, whatever its kind.

GET shows it and changes nothing. POST has three steps: `save` keeps a draft, `check` shows exactly what
will be recorded, `confirm` records it, once, however often it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from acts import Click, do
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.wire import Act, Said, State
from store.grants import Purpose
from store.ids import derived, new
from web import addresses, postponing
from web.asking import ANSWER, EMAIL, Asked, asked_of, is_typed
from web.before import before
from web.door import Door
from web.evidence import earlier, must_be_read_over, own_answers
from web.given import (
    SURE,
    Given,
    click_of,
    confirm_faults,
    pairs,
    read,
    to_type,
    typed_of,
    with_address,
)
from web.leads import said_of
from web.parts import beside, fault
from web.receipts import (
    UNCONFIRMED,
    next_of,
    not_now,
    recorded_pairs,
    refused_sentence,
    state_of,
    then_of,
)
from web.scenes import Scene, scene_of
from web.typed import Posted, fitting, one, read_posted, said
from web.untaken import sent_of, typed_pairs, untaken

PAGE: Final = "page"
"""The hidden field that holds the id of a page, made when it is shown."""

_log: Any = structlog.get_logger("web")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page with its form, as far as something was typed. `problem` is a title and a sentence."""

    typed: Mapping[str, Any] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: tuple[str, str] | None = None
    told: tuple[str, str] | None = None
    page: str = ""
    kept_at: datetime | None = None
    status: int = 200


def routes(door: Door) -> APIRouter:
    router = APIRouter()

    def show(request: Request) -> Response:
        return task_page(door, request, find(door, request))

    async def send(request: Request) -> Response:
        posted = await read_posted(request)
        scene = await run_in_threadpool(find, door, request)
        return await _answer(door, request, scene, posted)

    async def undo(request: Request) -> Response:
        posted = await read_posted(request)
        scene = await run_in_threadpool(find, door, request)
        return await _undo(door, request, scene, posted)

    def undo_page(request: Request) -> Response:
        return task_page(door, request, find(door, request))

    for base in ("/t/{token}", "/me/{token}/task/{residency}/{key}"):
        router.add_api_route(base, show, methods=["GET", "HEAD"])
        router.add_api_route(base, send, methods=["POST"])
        router.add_api_route(f"{base}/undo", undo_page, methods=["GET", "HEAD"])
        router.add_api_route(f"{base}/undo", undo, methods=["POST"])
    postponing.add_routes(router, door, find)
    return router


def find(door: Door, request: Request) -> Scene:
    """The task that a request is about. Raises DeadLinkError where it is not its holder's (now)."""
    given = request.path_params
    if "key" in given:
        visitor = door.visitor(Purpose.PERSON, given["token"])
        residency, key = given["residency"], given["key"].replace("~", "/")
        here = f"{visitor.path}/task/{residency}/{given['key']}"
    else:
        visitor = door.visitor(Purpose.TASK, given["token"])
        residency, key, here = visitor.grant.residency, visitor.grant.task, visitor.path
    return scene_of(door, visitor, residency, key, here=here)


# Answering


async def _answer(door: Door, request: Request, scene: Scene, posted: Posted) -> Response:
    step = one(posted, "step")
    asked = asked_of(scene)
    typed = typed_of(asked, posted)
    page = one(posted, PAGE)[:64] or new("a")
    if not scene.may_answer and not scene.may_comment:
        shown = _not_taken(scene, asked, typed, page)
        return await run_in_threadpool(task_page, door, request, scene, shown)
    if step == "save":
        return await run_in_threadpool(_save, door, request, scene, typed)
    if step == "edit":
        return await run_in_threadpool(_form, door, request, scene, asked, Shown(typed=typed))
    given = await run_in_threadpool(with_address, door.store, scene, read(scene, asked, typed))
    if given.errors:
        shown = Shown(typed=typed, errors=given.errors, status=422)
        return await run_in_threadpool(_form, door, request, scene, asked, shown)
    must_be_sure = await run_in_threadpool(must_be_read_over, door.store, scene, given)
    if step != "confirm":
        return _check(door, request, scene, given, Shown(page=page), must_be_sure=must_be_sure)
    if faults := confirm_faults(scene, given, posted, must_be_sure=must_be_sure):
        shown = Shown(errors=faults, page=page, status=422)
        return _check(door, request, scene, given, shown, must_be_sure=must_be_sure)
    return await _record(door, request, scene, given, page=page)


async def _record(
    door: Door, request: Request, scene: Scene, given: Given, *, page: str
) -> Response:
    click = click_of(scene, given, page=page)
    try:
        said = await do(await door.residencies(), click)
    except RefusedError as error:
        _log.info("web.refused", residency=scene.row.id, code=error.code)
        return await run_in_threadpool(_refused, door, request, scene, given, error)
    except (UnavailableError, UnconfirmedError) as error:
        _log.warning("web.not_done", residency=scene.row.id, why=type(error).__name__)
        problem = not_now(error)
        must_be_sure = await run_in_threadpool(_keep, door, scene, given.typed)
        shown = Shown(problem=problem, page=page, status=503)
        return _check(door, request, scene, given, shown, must_be_sure=must_be_sure)
    if said.code == "again":
        return await run_in_threadpool(_again, door, request, scene, given, page)
    return await run_in_threadpool(_receipt, door, request, scene, given, click, said)


def _refused(
    door: Door, request: Request, scene: Scene, given: Given, error: RefusedError
) -> Response:
    """The page as it is by now, with what was typed and why it was refused."""
    now = _reread(door, scene)
    problem = ("It could not be recorded", refused_sentence(error.code, row=now.row))
    return task_page(door, request, now, Shown(typed=given.typed, problem=problem, status=409))


def _not_taken(scene: Scene, asked: Asked, typed: Mapping[str, Any], page: str) -> Shown:
    """What was typed where the task is answered already, unless that is what was recorded."""
    lost = untaken(scene, asked, typed, page=page)
    return Shown(typed=lost, status=409 if lost else 200)


def _reread(door: Door, scene: Scene) -> Scene:
    return scene_of(door, scene.visitor, scene.row.id, scene.task.key, here=scene.here)


def _save(door: Door, request: Request, scene: Scene, typed: Mapping[str, Any]) -> Response:
    """Keeps a draft, of each answer as much as its field takes; nothing where nothing was typed."""
    asked = asked_of(scene)
    if not any(typed.values()):
        problem = ("Nothing to keep yet", "Write something first.")
        return _form(door, request, scene, asked, Shown(typed=typed, problem=problem))
    fits, too_long = fitting(asked.inputs, typed)
    kept = {**typed, **fits}
    fields = {name: asked.inputs[name] for name in too_long}
    errors = {name: beside(fault(field, typed[name]), field) for name, field in fields.items()}
    draft = door.store.drafts.get(scene.person, scene.row.id, scene.task.key)
    if draft is not None and said(draft[0]) == said(kept):
        kept_at = draft[1]
    else:
        kept_at = scene.now
        door.store.drafts.put(scene.person, scene.row.id, scene.task.key, kept, at=kept_at)
    shown = Shown(typed=typed, errors=errors, kept_at=kept_at, status=422 if errors else 200)
    return _form(door, request, scene, asked, shown)


def _keep(door: Door, scene: Scene, typed: Mapping[str, Any]) -> bool:
    """Keeps what can't be sent now as a draft; whether there is one."""
    try:
        door.store.drafts.put(scene.person, scene.row.id, scene.task.key, dict(typed), at=scene.now)
    except UnavailableError:
        _log.warning("web.draft_not_kept", residency=scene.row.id)
        return False
    return True


# Taking back


async def _undo(door: Door, request: Request, scene: Scene, posted: Posted) -> Response:
    if not scene.may_undo:
        return await run_in_threadpool(task_page, door, request, scene)
    if one(posted, SURE) != "yes":
        shown = Shown(errors={SURE: "Please say that you want it open again."}, status=422)
        return await run_in_threadpool(task_page, door, request, scene, shown)
    act = Act(
        id=derived("a", scene.person, scene.row.id, scene.task.key, one(posted, PAGE)[:64], "undo"),
        verb="undo",
        actor=scene.person,
        page=True,
        task=scene.task.key,
    )
    click = Click(residency=scene.row.id, act=act, written=[], at=scene.now)
    try:
        await do(await door.residencies(), click)
    except RefusedError as error:
        problem = ("It could not be taken back", refused_sentence(error.code, row=scene.row))
        return await run_in_threadpool(
            task_page, door, request, scene, Shown(problem=problem, status=409)
        )
    except (UnavailableError, UnconfirmedError) as error:
        problem = not_now(error)
        shown = Shown(problem=problem, status=503)
        return await run_in_threadpool(task_page, door, request, scene, shown)
    return await run_in_threadpool(_opened_again, door, request, scene)


def _opened_again(door: Door, request: Request, scene: Scene) -> Response:
    """The form with what was answered before, as a draft."""
    event = scene.told(scene.task.key).get(scene.person)
    known = scene.submissions.get(event.submission) if event else None
    if known is not None and known.form == scene.task.form:
        typed = {ANSWER + name: value for name, value in known.answers.items()}
        _keep(door, scene, typed)
    told = (
        "It is open again",
        "Nothing of what you had sent counts any more, until you send it again.",
    )
    return task_page(door, request, _reread(door, scene), Shown(told=told))


# The pages


def task_page(door: Door, request: Request, scene: Scene, shown: Shown | None = None) -> Response:
    """The form, or what came of the task where there is nothing to answer."""
    shown = shown or Shown()
    asked = asked_of(scene)
    if scene.may_answer:
        return _form(door, request, scene, asked, shown)
    return _closed(door, request, scene, asked, shown)


def _form(door: Door, request: Request, scene: Scene, asked: Asked, shown: Shown) -> Response:
    typed, kept_at = shown.typed, shown.kept_at
    begun = False
    if typed is None:
        draft = door.store.drafts.get(scene.person, scene.row.id, scene.task.key)
        if draft is not None:
            typed, kept_at = draft
        else:
            typed = {ANSWER + name: value for name, value in earlier(scene).items()}
            begun = bool(typed)
    return door.pages.show(
        request,
        "task.html",
        status=shown.status,
        **said_of(scene),
        asked=asked,
        typed=typed,
        errors=shown.errors,
        problem=shown.problem,
        told=shown.told,
        page=new("a"),
        kept_at=kept_at,
        is_saved=shown.kept_at is not None,
        begun=begun,
        before=before(scene),
        sent=sent_of(door.store, scene, asked),
        is_late=scene.task.due is not None and scene.task.due < scene.now,
    )


def _check(
    door: Door, request: Request, scene: Scene, given: Given, shown: Shown, *, must_be_sure: bool
) -> Response:
    is_final = is_typed(scene.task.kind, given.outcome, given.flag)
    return door.pages.show(
        request,
        "task-check.html",
        status=shown.status,
        **said_of(scene),
        typed=given.typed,
        pairs=pairs(scene, given),
        errors=shown.errors,
        problem=shown.problem,
        page=shown.page,
        to_type=to_type(scene) if is_final else "",
        must_be_sure=must_be_sure and not is_final,
        first=scene.name(scene.task.by) if scene.may_comment else "",
        then=then_of(scene, given.outcome),
        is_sent=shown.problem == UNCONFIRMED,
    )


def _again(door: Door, request: Request, scene: Scene, given: Given, page: str) -> Response:
    door.store.drafts.drop(scene.person, scene.row.id, scene.task.key)
    now, asked = _reread(door, scene), given.asked
    is_known = bool(now.told(now.task.key))
    shown = _not_taken(now, asked, given.typed, page) if is_known else Shown()
    return _closed(door, request, now, asked, shown)


def _receipt(
    door: Door,
    request: Request,
    scene: Scene,
    given: Given,
    click: Click,
    said: Said,
) -> Response:
    door.store.drafts.drop(scene.person, scene.row.id, scene.task.key)
    now = _reread(door, scene)
    event = next((one for one in now.events if one.action == click.act.id), None)
    outcome = given.outcome or click.act.outcome
    page = door.pages.show(
        request,
        "task-done.html",
        **said_of(now),
        state="thanked" if said.code == "thanked" else "new",
        at=event.at if event else scene.now,
        by=now.name(now.task.by),
        recorded=[],
        pairs=pairs(scene, given),
        next=next_of(now, outcome, email=str(given.values.get(EMAIL) or "")),
        before=[],
        untaken=[],
        undo=now.may_undo,
        page=new("a"),
        errors={},
        problem=None,
    )
    if EMAIL in given.values and (before := scene.people.get(scene.task.item)):
        page.background = BackgroundTask(
            addresses.tell,
            door,
            before,
            by=scene.person,
            row=scene.row,
            document=scene.document,
            action=click.act.id,
        )
    return page


def _closed(door: Door, request: Request, scene: Scene, asked: Asked, shown: Shown) -> Response:
    """What came of a task that asks nothing of the visitor (any more)."""
    state = state_of(scene)
    return door.pages.show(
        request,
        "task-done.html",
        status=shown.status,
        **said_of(scene),
        state=state,
        at=scene.task.closed_at,
        by=scene.names(scene.task.waiting),
        recorded=recorded_pairs(scene, asked) if state in ("done", "part") else [],
        pairs=own_answers(scene) if state in ("done", "part") else [],
        next="",
        before=before(scene) if state == "lead" else [],
        untaken=typed_pairs(asked, shown.typed or {}),
        undo=scene.may_undo and scene.task.state is State.DONE,
        page=new("a"),
        errors=shown.errors,
        problem=shown.problem,
    )
