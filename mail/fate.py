"""What is done about a mail that did not go, or of which nobody can say whether it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from residency.notices import Unknown, notice_named
from store.mails import Mail as Row
from store.posting import Delivery, MailState

WAIT: Final = timedelta(minutes=15)
"""How long a provider may take to tell, unless the settings say otherwise."""
MOST_AGAIN: Final = 3
"""How often a mail of unknown fate is sent once more; then a coordinator is told."""
ABANDONED: Final = timedelta(minutes=10)
"""A mail that is being sent for so long is taken over: whoever sent it is gone."""
LONGEST: Final = timedelta(hours=1)
"""Between two tries, however often it did not go."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is true of letters whose rows can't be sent just now, by key.

    `later` must be asked again then, `lost` are for a coordinator, by the state that they are in;
    `left` were being sent by an attempt before us, and `doubtful` may be sent once more.
    """

    later: dict[str, datetime] = field(default_factory=dict)
    lost: dict[str, MailState] = field(default_factory=dict)
    left: list[Row] = field(default_factory=list)
    doubtful: list[Row] = field(default_factory=list)


def standing(rows: Mapping[str, Row], *, now: datetime) -> Standing:
    """Sorts rows that an attempt could not open.

    An attempt may have settled them and died before it could report: so what it would have said is
    read from them again.
    """
    found = Standing()
    for key, row in rows.items():
        waits = row.not_before if row.not_before and row.not_before > now else None
        match row.state:
            case MailState.SENDING:
                found.left.append(row)
            case MailState.QUEUED | MailState.UNKNOWN if waits:
                found.later[key] = waits
            case MailState.UNKNOWN if may_go_again(row):
                found.doubtful.append(row)
            case MailState.FAILED | MailState.UNKNOWN:
                found.lost[key] = row.state
            case _:
                pass
    return found


def may_go_again(row: Row) -> bool:
    """Whether a mail of unknown fate is sent once more, or a coordinator is asked."""
    return notice_named(row.notice).unknown is Unknown.RESEND and row.again < MOST_AGAIN


def told_by(row: Row, *, now: datetime, wait: timedelta) -> datetime | None:
    """Until when its provider may tell what became of it; None where enough was waited."""
    if row.again and not may_go_again(row):
        return None
    longer: timedelta = wait * 4**row.again
    return now + longer


def tried_again(row: Row, after: timedelta, *, now: datetime) -> datetime:
    """When what did not go is tried again: later each time, so that an outage costs little."""
    doubled: timedelta = after * 2 ** min(max(row.attempts - 1, 0), 10)
    return now + min(doubled, max(after, LONGEST))


def is_known(row: Row) -> bool:
    """Whether its provider has spoken of it: then it was accepted."""
    return row.delivery is not Delivery.NONE
