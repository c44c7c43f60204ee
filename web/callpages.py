"""The pages of a call for applications: its form, and why it takes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from web.calls import Call, Typed, call_of, languages, zones
from web.door import Door

if TYPE_CHECKING:
    from store.applications import Application


def takes(door: Door, call: Call) -> bool:
    """Whether this cohort takes applications here and now; without mails nobody could confirm."""
    return not (
        call.window.is_early(call.now)
        or call.window.is_late(call.now)
        or call.form is None
        or not call.is_here
        or not door.links.base
    )


def form(
    door: Door,
    request: Request,
    call: Call,
    *,
    typed: Typed | None,
    path: str = "",
    nonce: str = "",
    faults: Mapping[str, str] | None = None,
    problem: str = "",
    saved: bool = False,
) -> Response:
    """The form; by a mailed link where there is a `path`."""
    return show(
        door,
        request,
        call,
        "apply.html",
        status=422 if faults else 200,
        zone=typed.zone if typed else "",
        typed=typed or Typed(answers={}, identity={}),
        path=path,
        draft=nonce,
        faults=dict(faults or {}),
        problem=problem,
        saved=saved,
        zones=zones(),
        languages=languages(),
    )


def closed(
    door: Door,
    request: Request,
    call: Call | None,
    *,
    late: bool = False,
    draft: Application | None = None,
) -> Response:
    """Why no application is taken, and what can be done instead. `late`: one was posted."""
    if call is None:
        return door.pages.show(request, "apply-unknown.html", status=404)
    return show(
        door,
        request,
        call,
        "apply-closed.html",
        status=409 if late else 200,
        zone=draft.zone if draft else "",
        late=late,
        draft=draft,
        others=_open_now(door, call),
        mails=bool(door.links.base),
    )


def _open_now(door: Door, call: Call) -> list[tuple[str, str]]:
    """Other cohorts of the program that take applications now: where, and what they are called.

    Whoever is in a rehearsal is led out of it by no page.
    """
    if call.row.rehearsal:
        return []
    rows = [row for row in door.store.cohorts.list() if row.program == call.row.program]
    calls = [call_of(door.store, row) for row in rows if row.id != call.row.id]
    return [
        (f"/apply/{each.row.program}/{each.row.name}", each.row.name)
        for each in calls
        if takes(door, each)
    ]


def show(
    door: Door,
    request: Request,
    call: Call,
    name: str,
    *,
    status: int = 200,
    zone: str = "",
    **more: Any,
) -> Response:
    known = any(zone in part for part in zones().values())
    return door.pages.show(
        request,
        name,
        status=status,
        document=call.document,
        zone=zone if known else call.zone,
        now=call.now,
        call=call,
        words=call.program["words"],
        **more,
    )
