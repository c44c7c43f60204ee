"""What commands print: data on standard output, messages on standard error, JSON if asked for."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""The option of everything that lists."""


PAGE = 200
Limit = Annotated[
    int | None,
    typer.Option(
        min=0, metavar="N", help=f"At most so many; 0 is all. Default: {PAGE}, or all as JSON."
    ),
]
"""The option of lists that can be long."""


def reading(limit: int | None, *, as_json: bool) -> int | None:
    """How many rows to read: one more than `first` shows, so that it knows of more."""
    wanted = (0 if as_json else PAGE) if limit is None else limit
    return wanted + 1 if wanted else None


def first(rows: list[Any], read: int | None) -> list[Any]:
    """The rows to show; that there are more is said on standard error."""
    if read is None or len(rows) < read:
        return rows
    say(f"Only the first {read - 1}; --limit 0 shows all, and --cohort those of one cohort.")
    return rows[: read - 1]


def example(*lines: str) -> str:
    """The end of a command's help: what can be typed as it stands."""
    return "Example: " + "  or  ".join(lines)


def say(line: str) -> None:
    """A message, on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  # This is where commands print.


def show(line: str = "") -> None:
    """A line of data, on standard output."""
    print(line, flush=True)  # noqa: T201  # As above.


def show_json(value: Any) -> None:
    """One JSON value on standard output, with dates as ISO text."""
    show(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """A value of rows and models as JSON knows it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def console() -> "Console":
    """Standard output for a person; rich itself respects NO_COLOR and what is no terminal."""
    from rich.console import Console  # noqa: PLC0415  # 50 ms that only a terminal is worth.

    return Console(highlight=False, emoji=False, markup=False)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table: on a terminal as wide as it is; elsewhere plain columns, never cut."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headings, texts)
    else:
        _plain_table(headings, texts)


def _rich_table(headings: Sequence[str], rows: list[list[str]]) -> None:
    from rich.table import Table  # noqa: PLC0415  # As above.
    from rich.text import Text  # noqa: PLC0415  # As above.

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def _plain_table(headings: Sequence[str], rows: list[list[str]]) -> None:
    lines = [list(headings), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        show("  ".join(padded).rstrip())


def heading(text: str) -> None:
    """A heading above a part of what is shown."""
    if not sys.stdout.isatty():
        show(text)
        return
    from rich.text import Text  # noqa: PLC0415  # As above.

    console().print(Text(text, style="bold"))


def count(number: int, one: str, several: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{number} {one if number == 1 else several or one + 's'}"
