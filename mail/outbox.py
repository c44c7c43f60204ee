"""The outbox: a row before anything is sent, one mail for a row, and what came of it.

Every notice is sent at least once or its failure is on record; a second copy is possible only where
nobody can say whether the first went out, and the row then says `unknown`.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import uuid4

import structlog

from mail.context import DIGEST, Facts
from mail.digest import CLOSED, Digests
from mail.draft import Drafts
from mail.facts import read_facts
from mail.fate import WAIT, Standing, is_known, standing, told_by, tried_again
from mail.message import Mail
from mail.render import Edit, Renderer
from mail.sorting import Entry, Sorting, skip_reason
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
from mail.windows import moment_of
from mail.words import one_line
from residency.errors import ResidencyError
from residency.wire import Letter, Post, Posted
from store import Store
from store.mails import Mail as Row
from store.mails import Opened, Settled
from store.mails import key as key_of
from store.posting import MailState

_log: Final = structlog.get_logger()
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_DISK_AGAIN: Final = timedelta(minutes=10)
_SECONDS: Final = 60.0  # Of sending in one post; its activity has two minutes.
_GIVEN_BACK: Final = timedelta(minutes=1)


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
        self._digests = Digests(store)
        self._sorting = Sorting(store, self._digests)
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
        transport = self._rehearsal if facts.rehearsal else self._transport
        due, later = self._sorting.sort(facts, post, in_turn=not transport.looks)
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
        return self._mail(facts, letter, key=key, edit=edit)

    def template(self, post: Post) -> Source:
        """The template that the post's one letter is made from."""
        facts = read_facts(self._store, post)
        if facts is None:
            raise ResidencyError(f'The residency "{post.residency}" is gone.')
        return self._drafts.template(facts, post.letters[0])

    def _carry(
        self, facts: Facts, post: Post, due: list[Entry], transport: Transport
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
        self, facts: Facts, post: Post, due: list[Entry], attempt: str
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
            if not skip_reason(facts, post, row.letter)
        ]
        return opened + [one for one in once_more if one], stands

    def _sending(
        self,
        facts: Facts,
        post: Post,
        opened: list[Opened],
        by_key: dict[str, Entry],
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
            again = everybody or (stopped.get(one.row.receiver) if entry.is_patient else None)
            if again is None and monotonic() > until:
                again = post.now + _GIVEN_BACK
            if again is not None and one.previous in (None, MailState.QUEUED):
                yield Settled(key=one.row.key, state=MailState.QUEUED, not_before=again)
                continue
            result = self._send(facts, post, one, transport, entry=entry)
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
        entry: Entry | None = None,
        edit: Edit | None = None,
    ) -> _Result:
        letter = entry.letter if entry else one.row.letter
        skip = entry.row.skip if entry and one.previous is not MailState.SENDING else ""
        if reason := skip or skip_reason(facts, post, letter):
            return _Result(outcome=None, skip=reason)
        try:
            if letter.notice == DIGEST:
                letter = self._digests.still(letter, moment=moment_of(facts, post, letter))
                if not letter.lines:
                    return _Result(outcome=None, skip=CLOSED)
            mail = self._mail(facts, letter, key=one.row.key, edit=edit)
        except Exception as error:  # noqa: BLE001  # One letter's fault keeps back no other.
            sentence = str(error) if isinstance(error, ResidencyError) else type(error).__name__
            return _Result(outcome=Refused(sentence))
        outcome = _sent(transport, mail, one)
        return _Result(outcome=outcome, subject=mail.subject)

    def _mail(self, facts: Facts, letter: Letter, *, key: str, edit: Edit | None = None) -> Mail:
        """The mail of a letter. It is dated as it was caused, or what it was gathered until."""
        if letter.notice == DIGEST:
            about = self._digests.facts(letter, now=letter.at)
            return self._drafts.mail(about, letter, key=key, at=letter.at, edit=edit)
        at = letter.resumed or letter.at
        if letter.data.get("weekly"):
            at = self._digests.until(facts, letter) or at
        return self._drafts.mail(facts, letter, key=key, at=at, edit=edit)

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
