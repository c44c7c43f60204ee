"""The outbox: a row before anything is sent, one mail for a row, and what came of it.

Every notice is sent at least once or its failure is on record; a second copy is possible only where
nobody can say whether the first went out, and the row then says `unknown`.
"""

import errno
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from email.utils import parseaddr
from typing import Final
from uuid import uuid4

import structlog

from mail.context import Facts, context_of
from mail.facts import read_facts
from mail.message import Mail, is_address
from mail.render import Renderer
from mail.transports.port import NotSent, Outcome, Refused, Sent, Transport, Unknown
from mail.words import one_line
from residency.dates import Calendar, zone_named
from residency.errors import ResidencyError
from residency.notices import is_critical, notice_named
from residency.wire import Letter, Post, Posted
from store import Store
from store.outbox import Mail as Row
from store.outbox import Opened, Settled
from store.posting import MailState

_log: Final = structlog.get_logger()
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_DISK_AGAIN: Final = timedelta(minutes=10)
_HOURS: Final = {"opens": "08:00", "closes": "18:00"}


@dataclass(frozen=True)
class _Entry:
    """A letter with its place in the post, its row, and what we would do knowing nothing else."""

    index: int
    letter: Letter
    row: Row
    not_before: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Result:
    """What came of one letter; no outcome where it was skipped."""

    outcome: Outcome | None
    subject: str = ""
    skip: str = ""


class Outbox:
    """Posts letters. `transport` carries real mails, `rehearsal` those of rehearsals.

    `sender` is the From (`a@b.org` or `Name <a@b.org>`); a program may give another name.
    """

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        *,
        transport: Transport,
        rehearsal: Transport,
        sender: str,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._transport = transport
        self._rehearsal = rehearsal
        self._sender = parseaddr(sender)

    def post(self, post: Post) -> Posted:
        """Send what may be sent now; answers which letters must wait, and until when.

        Asked again, it sends nothing twice. One letter's fault does not keep back the others.
        Raises UnavailableError where the store can't be reached.
        """
        if not post.letters:
            return Posted()
        facts = read_facts(self._store, post)
        if facts is None:
            _log.warning("mail.residency_gone", residency=post.residency)
            return Posted()
        entries = [
            _entry(facts, post, index=index, letter=letter)
            for index, letter in enumerate(post.letters)
        ]
        waiting = [entry for entry in entries if entry.not_before is not None]
        if waiting:
            self._store.outbox.put_many([entry.row for entry in waiting])
        later = {entry.index: entry.not_before for entry in waiting if entry.not_before}
        due = [entry for entry in entries if entry.not_before is None]
        again, undelivered = self._carry(facts, post, due)
        return Posted(later=later | again, failed=undelivered)

    def _carry(
        self, facts: Facts, post: Post, due: list[_Entry]
    ) -> tuple[dict[int, datetime], list[int]]:
        """Claim what may go now, send it and settle it.

        Answers what must be tried again, and when; and what can't be sent, or nobody knows whether it was.
        """
        attempt = uuid4().hex
        transport = self._rehearsal if facts.rehearsal else self._transport
        by_key = {entry.row.key: entry for entry in due}
        settled = [
            self._settled(by_key[one.row.key], self._send(facts, post, one, transport), post.now)
            for one in self._claim(post, due, attempt)
        ]
        if settled:
            self._store.outbox.settle_many(
                attempt, [replace(one, transport=transport.name) for one in settled]
            )
        again = {by_key[one.key].index: one.not_before for one in settled if one.not_before}
        lost = (MailState.FAILED, MailState.UNKNOWN)
        return again, [by_key[one.key].index for one in settled if one.state in lost]

    def _claim(self, post: Post, due: list[_Entry], attempt: str) -> list[Opened]:
        """Open and claim the rows; also those that an attempt before us left in `sending`.

        A residency has one post under way at a time, so whoever left them is dead, or was given up
        and can't settle them any more.
        """
        if not due:
            return []
        rows = [entry.row for entry in due]
        opened = self._store.outbox.open_many(rows, attempt)
        missing = {row.key for row in rows} - {one.row.key for one in opened}
        if not missing:
            return opened
        stuck = self._store.outbox.list(residency=post.residency, state=MailState.SENDING)
        left = [row for row in stuck if row.key in missing]
        if left:
            dead = {row.attempt for row in left}
            opened += self._store.outbox.open_many(left, attempt, dead=dead)
        return opened

    def _send(self, facts: Facts, post: Post, one: Opened, transport: Transport) -> _Result:
        letter = one.row.letter
        if reason := _skip_reason(facts, post, letter):
            return _Result(outcome=None, skip=reason)
        try:
            mail = self._mail(facts, letter, row=one.row)
        except Exception as error:  # noqa: BLE001  # One letter's fault keeps back no other.
            sentence = str(error) if isinstance(error, ResidencyError) else type(error).__name__
            return _Result(outcome=Refused(sentence))
        outcome = _sent(transport, mail, again=one.previous is MailState.SENDING)
        return _Result(outcome=outcome, subject=mail.subject)

    def _settled(self, entry: _Entry, result: _Result, now: datetime) -> Settled:
        key, line = entry.row.key, result.subject
        match result.outcome:
            case None:
                return Settled(key=key, state=MailState.SKIPPED, skip=result.skip)
            case Sent(message_id):
                return Settled(key=key, state=MailState.SENT, message_id=message_id, line=line)
            case NotSent(after, detail):
                again = now + after
                return Settled(key=key, state=MailState.QUEUED, not_before=again, detail=detail)
            case Refused(detail):
                state = MailState.FAILED
            case Unknown(detail):
                state = MailState.UNKNOWN
        row = entry.row
        _log.warning(
            "mail.not_sent",
            state=state.value,
            key=key,
            residency=row.subject,
            notice=row.notice,
            receiver=row.receiver,
        )
        return Settled(key=key, state=state, detail=one_line(detail, limit=500), line=line)

    def _mail(self, facts: Facts, letter: Letter, *, row: Row) -> Mail:
        receiver = facts.people.get(letter.to)
        if receiver is None:
            raise ResidencyError(f'there is no person "{letter.to}"')
        if not is_address(receiver.email):
            raise ResidencyError(
                f'the address of "{receiver.id}" is malformed; correct it, then send again'
            )
        context = context_of(facts, letter, to=letter.to, at=letter.at)
        context["lines"] = self._lines(facts, letter)
        words = self._renderer.render(letter.notice, context, color=facts.color)
        return Mail(
            key=row.key,
            residency=facts.residency,
            notice=letter.notice,
            receiver=letter.to,
            at=_local(facts, letter.not_before or letter.at),
            to=(receiver.name, receiver.email),
            sender=self._from(facts),
            reply_to=_reply_to(facts, letter.to),
            subject=words.subject,
            text=words.text,
            html=words.html,
            rehearsal=facts.rehearsal,
        )

    def _lines(self, facts: Facts, letter: Letter) -> list[str]:
        """What else there is for the same person: the subjects that their mails would have."""
        return [
            self._renderer.subject(
                line.notice,
                context_of(facts, line, to=letter.to, at=letter.at),
                color=facts.color,
            )
            for line in letter.lines
        ]

    def _from(self, facts: Facts) -> tuple[str, str]:
        given = (facts.program.get("mail") or {}).get("sender")
        name, address = parseaddr(given) if given and "@" in given else (given or "", "")
        name = name or self._sender[0] or str(facts.program["organization"])
        return name, address or self._sender[1]


def _entry(facts: Facts, post: Post, *, index: int, letter: Letter) -> _Entry:
    skip = _skip_reason(facts, post, letter)
    opening = post.now if skip else _opening(facts, post, letter)
    not_before = opening if opening > post.now else None
    row = Row(
        subject=post.residency,
        notice=letter.notice,
        occurrence=letter.occurrence,
        receiver=letter.to,
        at=letter.at,
        letter=letter,
        cohort=facts.cohort,
        rehearsal=bool(facts.rehearsal),
        state=MailState.SKIPPED if skip else MailState.QUEUED,
        skip=skip,
        not_before=not_before,
    )
    return _Entry(index, letter, row, not_before)


def _skip_reason(facts: Facts, post: Post, letter: Letter) -> str:
    """Why a letter is not to be sent any more; "" where it is."""
    if letter.skip:
        return letter.skip
    receiver = facts.people.get(letter.to)
    if receiver is not None and receiver.paused:
        return f"the address is paused: {receiver.paused}"
    closed = facts.closed.get(letter.task)
    late = closed is not None and letter.at <= closed < _moment(facts, post, letter)
    return "superseded: the task is closed" if late and notice_named(letter.notice).asks else ""


def _opening(facts: Facts, post: Post, letter: Letter) -> datetime:
    """When the letter may go: now, or the next opening of the receiver's send window."""
    receiver = facts.people.get(letter.to)
    if receiver is None or is_critical(letter.notice, letter.data, at=letter.at):
        return _moment(facts, post, letter)
    hours = _HOURS | dict(facts.program.get("send_window") or {})
    calendar = Calendar(
        receiver.zone,
        holidays=facts.holidays,
        opens=time.fromisoformat(str(hours["opens"])),
        closes=time.fromisoformat(str(hours["closes"])),
    )
    return calendar.window(_moment(facts, post, letter))


def _moment(facts: Facts, post: Post, letter: Letter) -> datetime:
    """When a letter goes, by the program's time: as it was caused, or kept for.

    In a rehearsal that does not depend on how long the mail took, so that two rehearsals are equal.
    """
    moment = letter.not_before or letter.at
    return moment if facts.rehearsal else max(moment, post.now)


def _sent(transport: Transport, mail: Mail, *, again: bool) -> Outcome:
    """Send it; after an attempt that was cut off only where the transport surely has it not."""
    try:
        there = transport.has(mail) if again else False
        if there is None:
            return Unknown("an attempt was cut off while it sent")
        return Sent(mail.message_id) if there else transport.send(mail)
    except OSError as error:
        if error.errno in _DISK_FULL:
            return NotSent(_DISK_AGAIN, "the disk is full")
        return Unknown(type(error).__name__)
    except Exception as error:  # noqa: BLE001  # A transport may fail in any way, after sending too.
        return Unknown(type(error).__name__)


def _reply_to(facts: Facts, reader: str) -> tuple[str, str] | None:
    """A person who reads answers: a coordinator, at the program's own address if it has one."""
    address = (facts.program.get("mail") or {}).get("reply_to")
    coordinator = facts.coordinator_for(reader)
    if address:
        return (coordinator.name if coordinator else str(facts.program["organization"]), address)
    if coordinator is None or not is_address(coordinator.email):
        return None
    return coordinator.name, coordinator.email


def _local(facts: Facts, at: datetime) -> datetime:
    """The mail's date: the program's time, in the program's zone."""
    return at.astimezone(zone_named(str(facts.program.get("time_zone") or "UTC")))
