"""The tray: what there is to tell, until an activity has taken it.

One moment, one mail per person: what the same moment tells somebody a second time becomes a line of the
first mail. Critical notices and receipts go apart; what did not go is told in one mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from residency.notices import is_critical
from residency.wire import BoardState, Letter, Line, Scalar

ON_HOLD = "notices on hold"
_LADDER = {"reminder", "escalation"}
_LISTING = {"mail-undeliverable"}
"""Critical ones that list what one moment brings of them."""


class Tray:
    def __init__(self, state: BoardState, clock: Callable[[], datetime], *, edition: int) -> None:
        self._state, self._clock, self._edition = state, clock, edition
        self.taken: list[Letter] = []  # with the activity just now

    def drop(
        self,
        notice: str,
        to: Iterable[str],
        occurrence: str,
        *,
        seq: int,
        task: str,
        kind: str,
        item: str,
        round: int,
        due: datetime | None,
        data: Mapping[str, Scalar],
    ) -> None:
        """Drops a notice for each of these people; nobody is told the same thing twice in a moment."""
        for person in dict.fromkeys(to):
            letter = Letter(
                notice=notice,
                to=person,
                occurrence=occurrence,
                at=self._clock(),
                seq=seq,
                task=task,
                kind=kind,
                item=item,
                round=round,
                due=due,
                data=dict(data),
            )
            if self._state.held and not _is_critical(letter):
                letter.skip = ON_HOLD
            first = self._same_moment(letter)
            if first is None:
                self._state.tray.append(letter)
            else:
                first.lines.append(Line(**letter.model_dump(include=set(Line.model_fields))))

    def _same_moment(self, letter: Letter) -> Letter | None:
        if _apart(letter) and not (letter.notice in _LISTING and self._edition):
            return None
        # Who acts begins a new moment, whether or not the mail of the one before has gone already.
        for other in self._state.tray:
            if (
                other.to == letter.to
                and other.at == letter.at
                and other.seq > self._state.moment
                and other.skip == letter.skip
                and not any(other is taken for taken in self.taken)
                and (other.notice == letter.notice if _apart(letter) else not _apart(other))
            ):
                return other
        return None

    def ready(self, recorded: int) -> list[Letter]:
        """What may go now: recorded, and not to be kept for later."""
        now = self._clock()
        return [
            letter
            for letter in self._state.tray
            if letter.seq <= recorded and (letter.not_before is None or letter.not_before <= now)
        ]

    def clear(self, gone: set[int]) -> None:
        """Takes out what was sent (by identity), and lets go of the rest.

        What is on hold is kept until notices are resumed; what is held when everything has ended
        stays with the mails, for a person.
        """
        held = [one for one in self.taken if one.skip == ON_HOLD and id(one) in gone]
        self._state.tray = [letter for letter in self._state.tray if id(letter) not in gone]
        self.taken = []
        if self._state.ended is None:
            self._state.withheld = [*self._state.withheld, *held]
        if not self._state.held:  # It was resumed meanwhile.
            self.resume()

    def hold(self) -> None:
        """Holds what waits for its time, but what is critical; what is on its way just now may go.

        It goes to the mails at once, where it is seen as held and no digest takes it in.
        """
        if not self._edition:
            return
        for letter in self._state.tray:
            if not _is_critical(letter) and not any(letter is taken for taken in self.taken):
                letter.skip, letter.not_before = ON_HOLD, None

    def resume(self) -> None:
        """Lets go of what was on hold: it goes now, unless it makes no sense any more."""
        kept, self._state.withheld = self._state.withheld, []
        waiting = [one for one in self._state.tray if not any(one is taken for taken in self.taken)]
        for letter in [*kept, *(one for one in waiting if one.skip == ON_HOLD)]:
            letter.skip, letter.resumed = "", self._clock()
        self._state.tray += kept

    def next_opening(self) -> datetime | None:
        """When the next letter that was kept for later may go; one that may go already is on its way."""
        if not self._state.tray:
            return None
        now = self._clock()
        kept = [letter.not_before for letter in self._state.tray if letter.not_before is not None]
        return min((instant for instant in kept if instant > now), default=None)


def _apart(letter: Letter) -> bool:
    # Who joins or leaves a meeting gets its calendar entry, which a line of another mail can't carry.
    return letter.notice in _LADDER or "party" in letter.data or _is_critical(letter)


def _is_critical(letter: Letter) -> bool:
    return is_critical(letter.notice, letter.data, at=letter.at)
