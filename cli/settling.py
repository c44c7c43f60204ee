"""Waits a moment for what a command has caused, so that it is there when the command has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any

from cli.output import say
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from client import Residencies

SECONDS = 20.0
SETTLED = ""
BUSY = "recorded; what follows from it, such as mail, is still under way."
SILENT = "recorded; no worker answers now, and the rest follows when one runs: residency worker"


async def settled(
    residencies: Residencies, ids: Iterable[str], *, seconds: float = SECONDS
) -> None:
    """Returns when everything is recorded and no mail is on its way; at the latest after `seconds`.

    A residency that has ended answers no more, and has settled.
    """
    until = monotonic() + seconds
    for residency in ids:
        pause = 0.01
        while (state := await _state(residencies, residency)) != SETTLED:
            if monotonic() > until:
                say(f"{residency}: {state}")
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.2)


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """What has begun is done, also where Ctrl-C comes meanwhile; a second one ends all at once."""
    begun = asyncio.ensure_future(work)
    try:
        await asyncio.shield(begun)
    except asyncio.CancelledError:
        await asyncio.wait([begun])
        if not begun.cancelled():
            begun.exception()  # Whoever broke it off is told so; that is enough.
        raise


async def _state(residencies: Residencies, residency: str) -> str:
    """Nothing where it has settled; otherwise what to say of it."""
    try:
        view = await residencies.view(residency)
    except ResidencyError as error:
        return SETTLED if getattr(error, "code", "") in ("ended", "not-found") else SILENT
    on_the_way = view.unrecorded or view.unsent > view.kept
    return BUSY if on_the_way else SETTLED
