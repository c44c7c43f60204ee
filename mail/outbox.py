"""The outbox: a row before anything is sent, one mail for a row, and what came of it.

Every notice is sent at least once or its failure is on record; a second copy is possible only where
nobody can say whether the first went out, and the row then says `unknown`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from uuid import uuid4

import structlog

from mail.context import DIGEST, Facts
from mail.digest import MOOT, Digests
from mail.draft import Drafts, edit_of
from mail.facts import read_facts
from mail.fate import WAIT, Standing, standing
from mail.message import Mail
from mail.render import Edit, Renderer
from mail.settling import IN_DOUBT, Result, fault_of, hand_over, settled, unsent
from mail.sorting import Entry, Sorting, has_other_head, skip_reason, trimmed
from mail.source import Source
from mail.transports.port import NotSent, Outcome, Refused, Transport, Withheld
from mail.windows import moment_of
from residency.errors import ResidencyError, UnavailableError
from residency.wire import Letter, Post, Posted
from store import Store
from store.mails import Opened, Settled
from store.mails import key as key_of
from store.posting import MailState

_log: Final = structlog.get_logger()
_SECONDS: Final = 60.0  # Of sending in one post; its activity has ten minutes.
_GIVEN_BACK: Final = timedelta(minutes=1)
_ON_HOLD: Final = NotSent(_GIVEN_BACK, "on hold")


@dataclass(frozen=True, kw_only=True)
class _Errand:
    """One post on its way: its facts, what carries it, and the words that somebody kept for it."""

    facts: Facts
    post: Post
    transport: Transport
    by_key: Mapping[str, Entry]
    edits: Mapping[str, Edit]


class Outbox:
    """Posts letters. `transport` carries real mails, `rehearsal` those of rehearsals.

    `wait` is how long a provider may take to tell what became of a mail of unknown fate. `sender`
    is the From (`a@b.org` or `Name <a@b.org>`); a program may give another name. `now` is the real
    time.
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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._drafts = Drafts(renderer, sender=sender)
        self._digests = Digests(store)
        self._sorting = Sorting(store, self._digests)
        self._transport = transport
        self._rehearsal = rehearsal
        self._wait, self._now = wait, now

    def post(self, post: Post) -> Posted:
        """Send what may be sent now; answers which letters must wait, and until when.

        Asked again, it sends nothing twice. One letter's fault does not keep back the others.
        Raises UnavailableError where the store can't be reached.
        """
        if not post.letters:
            return Posted()
        facts = read_facts(self._store, post, now=self._now())
        if facts is None:
            _log.warning("mail.residency_gone", residency=post.residency)
            return Posted()
        post = post.model_copy(update={"now": facts.now})
        transport = self._carrier(facts)
        due, later = self._sorting.sort(facts, post, in_turn=not transport.looks)
        posted = self._carry(facts, post, due, transport)
        return posted.model_copy(update={"later": later | posted.later})

    def send_by_hand(
        self, post: Post, one: Opened, attempt: str, *, edit: Edit | None = None
    ) -> Settled:
        """Send the row that an attempt of a person's has claimed, and settle it.

        `post` has its letter alone.
        """
        facts, name = read_facts(self._store, post), self._transport.name
        if facts is None:
            result = Result(outcome=Refused(_gone(post)))
        else:
            transport = self._carrier(facts)
            edits = {one.row.key: edit} if edit else {}
            errand = _Errand(facts=facts, post=post, transport=transport, by_key={}, edits=edits)
            result, name = self._send(errand, one), transport.name
        said = replace(settled(one.row, result, now=post.now, wait=self._wait), transport=name)
        self._store.outbox.settle_many(attempt, [said])
        return said

    def try_out(self, mail: Mail) -> Outcome:
        """Send a mail that is no notice, but somebody's test of one; no row is kept of it."""
        return self._transport.send(mail)

    def draft(self, post: Post, *, edit: Edit | None = None, trim: bool = False) -> Mail:
        """The mail of a post's one letter, without any row; `trim` leaves out what makes no sense then."""
        facts = self._facts(post)
        (letter,) = post.letters
        key = key_of(post.residency, letter.notice, letter.occurrence, letter.to)
        if trim:
            now, _ = self._as_it_is(facts, post, letter)
            letter, edit = now, _fitting(edit, letter, now)
        return self._mail(facts, letter, key=key, edit=edit)

    def begins_otherwise(self, post: Post) -> bool:
        """Whether what the post's one letter began with is done, and only its other lines would go."""
        (letter,) = post.letters
        now, _ = self._as_it_is(self._facts(post), post, letter)
        return has_other_head(letter, now)

    def superseded(self, post: Post) -> str:
        """Why the post's one letter would be skipped, were it sent now; "" where it would go."""
        facts = self._facts(post)
        (letter,) = post.letters
        return skip_reason(facts, post, letter) or self._as_it_is(facts, post, letter)[1]

    def template(self, post: Post) -> Source:
        """The template that the post's one letter is made from."""
        return self._drafts.template(self._facts(post), post.letters[0])

    def _facts(self, post: Post) -> Facts:
        facts = read_facts(self._store, post)
        if facts is None:
            raise ResidencyError(_gone(post))
        return facts

    def _carrier(self, facts: Facts) -> Transport:
        return self._rehearsal if facts.rehearsal else self._transport

    def _carry(self, facts: Facts, post: Post, due: list[Entry], transport: Transport) -> Posted:
        """Claim what may go now, send it and settle it."""
        attempt = uuid4().hex
        by_key = {entry.row.key: entry for entry in due}
        opened, stands = self._claim(facts, post, due, attempt)
        errand = _Errand(
            facts=facts, post=post, transport=transport, by_key=by_key, edits=self._edits(opened)
        )
        done = []
        for one in self._sending(errand, opened):
            done.append(replace(one, transport=transport.name))
            if not transport.looks:  # Who dies now can't be asked what went: so it is kept at once.
                self._store.outbox.settle_many(attempt, done[-1:])
        if done and transport.looks:
            self._store.outbox.settle_many(attempt, done)
        places = {key: entry.index for key, entry in by_key.items()}
        return _posted(places, stands, done)

    def _edits(self, opened: list[Opened]) -> dict[str, Edit]:
        """The words that somebody kept for those that waited: they go, whoever sends it."""
        waited = [one.row.key for one in opened if one.previous is not None]
        found = self._store.reviews.edits_of(waited) if waited else {}
        return {key: edit_of(review) for key, review in found.items()}

    def _claim(
        self, facts: Facts, post: Post, due: list[Entry], attempt: str
    ) -> tuple[list[Opened], Standing]:
        """Open and claim the rows; also those that an attempt before us left in `sending`.

        A residency has one post under way at a time, so whoever left them is dead, or was given up
        and can't settle them any more. What is of unknown fate is sent once more where its notice
        says so, has a reason still, is not on hold, and its provider had the time to tell.
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
        on_hold = {entry.row.key for entry in due if entry.is_on_hold}
        for row in stands.doubtful:
            if row.key in on_hold:
                stands.lost[row.key] = row.state
            elif not skip_reason(facts, post, row.letter):
                one = self._store.outbox.open_unknown(row.key, attempt)
                opened += [one] if one else []
        return opened, stands

    def _sending(self, errand: _Errand, opened: list[Opened]) -> Iterator[Settled]:
        """Sends one mail after the other, and says what came of each.

        What is behind one that could not be sent is given back untried: all of it where nothing
        goes at all, else what is for the same receiver. The same where it takes too long.
        """
        until, now = monotonic() + _SECONDS, errand.post.now
        stopped: dict[str, datetime] = {}
        everybody: datetime | None = None
        for one in opened:
            key, entry = one.row.key, errand.by_key[one.row.key]
            again = everybody or (stopped.get(one.row.receiver) if entry.is_patient else None)
            if again is None and monotonic() > until:
                again = now + _GIVEN_BACK
            if again is not None and one.previous in (None, MailState.QUEUED):
                yield Settled(key=key, state=MailState.QUEUED, not_before=again, untried=True)
                continue
            result = self._send(errand, one)
            said = settled(one.row, result, now=now, wait=self._wait)
            if isinstance(result.outcome, NotSent) and said.not_before:
                stopped[one.row.receiver] = said.not_before
                everybody = said.not_before if result.outcome.everybody else everybody
            yield said

    def _send(self, errand: _Errand, one: Opened) -> Result:
        """Send one mail. What must not go by now is not sent; if an attempt before this one may
        have sent it, that is what is said of it.
        """
        entry = errand.by_key.get(one.row.key)
        letter = whole = entry.letter if entry else one.row.letter
        in_doubt = one.previous in IN_DOUBT
        try:
            instead = self._instead(errand, one, entry)
            if not instead:
                letter, reason = self._as_it_is(errand.facts, errand.post, letter)
                instead = Withheld(reason) if reason else None
            if instead and not in_doubt:
                return Result(outcome=instead)
            key, edit = one.row.key, _fitting(errand.edits.get(one.row.key), whole, letter)
            mail = self._mail(errand.facts, letter, key=key, edit=edit)
        except UnavailableError as error:
            if in_doubt:
                raise
            return Result(outcome=NotSent(_GIVEN_BACK, fault_of(error), everybody=True))
        except Exception as error:  # noqa: BLE001  # One letter's fault keeps back no other.
            return Result(outcome=unsent(one, Refused(fault_of(error))))
        outcome = hand_over(errand.transport, mail, one, instead=instead)
        return Result(outcome=outcome, subject=mail.subject)

    def _instead(self, errand: _Errand, one: Opened, entry: Entry | None) -> Outcome | None:
        """What comes of a mail that must not go now; None where it may."""
        if entry and entry.is_on_hold:
            return _ON_HOLD
        skip = entry.row.skip if entry and one.previous is not MailState.SENDING else ""
        letter = entry.letter if entry else one.row.letter
        reason = skip or skip_reason(errand.facts, errand.post, letter)
        return Withheld(reason) if reason else None

    def _as_it_is(self, facts: Facts, post: Post, letter: Letter) -> tuple[Letter, str]:
        """The letter with what of it makes sense still, and why it is not sent where nothing does."""
        if letter.notice != DIGEST:
            return trimmed(facts, post, letter), ""
        now = self._digests.still(letter, moment=moment_of(facts, post, letter))
        return (now, "") if now.lines else (letter, MOOT)

    def _mail(self, facts: Facts, letter: Letter, *, key: str, edit: Edit | None = None) -> Mail:
        """The mail of a letter. It is dated as it was caused, or what it was gathered until."""
        if letter.notice == DIGEST:
            about = self._digests.facts(letter, now=letter.at)
            return self._drafts.mail(about, letter, key=key, at=letter.at, edit=edit)
        at = letter.resumed or letter.at
        if letter.data.get("weekly"):
            at = self._digests.until(facts, letter) or at
        return self._drafts.mail(facts, letter, key=key, at=at, edit=edit)


def _posted(places: Mapping[str, int], stands: Standing, done: list[Settled]) -> Posted:
    """What must be asked again, and when; and what can't be sent, or nobody knows whether it was."""
    later = stands.later | {one.key: one.not_before for one in done if one.not_before}
    states = stands.lost | {one.key: one.state for one in done if not one.not_before}
    failed = [key for key, state in states.items() if state is MailState.FAILED]
    unknown = [key for key, state in states.items() if state is MailState.UNKNOWN]
    return Posted(
        later={places[key]: instant for key, instant in later.items()},
        failed=[places[key] for key in failed],
        unknown=[places[key] for key in unknown],
        mails={places[key]: key for key in (*failed, *unknown)},
    )


def _fitting(edit: Edit | None, letter: Letter, now: Letter) -> Edit | None:
    """The words of an edit, unless they speak of what the letter does not begin with any more."""
    return None if has_other_head(letter, now) else edit


def _gone(post: Post) -> str:
    return f'The residency "{post.residency}" is gone.'
