"""Waits a moment for what a command has caused, so that it is there when the command has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from cli.output import say
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from client import Residencies

SECONDS = 20.0


async def settled(
    residencies: Residencies, ids: Iterable[str], *, seconds: float = SECONDS
) -> None:
    """Returns when everything is recorded and no mail is on its way; at the latest after `seconds`.

    A residency that has ended answers no more, and has settled.
    """
    until = monotonic() + seconds
    for residency in ids:
        while not await _is_settled(residencies, residency):
            if monotonic() > until:
                say(f"{residency} is still at work; it goes on when a worker runs.")
                return
            await asyncio.sleep(0.05)


async def _is_settled(residencies: Residencies, residency: str) -> bool:
    try:
        return await residencies.is_settled(residency)
    except ResidencyError as error:
        return getattr(error, "code", "") in ("ended", "not-found")
