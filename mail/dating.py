"""Sample letters on a program's own days: when its notices would go, and by when they would ask.

A template's sample is of a year that nobody has; what is asked for there is asked for here on the
day that the program's schedule says. What the schedule does not know keeps its place between the
first and the last day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from residency.compile import compile_plan
from residency.dates import Span, last_day, parse_instant, zone_named
from residency.definition import Definition
from residency.fields import readable
from residency.schedule import Row, schedule
from residency.titles import titles
from residency.wire import Letter, Line

FIRST: Final = date(2022, 6, 1)
LAST: Final = date(2023, 2, 28)
"""The first and the last day of the templates' samples."""
_CLOSES: Final = date(2022, 4, 3)
_CLOSE: Final = "Applications close"
_DATED: Final = ("at", "was", "first", "last", "closes", "day")
_DAY: Final = len("2022-05-31")
_PARIS: Final = "Europe/Paris"
_FRIDAY: Final = 4
_AHEAD: Final = timedelta(days=5)
_AGAIN: Final = timedelta(days=9)  # What is asked for a second time is due so much later.


@dataclass(frozen=True)
class Dates:
    """The days of a program that begins when the samples do."""

    rows: Sequence[Row]
    titles: Mapping[str, Mapping[str, Any]]
    zone: str
    last: date

    @classmethod
    def of(cls, definition: Definition) -> "Dates":
        plan, words = compile_plan(definition, None), titles(definition.program)
        rows = schedule(plan, first_day=FIRST, titles=words)
        return cls(rows, words, plan.zone, last_day(FIRST, Span.parse(plan.length)))

    def letter(self, letter: Letter) -> Letter:
        """The sample's letter, as this program would send it."""
        due = self._due(letter)
        at = self._sent(letter, due)
        days = (self._own(due) - _day(letter.due)).days if due and letter.due else None
        return letter.model_copy(
            update={
                "due": due,
                "at": at,
                "data": self._data(letter, days=days),
                "lines": [self._line(line, letter, at) for line in letter.lines],
            }
        )

    def _line(self, line: Line, letter: Letter, at: datetime) -> Line:
        """A line is as early or late as it is in the sample."""
        days = (self._own(at) - _day(letter.at)).days
        due = self._end(_day(line.due) + timedelta(days=days)) if line.due else None
        return line.model_copy(update={"due": due, "data": self._data(line, days=days)})

    # When

    def _due(self, part: Letter | Line) -> datetime | None:
        """The end of the day that the schedule has for such a task; else where its place is."""
        if part.due is None:
            return None
        what = f"{self._title(part.kind, part.item)}: due"
        known = [row.date for row in self.rows if row.what == what]
        if not known and part.notice:
            opens = [row.what for row in self.rows if row.notice == part.notice]
            dues = {f"{each.removesuffix(': opens')}: due" for each in opens}
            known = [row.date for row in self.rows if row.what in dues]
        day = known[0] if known else self._placed(_day(part.due))
        again = part.round > 1 if isinstance(part, Letter) else False
        return self._end(day + _AGAIN if again else day)

    def _sent(self, letter: Letter, due: datetime | None) -> datetime:
        """When it goes: as the schedule says, at the latest when it is due; else as in the sample."""
        fits = [
            row
            for row in self.rows
            if row.notice == letter.notice and (due is None or row.date <= self._own(due))
        ]
        if letter.round == 1 and fits and letter.notice not in ("reminder", "escalation"):
            row = fits[-1] if due else fits[0]
            return self._at(row.date, time.fromisoformat(row.time))
        if due and letter.due:
            return self._at(self._own(due) - (_day(letter.due) - _day(letter.at)))
        return self._at(self._before(letter) or self._placed(_day(letter.at)))

    def _before(self, letter: Letter) -> date | None:
        """A day before that of which it tells: of a meeting, of the first or of the last day."""
        if "at" in letter.data and (meeting := self._meeting(letter)):
            return meeting - _AHEAD
        if "first" in letter.data:
            return FIRST - _AHEAD
        if "last" in letter.data and "was" not in letter.data:
            return self._placed(date.fromisoformat(str(letter.data["last"])))
        return None

    def _meeting(self, part: Letter | Line) -> date | None:
        """The day of the meeting that it is about: the round's, else the presentation."""
        rounds = self.titles.get("rounds", {})
        what = str(rounds[part.item]) if part.item in rounds else "Presentation"
        return next((row.date for row in self.rows if row.what == what and not row.notice), None)

    def _placed(self, day: date) -> date:
        """The day at the same place between closing, first and last day."""
        closes = next((row.date for row in self.rows if row.what == _CLOSE), None)
        if day <= FIRST:
            return _between(day, (_CLOSES, FIRST), (closes or _CLOSES, FIRST))
        if day <= LAST:
            return _between(day, (FIRST, LAST), (FIRST, self.last))
        return day + (self.last - LAST)

    # What it carries

    def _data(self, part: Letter | Line, *, days: int | None) -> dict[str, Any]:
        return {key: self._value(part, key, value, days) for key, value in part.data.items()}

    def _value(self, part: Letter | Line, key: str, value: Any, days: int | None) -> Any:
        """One of them: days keep being days, and instants of a day its end."""
        if key == "first" or key not in _DATED or not isinstance(value, str):
            return value
        text = value
        meeting = self._meeting(part) if "at" in part.data else None
        if meeting and key in ("at", "was"):
            held = parse_instant(str(part.data.get("was") or part.data["at"]))
            local = parse_instant(text).astimezone(zone_named(_PARIS))
            day = _workday(meeting + (local.date() - _day(held)))
            return self._at(day, local.time()).isoformat()
        day = date.fromisoformat(text) if len(text) == _DAY else _day(parse_instant(text))
        moves = days is not None and key in ("was", "day")
        placed = day + timedelta(days=days or 0) if moves else self._placed(day)
        return (placed if len(text) == _DAY else self._end(placed)).isoformat()

    # Days of the program's zone

    def _title(self, kind: str, item: str) -> str:
        """As the schedule names a task."""
        label = str(self.titles.get("kinds", {}).get(kind) or readable(kind))
        name = self.titles.get("items", {}).get(item) if item else ""
        whole = f"{label}: {name}" if name and name not in label else label
        return label if kind.startswith("item-") else whole

    def _own(self, instant: datetime) -> date:
        """The day of the program's zone that an instant is on, or ends."""
        return _day(instant, self.zone)

    def _end(self, day: date) -> datetime:
        return self._at(day + timedelta(days=1), time())

    def _at(self, day: date, clock: time = time(9)) -> datetime:
        return datetime.combine(day, clock, zone_named(self.zone)).astimezone(UTC)


def _day(instant: datetime, zone: str = _PARIS) -> date:
    """The day that an instant is on, or ends; samples are written in Paris."""
    return (instant - timedelta(minutes=1)).astimezone(zone_named(zone)).date()


def _between(day: date, was: tuple[date, date], now: tuple[date, date]) -> date:
    share = (day - was[0]) / (was[1] - was[0])
    return now[0] + timedelta(days=round((now[1] - now[0]).days * share))


def _workday(day: date) -> date:
    """The day, or the Monday after a weekend: people meet then."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > _FRIDAY else 0)
