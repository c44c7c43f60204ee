"""The outbox: a row before anything is sent, one mail for a row, and what came of it.

Every notice is sent at least once or its failure is on record; a second copy is possible only where
nobody can say whether the first went out, and the row then says `unknown`.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from email.utils import parseaddr
from typing import Final
from uuid import uuid4

import structlog

from mail.context import Facts, context_of
from mail.message import Mail, is_address
from mail.render import Renderer
from mail.rows import Books, Row, RowState
from mail.transports.port import NotSent, Outcome, Refused, Sent, Transport, Unknown
from residency.dates import Calendar, zone_named
from residency.errors import ResidencyError
from residency.notices import is_critical, notice_named
from residency.wire import Letter, Post, Posted

_log: Final = structlog.get_logger()
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_DISK_AGAIN: Final = timedelta(minutes=10)
_HOURS: Final = {"opens": "08:00", "closes": "18:00"}


@dataclass(frozen=True)
class _Wish:
    """What we would do with a letter, knowing nothing yet of earlier attempts."""

    state: RowState
    reason: str = ""
    not_before: datetime | None = None


class Outbox:
    """Posts letters. `transport` carries real mails, `rehearsal` those of rehearsals.

    `sender` is the From (`a@b.org` or `Name <a@b.org>`); a program may give another name.
    """

    def __init__(
        self,
        books: Books,
        renderer: Renderer,
        *,
        transport: Transport,
        rehearsal: Transport,
        sender: str,
    ) -> None:
        self._books = books
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
        facts = self._books.facts(post)
        attempt = uuid4().hex
        letters = {key_of(post, letter): letter for letter in post.letters}
        wanted = [_row(facts, post, key, letter) for key, letter in letters.items()]
        rows = self._books.open(wanted, attempt=attempt)
        settled = {
            key: self._carry(facts, post, row, letters[key])
            for key, row in rows.items()
            if row.state is RowState.SENDING
        }
        self._books.settle(list(settled.values()), attempt=attempt)
        return _posted(post, rows | settled)

    def _carry(self, facts: Facts, post: Post, row: Row, letter: Letter) -> Row:
        """Render and send one claimed letter; what a dead attempt left is looked up first."""
        try:
            mail = self._mail(facts, post, letter)
        except Exception as error:  # noqa: BLE001  # One letter's fault keeps back no other.
            sentence = str(error) if isinstance(error, ResidencyError) else type(error).__name__
            return self._settled(row, Refused(sentence), now=post.now)
        transport = self._rehearsal if facts.rehearsal else self._transport
        return self._settled(row, _sent(transport, mail, again=row.cut_off), now=post.now)

    def _settled(self, row: Row, outcome: Outcome, *, now: datetime) -> Row:
        match outcome:
            case Sent(message_id):
                return replace(row, state=RowState.SENT, message_id=message_id, reason="")
            case NotSent(after, detail):
                again = now + after
                return replace(row, state=RowState.QUEUED, not_before=again, reason=detail)
            case Refused(detail):
                state = RowState.FAILED
            case Unknown(detail):
                state = RowState.UNKNOWN
        _log.warning(
            "mail.not_sent",
            state=state.value,
            residency=row.residency,
            notice=row.notice,
            receiver=row.receiver,
        )
        return replace(row, state=state, reason=detail)

    def _mail(self, facts: Facts, post: Post, letter: Letter) -> Mail:
        receiver = facts.people[letter.to]
        if not is_address(receiver.email):
            raise ResidencyError(f'the address of "{receiver.id}" is malformed; correct it')
        context = context_of(facts, letter, to=letter.to, at=letter.at)
        context["lines"] = self._lines(facts, letter)
        words = self._renderer.render(letter.notice, context, color=facts.color)
        return Mail(
            key=key_of(post, letter),
            residency=post.residency,
            notice=letter.notice,
            receiver=letter.to,
            at=_local(facts, letter.at),
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


def key_of(post: Post, letter: Letter) -> str:
    """The outbox key: residency/notice/occurrence/receiver."""
    return f"{post.residency}/{letter.notice}/{letter.occurrence}/{letter.to}"


def _row(facts: Facts, post: Post, key: str, letter: Letter) -> Row:
    wish = _wish(facts, post, letter)
    return Row(
        key=key,
        residency=post.residency,
        notice=letter.notice,
        occurrence=letter.occurrence,
        receiver=letter.to,
        at=letter.at,
        state=wish.state,
        reason=wish.reason,
        not_before=wish.not_before,
    )


def _wish(facts: Facts, post: Post, letter: Letter) -> _Wish:
    if reason := letter.skip or _skip_reason(facts, post, letter):
        return _Wish(RowState.SKIPPED, reason)
    if letter.to not in facts.people:
        return _Wish(RowState.FAILED, f'"{letter.to}" is nobody the store knows')
    opening = _opening(facts, post, letter)
    if opening > post.now:
        return _Wish(RowState.QUEUED, not_before=opening)
    return _Wish(RowState.SENDING)


def _skip_reason(facts: Facts, post: Post, letter: Letter) -> str:
    receiver = facts.people.get(letter.to)
    if receiver is not None and receiver.paused:
        return f"the address is paused: {receiver.paused}"
    closed = facts.closed.get(letter.task)
    late = closed is not None and letter.at <= closed < post.now
    return "superseded: the task is closed" if late and notice_named(letter.notice).asks else ""


def _opening(facts: Facts, post: Post, letter: Letter) -> datetime:
    """When the letter may go: now, or the next opening of the receiver's send window."""
    if is_critical(letter.notice, letter.data, at=letter.at):
        return post.now
    hours = _HOURS | dict(facts.program.get("send_window") or {})
    calendar = Calendar(
        facts.people[letter.to].zone,
        holidays=facts.holidays,
        opens=time.fromisoformat(str(hours["opens"])),
        closes=time.fromisoformat(str(hours["closes"])),
    )
    return calendar.window(post.now)


def _posted(post: Post, rows: Mapping[str, Row]) -> Posted:
    later = dict[int, datetime]()
    for index, letter in enumerate(post.letters):
        row = rows[key_of(post, letter)]
        if row.state is RowState.QUEUED and row.not_before is not None:
            later[index] = row.not_before
    return Posted(later=later)


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
