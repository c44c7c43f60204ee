"""What may not go on: a residency whose action was never answered or whose ring nothing followed, and
mails that nobody comes for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from store.database import Database
from store.posting import MailState
from store.tables import clicks, outbox, residencies

PATIENCE = timedelta(minutes=10)
"""An action waits for a worker's restart, or for a database that was away; much longer is a fault."""

OVERDUE = timedelta(days=4)
"""A digest waits over a long weekend; one that waits for longer was forgotten."""


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


def left_mails(database: Database, *, now: datetime, claimed_before: datetime) -> dict[str, int]:
    """How many mails, of no rehearsals, nobody seems to be at work on; `now` is the real time.

    `sending` are those that an attempt has held since before `claimed_before`, `overdue` the digests
    whose time is long past, `over` those that are held about residencies that have ended.
    """
    sending = (outbox.c.state == MailState.SENDING) & (outbox.c.claimed < claimed_before)
    overdue = (
        (outbox.c.state == MailState.QUEUED)
        & (outbox.c.carrier != "")
        & (func.coalesce(outbox.c.not_before, outbox.c.at) < now - OVERDUE)
    )
    ended = select(residencies.c.id).where(residencies.c.ended != "")
    over = (outbox.c.state == MailState.HELD) & outbox.c.subject.in_(ended)
    with database.reading() as connection:
        return {
            name: connection.execute(
                select(func.count()).select_from(outbox).where(~outbox.c.rehearsal, which)
            ).scalar_one()
            for name, which in (("sending", sending), ("overdue", overdue), ("over", over))
        }
