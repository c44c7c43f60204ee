"""The log of a rehearsal: moments under months on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
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
from residency.dates import zone_named
from residency.wire import Tag

if TYPE_CHECKING:
    from rehearsal.driver import Moment
    from rehearsal.summary import Summary

NAME_WIDTH: Final = 20
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
        self._console.print(
            self._line(moment, f"{local:%a %d %H:%M}"), no_wrap=True, overflow="ellipsis"
        )

    def _line(self, moment: Moment, when: str) -> Text:
        name = (
            moment.name if len(moment.name) <= NAME_WIDTH else moment.name[: NAME_WIDTH - 1] + "…"
        )
        line = Text(f"{when}  ", style="")
        line.stylize("dim")
        line.append(name.ljust(NAME_WIDTH + 2), style="bold")
        line.append(moment.stage.ljust(14), style=COLORS.get(moment.stage, ""))
        line.append(moment.text)
        return line

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
