"""What is to be done with each letter of a post: go now, wait, be held, or never go."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mail.context import DIGEST, Facts
from mail.digest import CLOSED, HANDED_ON, MOVED, REPEATED, Digests, row_of
from mail.windows import REMINDING, is_by_day, moment_of, opening
from mail.windows import REPEATED as WINDOW
from residency.notices import is_critical, notice_named
from residency.tray import ON_HOLD
from residency.wire import Letter, Line, Post
from store import Store
from store.mails import Mail as Row
from store.posting import MailState


@dataclass(frozen=True)
class Entry:
    """A letter with its place in the post, its row, and what we would do knowing nothing else."""

    index: int
    letter: Letter
    row: Row
    not_before: datetime | None = None
    until: datetime | None = None  # when it goes together with others
    is_on_hold: bool = False  # though it can't be held: an attempt may have sent it

    @property
    def is_patient(self) -> bool:
        """Whether it waits behind another one for the same receiver."""
        skipped = self.row.state is MailState.SKIPPED
        letter = self.letter
        return not (skipped or is_critical(letter.notice, letter.data, at=letter.at))


@dataclass(frozen=True)
class Sorting:
    """Sorts the letters of posts, and writes the rows of those that don't go now."""

    store: Store
    digests: Digests

    def sort(
        self, facts: Facts, post: Post, *, in_turn: bool
    ) -> tuple[list[Entry], dict[int, datetime]]:
        """What is due now, and until when the others wait, by their place in the post.

        `in_turn`: behind a mail that could not be sent yet, its receiver's later ones wait.
        """
        resumed = [each for each in post.letters if each.resumed]
        keys = [row_of(facts, each, subject=post.residency).key for each in resumed]
        self.store.outbox.release(keys, detail=ON_HOLD)
        entries = [
            self._entry(facts, post, index=index, letter=letter)
            for index, letter in enumerate(post.letters)
        ]
        if in_turn:
            entries = self._in_turn(facts, post, entries)
        entries = self._held_back(facts, entries)
        waiting = [entry for entry in entries if entry.not_before is not None]
        if waiting:
            self.store.outbox.put_many([entry.row for entry in waiting])
        due = [entry for entry in entries if entry.not_before is None]
        due = self._repeated(facts, post, self._gathered(facts, post, due))
        return due, {entry.index: entry.not_before for entry in waiting if entry.not_before}

    def _entry(self, facts: Facts, post: Post, *, index: int, letter: Letter) -> Entry:
        row = row_of(facts, letter, subject=post.residency)
        moment = moment_of(facts, post, letter)
        taken_in = _is_taken_in(facts, row)  # Its digest goes on, whatever has changed since.
        until = None if taken_in else self.digests.until(facts, letter)
        goes = opening(facts, letter, moment=max(moment, until) if until else moment)
        # Not by the time of this activity: a slow one may come only when the letter goes already.
        skip = "" if taken_in else skip_reason(facts, post, letter, goes=goes)
        if until and skip in (HANDED_ON, MOVED):
            skip = ""  # A digest says who has it by now; what goes by itself is asked once more.
        if skip == ON_HOLD:
            told = letter.model_copy(update={"skip": ""})
            row = replace(row, letter=told, state=MailState.HELD, detail=ON_HOLD)
            return Entry(index, letter, row)
        if skip:
            return Entry(index, letter, replace(row, state=MailState.SKIPPED, skip=skip))
        not_before = goes if goes > post.now else None
        return Entry(index, letter, replace(row, not_before=not_before), not_before, until)

    def _in_turn(self, facts: Facts, post: Post, entries: list[Entry]) -> list[Entry]:
        """Critical ones wait behind none."""
        return [
            replace(entry, not_before=until, row=replace(entry.row, not_before=until))
            if (until := facts.awaited.get(entry.letter.to))
            and until > post.now
            and entry.is_patient
            else entry
            for entry in entries
        ]

    def _held_back(self, facts: Facts, entries: list[Entry]) -> list[Entry]:
        """Hold what is on hold; what is left goes on its way.

        What an attempt may have sent, or could not, is not held: somebody must still be told of it.
        """
        asked = [
            entry
            for entry in entries
            if entry.row.state is MailState.HELD
            or (entry.letter.notice in facts.on_hold and entry.row.state is not MailState.SKIPPED)
        ]
        if not asked:
            return entries
        held = self.store.outbox.hold([entry.row for entry in asked])
        places = {entry.index for entry in asked}
        return [
            replace(entry, is_on_hold=True) if entry.index in places else entry
            for entry in entries
            if entry.index not in places or entry.row.key not in held
        ]

    # Digests

    def _gathered(self, facts: Facts, post: Post, due: list[Entry]) -> list[Entry]:
        """A digest in place of the letters that are in it, once; another residency's has its own.

        Which one they are in is asked of their rows, as it was decided, and computed only once.
        """
        for to, until in dict.fromkeys((each.letter.to, each.until) for each in due):
            if until:
                self.digests.gather(facts, to, until=until)
        known = {
            **facts.known,
            **self.store.outbox.many(each.row.key for each in due if each.until),
        }
        taken_in = {each.index: row.digest for each in due if (row := known.get(each.row.key))}
        digests = self.store.outbox.many({digest for digest in taken_in.values() if digest})
        carried, kept = set[str](), list[Entry]()
        for entry in due:
            digest = digests.get(taken_in.get(entry.index, ""))
            if digest is None:
                kept.append(entry)
            elif digest.carrier == post.residency and digest.key not in carried:
                carried.add(digest.key)
                kept.append(Entry(entry.index, digest.letter, digest))
        return self._held_back(facts, kept) if carried else kept

    # The repeat window

    def _repeated(self, facts: Facts, post: Post, due: list[Entry]) -> list[Entry]:
        """Skips what was said already, of the same task to the same person, within the window."""
        asking = [entry for entry in due if _may_repeat(facts, entry)]
        if not asking:
            return due
        said = self._said(facts, post, asking)
        again = set[int]()
        for entry in asking:
            letter = entry.letter
            about = (letter.notice, letter.to, letter.task)
            goes = opening(facts, letter, moment=moment_of(facts, post, letter))
            before = [at for at, key in said.get(about, []) if key != entry.row.key and at <= goes]
            if any(goes - at < WINDOW for at in before):
                again.add(entry.index)
            else:
                said.setdefault(about, []).append((goes, entry.row.key))
        return [
            replace(entry, row=replace(entry.row, state=MailState.SKIPPED, skip=REPEATED))
            if entry.index in again
            else entry
            for entry in due
        ]

    def _said(
        self, facts: Facts, post: Post, asking: Iterable[Entry]
    ) -> dict[tuple[str, str, str], list[tuple[datetime, str]]]:
        """When what is asked for was said before, by what, to whom and of which task."""
        said: dict[tuple[str, str, str], list[tuple[datetime, str]]] = {}
        wanted = {(each.letter.notice, each.letter.to, each.letter.task) for each in asking}
        rows = self.store.outbox.said(
            post.residency,
            receivers={to for _, to, _ in wanted},
            notices={notice for notice, _, _ in wanted},
        )
        for row in rows:
            about = (row.notice, row.receiver, row.letter.task)
            if about in wanted:
                said.setdefault(about, []).append((self._went(facts, post, row), row.key))
        return said

    def _went(self, facts: Facts, post: Post, row: Row) -> datetime:
        """When a mail went, by the program's time; on the real clock perhaps later than it might."""
        letter = row.letter
        until = letter.resumed or self.digests.until(facts, letter)
        went = opening(facts, letter, moment=until or row.at)
        if facts.rehearsal or row.sent is None or row.sent > post.now:
            return went
        return max(went, row.sent)


def _is_taken_in(facts: Facts, row: Row) -> bool:
    """Whether the mail stands in a digest already."""
    known = facts.known.get(row.key)
    return known is not None and bool(known.digest)


def skip_reason(facts: Facts, post: Post, letter: Letter, *, goes: datetime | None = None) -> str:
    """Why a letter is not to be sent any more, at the time when it goes; "" where it is.

    What carries a line that still makes sense goes on (`trimmed`).
    """
    if letter.skip:
        return letter.skip
    receiver = facts.people.get(letter.to)
    if receiver is not None and receiver.paused:
        return f"the address is paused: {receiver.paused}"
    goes = goes or moment_of(facts, post, letter)
    reason = _superseded(facts, letter, letter, goes=goes)
    if reason and letter.notice != DIGEST:
        stands = any(not _superseded(facts, letter, line, goes=goes) for line in letter.lines)
        return "" if stands else reason
    return reason


def trimmed(facts: Facts, post: Post, letter: Letter) -> Letter:
    """The letter without the lines that make no sense any more; one that does takes its head's place.

    Words that somebody wrote for the head say nothing of that line (`has_other_head`).
    """
    if not letter.lines or letter.notice == DIGEST:
        return letter
    goes = moment_of(facts, post, letter)
    lines = [line for line in letter.lines if not _superseded(facts, letter, line, goes=goes)]
    if lines and _superseded(facts, letter, letter, goes=goes):
        head = {name: getattr(lines[0], name) for name in Line.model_fields}
        return letter.model_copy(update={**head, "lines": lines[1:]})
    return letter.model_copy(update={"lines": lines})


def has_other_head(letter: Letter, now: Letter) -> bool:
    """Whether a line stands in the place of what the mail began with."""
    return any(getattr(letter, name) != getattr(now, name) for name in Line.model_fields)


def _superseded(facts: Facts, letter: Letter, part: Letter | Line, *, goes: datetime) -> str:
    """Why the letter, or a line of it, would say what is no longer so; "" where it is still so.

    What opens a task is told although its date was moved: the reader knows of it by no other mail.
    """
    if not notice_named(part.notice).asks:
        return ""
    closed = facts.closed.get(part.task)
    if closed is not None and letter.at <= closed < goes:
        return CLOSED
    since = [each for each in facts.changed.get(part.task, ()) if letter.at <= each.at < goes]
    holders = next((each.who for each in reversed(since) if each.who is not None), None)
    had = set(str(part.data.get("who") or letter.to).split(","))
    if holders is not None and not had & holders:
        return HANDED_ON
    if part.notice in REMINDING and any(each.who is None for each in since):
        return MOVED
    return ""


def _may_repeat(facts: Facts, entry: Entry) -> bool:
    """Whether it is the software's own asking; what a person caused always goes.

    What is due within hours may be said every hour.
    """
    letter = entry.letter
    cause = letter.occurrence.removeprefix(letter.task).rpartition("~")[2]  # Else an action's id.
    is_own = letter.occurrence.startswith(f"{letter.task}~") and cause.isdigit()
    asks = bool(letter.task) and notice_named(letter.notice).asks
    return is_own and asks and entry.is_patient and is_by_day(facts, letter)
