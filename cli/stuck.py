"""Residencies whose record is tried in vain: asked of the store, and of Temporal where it is sure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from temporalio.client import Client

    from residency.settings import Settings
    from store.stuck import Suspect

MOST = 50
"""So many are looked at: each is a call to Temporal, and one cause often stops them all."""
TRIES = 3
WORKFLOW_TASK = "workflow task"
OF_THE_STORE = ("record", "assign", "seat", "judge")


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """What a residency tries again and again, and how often it did: to ask the store for something,
    or its own next step, which its code or the record refuses.
    """

    residency: str
    activity: str
    attempts: int


async def find_stuck(settings: Settings, client: Client, *, now: datetime) -> list[Stuck]:
    """Those that ask the store in vain for longer than an outage of a few minutes."""
    suspected = await asyncio.to_thread(_suspects, settings, now)
    found = [await _asked_in_vain(client, one.residency) for one in suspected[:MOST]]
    return [one for one in found if one is not None]


def _suspects(settings: Settings, now: datetime) -> list[Suspect]:
    from store import Store  # noqa: PLC0415  # Slow to import.
    from store.schema import HEAD, version  # noqa: PLC0415  # As above.
    from store.stuck import suspects  # noqa: PLC0415  # As above.

    store = Store(settings.database)
    try:
        ready = version(store.database) == HEAD
        return suspects(store.database, now=now) if ready else []
    finally:
        store.close()


async def _asked_in_vain(client: Client, residency: str) -> Stuck | None:
    from temporalio.service import RPCError  # noqa: PLC0415  # As above.

    try:
        described = await client.get_workflow_handle(residency).describe()
    except RPCError:  # Another server's, or one that has closed since.
        return None
    attempts = described.raw_description.pending_workflow_task.attempt
    if attempts >= TRIES:
        return Stuck(residency=residency, activity=WORKFLOW_TASK, attempts=attempts)
    for pending in described.raw_description.pending_activities:
        if pending.activity_type.name in OF_THE_STORE and pending.attempt >= TRIES:
            return Stuck(
                residency=residency,
                activity=pending.activity_type.name,
                attempts=pending.attempt,
            )
    return None
