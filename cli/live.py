"""The log of a rehearsal: moments under months on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.live import Live
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli.output import count
from cli.tables import cleaned, padded, shortened, width_of, wrapped
from residency.dates import zone_named
from residency.wire import Tag

if TYPE_CHECKING:
    from rehearsal.driver import Moment
    from rehearsal.summary import Summary

WIDE: Final = 100
"""From so many columns on there is room for long names beside what happened."""
NAME_WIDTH, NARROW_NAME_WIDTH = 20, 14
STAGE_WIDTH: Final = 14
COLORS: Final = {
    "application": "cyan",
    "screening": "blue",
    "interviews": "magenta",
    "selection": "yellow",
    "offer": "bright_yellow",
    "onboarding": "bright_cyan",
    "milestones": "green",
    "presentation": "bright_magenta",
    "publication": "bright_blue",
    "completion": "bright_green",
}
"""One color a stage; the stage is always said in words too."""


def short_name(name: str, width: int) -> str:
    """A name that fits: the family name as an initial, where it is too long."""
    name = cleaned(name)
    if width_of(name) <= width:
        return name
    given, _, rest = name.partition(" ")
    return shortened(f"{given} {rest.rpartition(' ')[2][:1]}." if rest else given, width)


class LiveLog:
    """Use it with `with`; `tell` takes each moment; `quiet` prints only the progress."""

    def __init__(self, console: Console, *, zone: str, quiet: bool = False) -> None:
        self._console, self._zone, self._quiet = console, zone_named(zone), quiet
        self._month = ""
        self._stages: dict[str, str] = {}
        self._moments = 0
        self._spinner = Spinner("dots", Text("starting ...", style="dim"))
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(
                self._spinner, console=self._console, refresh_per_second=10, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, moment: Moment) -> None:
        """One thing that happened."""
        self._moments += 1
        over = moment.event.tag is Tag.ENDED
        self._stages[moment.residency] = "gone" if over else moment.stage
        local = moment.at.astimezone(self._zone)
        if not self._quiet:
            self._print(moment, local)
        self._progress(local)

    def _print(self, moment: Moment, local: datetime) -> None:
        if not self._console.is_terminal:
            self._console.print(self._line(moment, f"{local:%Y-%m-%d %H:%M}"), soft_wrap=True)
            return
        month = f"{local:%B %Y}"
        if month != self._month:
            self._month = month
            self._console.print()
            self._console.print(Rule(Text(month, style="bold"), align="left", style="dim"))
        for line in self._lines(moment, f"{local:%a %d %H:%M}"):
            self._console.print(line, no_wrap=True, overflow="crop")

    def _lines(self, moment: Moment, when: str) -> Iterator[Text]:
        """On a terminal: what happened is wrapped at words, under itself."""
        width = self._console.width
        line = self._head(moment, when, NAME_WIDTH if width >= WIDE else NARROW_NAME_WIDTH)
        indent = line.cell_len
        first, *more = wrapped(cleaned(moment.text), max(width - indent, STAGE_WIDTH))
        yield line.append(first)
        yield from (Text(" " * indent + each) for each in more)

    def _line(self, moment: Moment, when: str) -> Text:
        """Elsewhere: one line, as long as it takes."""
        return self._head(moment, when, NAME_WIDTH).append(cleaned(moment.text))

    def _head(self, moment: Moment, when: str, name_width: int) -> Text:
        line = Text.assemble((f"{when}  ", "dim"))
        line.append(padded(short_name(moment.name, name_width), name_width + 2), style="bold")
        return line.append(moment.stage.ljust(STAGE_WIDTH), style=COLORS.get(moment.stage, ""))

    def _progress(self, local: datetime) -> None:
        if self._live is None:
            return
        stages = Counter(self._stages.values())
        where = " · ".join(f"{number} {stage}" for stage, number in stages.most_common())
        told = f"{local:%b %d, %Y}  {where}"
        self._spinner.update(text=Text(told, style="dim"))


def show_summary(console: Console, summary: Summary) -> None:
    """What came of it: people by end, mails by notice, tasks and reminders."""
    console.print()
    console.print(Text(f"{summary.program}: {count(summary.days, 'day')}", style="bold"))
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    people = ", ".join(f"{number} {end}" for end, number in summary.people_by_end.items())
    facts.add_row("people", Text(people))
    facts.add_row("tasks completed", str(summary.tasks_completed))
    facts.add_row("reminders", f"{summary.reminders}, and {summary.escalations} to others")
    facts.add_row("mails", str(sum(summary.mails.values())))
    facts.add_row("took", f"{summary.wall_seconds:.0f} s")
    console.print(facts)
    if summary.mails:
        console.print()
        console.print(_mails(summary.mails, wide=console.is_terminal and console.width >= 100))


def _mails(mails: dict[str, int], *, wide: bool) -> Table:
    """Notices with their numbers, the most frequent first; in columns where there is room."""
    columns = 3 if wide else 1
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for _ in range(columns):
        table.add_column("mail", no_wrap=True)
        table.add_column("sent", justify="right")
    rows = sorted(mails.items(), key=lambda pair: (-pair[1], pair[0]))
    height = -(-len(rows) // columns)
    for line in range(height):
        cells: list[str] = []
        for column in range(columns):
            place = column * height + line
            cells += [rows[place][0], str(rows[place][1])] if place < len(rows) else ["", ""]
        table.add_row(*cells)
    return table
