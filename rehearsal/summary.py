"""What came of a rehearsal: how people ended, what they did, which mails went out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from residency.wire import Tag
from store import Store
from store.cohorts import CohortRow


class Summary(BaseModel):
    """What came of a rehearsal."""

    program: str
    cohort: str
    people_by_end: dict[str, int]
    stages: list[str]
    tasks_completed: int
    reminders: int
    escalations: int
    mails: dict[str, int]
    days: int
    wall_seconds: float
    residencies: list[str]
    mail_folder: str


def summarize(
    store: Store,
    row: CohortRow,
    residencies: Sequence[str],
    *,
    data: Path,
    days: int,
    seconds: float,
) -> Summary:
    """Counts from the record and the outbox, never from what was meant to happen."""
    ends: Counter[str] = Counter()
    stages: dict[str, None] = {}
    done = 0
    for residency in residencies:
        ended = "going on"
        for event in store.record.events(residency):
            if event.tag is Tag.ENDED:
                ended = str(event.data["how"])
            elif event.tag is Tag.STAGE:
                stages[str(event.data["stage"])] = None
            elif event.tag in (Tag.DONE, Tag.PART):
                done += 1
        ends[ended] += 1
    mails = store.outbox.by_notice(cohort=row.id)
    return Summary(
        program=row.program,
        cohort=row.name,
        people_by_end=dict(sorted(ends.items())),
        stages=list(stages),
        tasks_completed=done,
        reminders=mails.get("reminder", 0) + mails.get("offer-reminder", 0),
        escalations=mails.get("escalation", 0),
        mails=mails,
        days=days,
        wall_seconds=round(seconds, 2),
        residencies=list(residencies),
        mail_folder=str(data / "rehearsals" / row.name / "mail"),
    )
