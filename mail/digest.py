"""Digests: whoever has several open tasks gets one mail a morning in place of a reminder for each.

Reminders that may be gathered wait until their digest time. The first residency that comes for one
then asks the record what else rang for the same receiver, and carries one mail for all of them;
the others find theirs settled. docs/decisions/0007-digests.md says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mail.context import DIGEST, Facts, Somebody
from mail.facts import read_facts
from mail.windows import GATHERED, days_late, digest_time, is_by_day
from residency.errors import ResidencyError
from residency.wire import Letter, Line, Post
from store import Store
from store.digests import LEAST, Became, Member, Rang
from store.mails import Mail as Row
from store.posting import MailState

REPEATED: Final = "repeat window"
CLOSED: Final = "superseded: the task is closed"
HANDED_ON: Final = "superseded: the task was handed on"
MOVED: Final = "superseded: the date was moved"
MOOT: Final = "superseded: nothing that it lists waits any more"
_LONGEST_WAIT: Final = timedelta(days=30)
"""A letter that waits for a digest is younger: a week, and however long an office is closed."""


@dataclass(frozen=True)
class Digests:
    """Which letters are gathered, until when, and in what mail."""

    store: Store

    def until(self, facts: Facts, letter: Letter) -> datetime | None:
        """When a letter goes together with others; None where it goes by itself."""
        if not _may_be_gathered(facts, letter):
            return None
        return _until(facts, letter, residency=facts.residency)

    def gather(self, facts: Facts, receiver: str, *, until: datetime) -> None:
        """Write the digest of a receiver, unless it is there already or would be none."""
        rang = self.store.digests.rang(
            cohort=facts.cohort, receiver=receiver, after=until - _LONGEST_WAIT, before=until
        )
        gathered = [
            (each, letter)
            for each in rang
            if _may_be_gathered(facts, letter := _letter(facts, each, to=receiver))
            and _until(facts, letter, residency=each.residency) == until
        ]
        row = _digest(facts, facts.people[receiver], until=until)
        if len({(each.residency, each.task) for each, _ in gathered}) >= LEAST:
            self.store.digests.gather(row, list(_members(facts, row, gathered)))

    def facts(self, letter: Letter, *, now: datetime) -> Facts:
        """What a digest can speak of: its first residency's program, and everybody whom it names.

        Raises ResidencyError where that residency is gone.
        """
        host = str(letter.lines[0].data["residency"])
        facts = read_facts(self.store, Post(residency=host, now=now, letters=[letter]))
        if facts is None:
            raise ResidencyError(f'The residency "{host}" is gone.')
        return replace(facts, residency="", person=letter.to, mentors=())

    def still(self, letter: Letter, *, moment: datetime) -> Letter:
        """The digest with what is open still at that moment, and of whom; perhaps without any line.

        A task that was handed on is not its former holder's any more, and of one whose date was moved
        the reminders begin anew.
        """
        places = [(str(line.data["residency"]), line.task) for line in letter.lines]
        since = self.store.digests.since(places, moment=moment)
        lines = [
            now
            for line, place in zip(letter.lines, places, strict=True)
            if (now := _as_it_is(line, since.get(place), reader=letter.to))
        ]
        return letter.model_copy(update={"lines": lines})


def _as_it_is(line: Line, became: Became | None, *, reader: str) -> Line | None:
    """A line with whoever has its task by now; None where the reader has nothing to do with it."""
    if became is not None and not became.is_due(line.due):
        return None
    if became is None or (holders := became.who) is None:
        return line
    if not holders or ("who" not in line.data and reader not in holders):
        return None
    data = {name: value for name, value in line.data.items() if name != "who"}
    if reader not in holders:
        data["who"] = ",".join(holders)
    return line.model_copy(update={"data": data})


def _may_be_gathered(facts: Facts, letter: Letter) -> bool:
    whole = bool(letter.task) and not letter.skip and letter.resumed is None
    return letter.notice in GATHERED and whole and is_by_day(facts, letter)


def _until(facts: Facts, letter: Letter, *, residency: str) -> datetime | None:
    """A reminder of the only task that somebody had when it rang waits for nothing."""
    receiver = facts.people.get(letter.to)
    own, asked = (residency, letter.task), facts.asked.get(letter.to, ())
    has_more = any(each.was_open(letter.at) for each in asked if (each.residency, each.task) != own)
    if receiver is None or not (has_more or letter.notice == "escalation"):
        return None
    return digest_time(facts, receiver, at=letter.at, weekly=bool(letter.data.get("weekly")))


def _digest(facts: Facts, receiver: Somebody, *, until: datetime) -> Row:
    """The row of a digest as it is written: under its receiver's key, for a cohort and a morning."""
    occurrence = f"{until.isoformat(timespec='minutes')}~{facts.cohort}"
    letter = Letter(notice=DIGEST, to=receiver.id, occurrence=occurrence, at=until)
    row = row_of(facts, letter, subject=receiver.id)
    return replace(row, carrier=facts.residency)


def row_of(facts: Facts, letter: Letter, *, subject: str) -> Row:
    """The outbox's row of a letter, before anything has become of it."""
    return Row(
        subject=subject,
        notice=letter.notice,
        occurrence=letter.occurrence,
        receiver=letter.to,
        at=letter.at,
        letter=letter,
        cohort=facts.cohort,
        rehearsal=bool(facts.rehearsal),
    )


def _members(
    facts: Facts, digest: Row, gathered: Iterable[tuple[Rang, Letter]]
) -> Iterable[Member]:
    """A task stands in a digest once: as it rang last."""
    newest = {(each.residency, each.task): letter for each, letter in gathered}
    for each, letter in gathered:
        listed = newest[each.residency, each.task] is letter
        row = replace(
            row_of(facts, letter, subject=each.residency),
            state=MailState.SKIPPED,
            skip=f"in the digest {digest.key}" if listed else REPEATED,
            digest=digest.key,
        )
        yield Member(row=row, line=_line(each, letter) if listed else None)


def _letter(facts: Facts, rang: Rang, *, to: str) -> Letter:
    """The letter that the residency dropped, from what its record says of it."""
    _, kind, item, round_ = rang.task.split("/")
    late = days_late(facts, rang.due, at=rang.at)
    data = {"rung": rang.rung, "late_days": late, "who": rang.who, "weekly": rang.weekly}
    return Letter(
        notice=rang.notice,
        to=to,
        occurrence=rang.occurrence,
        at=rang.at,
        task=rang.task,
        kind=kind,
        item=item,
        round=int(round_),
        due=rang.due,
        data={name: value for name, value in data.items() if value not in ("", False)},
    )


def _line(rang: Rang, letter: Letter) -> Line:
    about = {"residency": rang.residency, "person": rang.person}
    values = letter.model_dump(include=set(Line.model_fields) - {"data"})
    return Line(**values, data={**letter.data, **about})
