"""How a mail is handed over, once, and what its row says then; the same for every mail that leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from mail.fate import is_known, told_by, tried_again
from mail.message import Mail
from mail.transports.port import (
    NotSent,
    Outcome,
    Refused,
    Sent,
    Transport,
    Unknown,
    Withheld,
)
from mail.words import one_line
from residency.errors import ResidencyError
from store.mails import Mail as Row
from store.mails import Opened, Settled
from store.posting import MailState

CUT: Final = "an attempt was cut off while it sent"
IN_DOUBT: Final = (MailState.SENDING, MailState.UNKNOWN)
"""The states in which an attempt before this one may have sent it."""
_LONGEST: Final = 500
_log: Final = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one mail, and its subject line where it has one."""

    outcome: Outcome
    subject: str = ""


def hand_over(
    transport: Transport, mail: Mail, opened: Opened, *, instead: Outcome | None = None
) -> Outcome:
    """Send it; after an attempt that was cut off only where the transport surely has it not.

    What is of unknown fate goes once more, unless the transport surely has it. `instead` is what
    comes of a mail that must not go by now, and surely has not gone.
    """
    if is_known(opened.row):
        return Sent()
    try:
        there = transport.has(mail) if opened.previous in IN_DOUBT else False
        if there:
            return Sent(mail.message_id)
        if there is None and (instead or opened.previous is MailState.SENDING):
            return doubt(opened, instead)
        return instead or transport.send(mail)
    except Exception as error:  # noqa: BLE001  # A transport may fail in any way, after sending too.
        return Unknown(type(error).__name__)


def unsent(opened: Opened, instead: Outcome) -> Outcome:
    """What is said of a mail that is not sent now, `instead`; unless an attempt before may have."""
    return doubt(opened, instead) if opened.previous in IN_DOUBT else instead


def doubt(opened: Opened, instead: Outcome | None = None) -> Outcome:
    """What is said of a mail that an attempt before this one may have sent, and nobody can look."""
    if is_known(opened.row):
        return Sent()
    match instead:
        case Withheld(why) | Refused(why) | Unknown(why):
            return Unknown(f"it may have gone before: {why}")
        case _:
            return Unknown(CUT)


def fault_of(error: Exception) -> str:
    """What is kept of a fault: our own sentences, and of others no more than their names."""
    return str(error) if isinstance(error, ResidencyError) else type(error).__name__


def settled(row: Row, result: Result, *, now: datetime, wait: timedelta) -> Settled:
    """What the row says then. `wait` is how long a provider may take to tell."""
    key, line = row.key, result.subject
    match result.outcome:
        case Withheld(reason):
            skip = one_line(reason, limit=_LONGEST)
            return Settled(key=key, state=MailState.SKIPPED, skip=skip, line=line)
        case Sent(message_id):
            return Settled(key=key, state=MailState.SENT, message_id=message_id, line=line)
        case NotSent(after, detail, _):
            again, told = tried_again(row, after, now=now), one_line(detail, limit=_LONGEST)
            return Settled(key=key, state=MailState.QUEUED, not_before=again, detail=told)
        case Refused(detail):
            state, until = MailState.FAILED, None
        case Unknown(detail):
            state, until = MailState.UNKNOWN, told_by(row, now=now, wait=wait)
    _log.warning(
        "mail.not_sent",
        state=state.value,
        key=key,
        residency=row.subject,
        notice=row.notice,
        receiver=row.receiver,
    )
    told = one_line(detail, limit=_LONGEST)
    return Settled(key=key, state=state, detail=told, line=line, not_before=until)
