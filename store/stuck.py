"""Residencies that may not go on: somebody's action was never answered, or nothing followed a ring."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from store.database import Database
from store.tables import clicks, residencies

PATIENCE = timedelta(minutes=10)
"""An action waits for a worker's restart, or for a database that was away; much longer is a fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """One residency; `since` is the oldest action without an answer, else what should have rung."""

    residency: str
    since: datetime
    action: str = ""  # "" where nobody waits for an answer


def suspects(database: Database, *, now: datetime) -> list[Suspect]:
    """Running residencies, no rehearsals, that said nothing for PATIENCE; oldest first.

    One that only should have rung may be well: what rings needn't write anything. Whether its record
    is tried in vain, Temporal knows (its pending activities).
    """
    before = now - PATIENCE
    running = (residencies.c.ended == "", ~residencies.c.rehearsal)
    unanswered = (
        select(clicks.c.residency, func.min(clicks.c.put), func.min(clicks.c.action))
        .join(residencies, residencies.c.id == clicks.c.residency)
        .where(*running, clicks.c.answered.is_(None), clicks.c.put < before)
        .group_by(clicks.c.residency)
    )
    silent = select(residencies.c.id, residencies.c.next_at).where(
        *running, residencies.c.next_at < before
    )
    with database.reading() as connection:
        found = {
            residency: Suspect(residency=residency, since=since, action=action)
            for residency, since, action in connection.execute(unanswered)
        }
        for residency, since in connection.execute(silent):
            found.setdefault(residency, Suspect(residency=residency, since=since))
    return sorted(found.values(), key=lambda one: (one.since, one.residency))
