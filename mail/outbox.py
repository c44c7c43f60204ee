"""The outbox: a row before anything is sent, one mail for a row, and what came of it.

Every notice is sent at least once or its failure is on record; a second copy is possible only where
nobody can say whether the first went out, and the row then says `unknown`.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Final
from uuid import uuid4

import structlog

from mail.context import Facts
from mail.draft import Drafts
from mail.facts import read_facts
from mail.fate import WAIT, Standing, is_known, standing, told_by, tried_again
from mail.message import Mail
from mail.render import Edit, Renderer
from mail.source import Source
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
from residency.dates import Calendar
from residency.errors import ResidencyError
from residency.notices import is_critical, notice_named
from residency.wire import Letter, Post, Posted
from store import Store
from store.outbox import Mail as Row
from store.outbox import Opened, Settled
from store.outbox import key as key_of
from store.posting import MailState

_log: Final = structlog.get_logger()
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_DISK_AGAIN: Final = timedelta(minutes=10)
_SECONDS: Final = 60.0  # Of sending in one post; its activity has two minutes.
_GIVEN_BACK: Final = timedelta(minutes=1)
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

    `wait` is how long a provider may take to tell what became of a mail of unknown fate. `sender`
    is the From (`a@b.org` or `Name <a@b.org>`); a program may give another name.
    """

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        *,
        transport: Transport,
        rehearsal: Transport,
        sender: str,
        wait: timedelta = WAIT,
    ) -> None:
        self._store = store
        self._drafts = Drafts(renderer, sender=sender)
        self._transport = transport
        self._rehearsal = rehearsal
        self._wait = wait

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
        transport = self._rehearsal if facts.rehearsal else self._transport
        if not transport.looks:
            entries = self._in_turn(post, entries)
        entries = self._held_back(facts, entries)
        waiting = [entry for entry in entries if entry.not_before is not None]
        if waiting:
            self._store.outbox.put_many([entry.row for entry in waiting])
        later = {entry.index: entry.not_before for entry in waiting if entry.not_before}
        due = [entry for entry in entries if entry.not_before is None]
        again, undelivered = self._carry(facts, post, due, transport)
        return Posted(later=later | again, failed=undelivered)

    def send_by_hand(
        self, post: Post, one: Opened, attempt: str, *, edit: Edit | None = None
    ) -> Settled:
        """Send the row that an attempt of a person's has claimed, and settle it.

        `post` has its letter alone. Raises ResidencyError where its residency is gone.
        """
        facts = read_facts(self._store, post)
        if facts is None:
            raise ResidencyError(f'The residency "{post.residency}" is gone.')
        transport = self._rehearsal if facts.rehearsal else self._transport
        result = self._send(facts, post, one, transport, edit=edit)
        settled = replace(self._settled(one.row, result, post.now), transport=transport.name)
        self._store.outbox.settle_many(attempt, [settled])
        return settled

    def try_out(self, mail: Mail) -> Outcome:
        """Send a mail that is no notice, but somebody's test of one; no row is kept of it."""
        return self._transport.send(mail)

    def draft(self, post: Post, *, edit: Edit | None = None) -> Mail:
        """The mail of a post's one letter as it would go now, without any row."""
        facts = read_facts(self._store, post)
        if facts is None:
            raise ResidencyError(f'The residency "{post.residency}" is gone.')
        (letter,) = post.letters
        key = key_of(post.residency, letter.notice, letter.occurrence, letter.to)
        return self._drafts.mail(facts, letter, key=key, edit=edit)

    def template(self, post: Post) -> Source:
        """The template that the post's one letter is made from."""
        facts = read_facts(self._store, post)
        if facts is None:
            raise ResidencyError(f'The residency "{post.residency}" is gone.')
        return self._drafts.template(facts, post.letters[0])

    def _held_back(self, facts: Facts, entries: list[_Entry]) -> list[_Entry]:
        """Write the rows of what is on hold as held; what is left goes on its way."""
        covered = self._store.holds.covering(cohort=facts.cohort, rehearsal=bool(facts.rehearsal))
        held = [
            entry
            for entry in entries
            if entry.letter.notice in covered and entry.row.state is MailState.QUEUED
        ]
        if not held:
            return entries
        rows = [replace(entry.row, state=MailState.HELD) for entry in held]
        new = {row.key for row in self._store.outbox.put_many(rows)}
        for row in rows:
            if row.key not in new:  # It was queued when the hold came.
                self._store.outbox.move(row.key, MailState.HELD)
        kept = {entry.index for entry in held}
        return [entry for entry in entries if entry.index not in kept]

    def _in_turn(self, post: Post, entries: list[_Entry]) -> list[_Entry]:
        """Behind a mail that could not be sent yet, its receiver's later ones wait; critical ones don't."""
        awaited = self._store.outbox.awaited(post.residency, after=post.now)
        return [
            replace(entry, not_before=until, row=replace(entry.row, not_before=until))
            if (until := awaited.get(entry.letter.to)) and _is_patient(entry)
            else entry
            for entry in entries
        ]

    def _carry(
        self, facts: Facts, post: Post, due: list[_Entry], transport: Transport
    ) -> tuple[dict[int, datetime], list[int]]:
        """Claim what may go now, send it and settle it.

        Answers what must be asked again, and when; and what can't be sent, or nobody knows whether
        it was.
        """
        attempt = uuid4().hex
        by_key = {entry.row.key: entry for entry in due}
        opened, stands = self._claim(facts, post, due, attempt)
        settled = []
        for one in self._sending(facts, post, opened, by_key, transport):
            settled.append(replace(one, transport=transport.name))
            if not transport.looks:  # Who dies now can't be asked what went: so it is kept at once.
                self._store.outbox.settle_many(attempt, settled[-1:])
        if settled and transport.looks:
            self._store.outbox.settle_many(attempt, settled)
        later = stands.later | {one.key: one.not_before for one in settled if one.not_before}
        states = (MailState.FAILED, MailState.UNKNOWN)
        lost = [one.key for one in settled if one.state in states and not one.not_before]
        again = {by_key[key].index: instant for key, instant in later.items()}
        return again, [by_key[key].index for key in (*stands.lost, *lost)]

    def _claim(
        self, facts: Facts, post: Post, due: list[_Entry], attempt: str
    ) -> tuple[list[Opened], Standing]:
        """Open and claim the rows; also those that an attempt before us left in `sending`.

        A residency has one post under way at a time, so whoever left them is dead, or was given up
        and can't settle them any more. What is of unknown fate is sent once more where its notice
        says so, has a reason still, and its provider had the time to tell.
        """
        if not due:
            return [], Standing()
        rows = [entry.row for entry in due]
        opened = self._store.outbox.open_many(rows, attempt, now=post.now)
        missing = {row.key for row in rows} - {one.row.key for one in opened}
        if not missing:
            return opened, Standing()
        stands = standing(self._store.outbox.many(missing), now=post.now)
        if stands.left:
            dead = {row.attempt for row in stands.left}
            opened += self._store.outbox.open_many(stands.left, attempt, dead=dead)
        once_more = [
            self._store.outbox.open_unknown(row.key, attempt)
            for row in stands.doubtful
            if not _skip_reason(facts, post, row.letter)
        ]
        return opened + [one for one in once_more if one], stands

    def _sending(
        self,
        facts: Facts,
        post: Post,
        opened: list[Opened],
        by_key: dict[str, _Entry],
        transport: Transport,
    ) -> Iterator[Settled]:
        """Sends one mail after the other, and says what came of each.

        What is behind one that could not be sent is given back untried: all of it where nothing
        goes at all, else what is for the same receiver. The same where it takes too long.
        """
        until = monotonic() + _SECONDS
        stopped: dict[str, datetime] = {}
        everybody: datetime | None = None
        for one in opened:
            entry = by_key[one.row.key]
            again = everybody or (stopped.get(one.row.receiver) if _is_patient(entry) else None)
            if again is None and monotonic() > until:
                again = post.now + _GIVEN_BACK
            if again is not None and one.previous in (None, MailState.QUEUED):
                yield Settled(key=one.row.key, state=MailState.QUEUED, not_before=again)
                continue
            result = self._send(facts, post, one, transport)
            settled = self._settled(one.row, result, post.now)
            if isinstance(result.outcome, NotSent) and settled.not_before:
                stopped[one.row.receiver] = settled.not_before
                everybody = settled.not_before if result.outcome.everybody else everybody
            yield settled

    def _send(
        self,
        facts: Facts,
        post: Post,
        one: Opened,
        transport: Transport,
        *,
        edit: Edit | None = None,
    ) -> _Result:
        letter = one.row.letter
        if reason := _skip_reason(facts, post, letter):
            return _Result(outcome=None, skip=reason)
        try:
            mail = self._drafts.mail(facts, letter, key=one.row.key, edit=edit)
        except Exception as error:  # noqa: BLE001  # One letter's fault keeps back no other.
            sentence = str(error) if isinstance(error, ResidencyError) else type(error).__name__
            return _Result(outcome=Refused(sentence))
        outcome = _sent(transport, mail, one)
        return _Result(outcome=outcome, subject=mail.subject)

    def _settled(self, row: Row, result: _Result, now: datetime) -> Settled:
        key, line, until = row.key, result.subject, None
        match result.outcome:
            case None:
                return Settled(key=key, state=MailState.SKIPPED, skip=result.skip)
            case Withheld(reason):
                return Settled(key=key, state=MailState.SKIPPED, skip=reason, line=line)
            case Sent(message_id):
                return Settled(key=key, state=MailState.SENT, message_id=message_id, line=line)
            case NotSent(after, detail, _):
                again = tried_again(row, after, now=now)
                return Settled(key=key, state=MailState.QUEUED, not_before=again, detail=detail)
            case Refused(detail):
                state = MailState.FAILED
            case Unknown(detail):
                state = MailState.UNKNOWN
                until = told_by(row, now=now, wait=self._wait)
        _log.warning(
            "mail.not_sent",
            state=state.value,
            key=key,
            residency=row.subject,
            notice=row.notice,
            receiver=row.receiver,
        )
        told = one_line(detail, limit=500)
        return Settled(key=key, state=state, detail=told, line=line, not_before=until)


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


def _is_patient(entry: _Entry) -> bool:
    letter = entry.letter
    skipped = entry.row.state is MailState.SKIPPED
    return not (skipped or is_critical(letter.notice, letter.data, at=letter.at))


def _sent(transport: Transport, mail: Mail, one: Opened) -> Outcome:
    """Send it; after an attempt that was cut off only where the transport surely has it not.

    What is of unknown fate goes once more, unless the transport surely has it.
    """
    if is_known(one.row):
        return Sent()
    cut = one.previous is MailState.SENDING
    try:
        there = transport.has(mail) if cut or one.previous is MailState.UNKNOWN else False
        if there is None and cut:
            return Unknown("an attempt was cut off while it sent")
        return Sent(mail.message_id) if there else transport.send(mail)
    except OSError as error:
        if error.errno in _DISK_FULL:
            return NotSent(_DISK_AGAIN, "the disk is full")
        return Unknown(type(error).__name__)
    except Exception as error:  # noqa: BLE001  # A transport may fail in any way, after sending too.
        return Unknown(type(error).__name__)
