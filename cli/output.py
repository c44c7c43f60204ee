"""What commands print: data on standard output, messages on standard error, JSON if asked for."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel

from cli.tables import Layout, cleaned, is_colored, layout, lines_of, terminal_width, width_of

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
    if value is None or type(value) in (str, int, float, bool):  # Most of thousands of rows.
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
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


def show_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    spare: Sequence[str] = (),
    dim: Sequence[bool] = (),
) -> None:
    """A table: on a terminal as wide as it is; elsewhere plain columns, whole and never cut.

    `spare` names the columns that a narrow terminal can do without, the least important first;
    `dim` has one truth value for each row that is to be faint.
    """
    texts = [[cleaned("" if cell is None else str(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _fitted_table(headings, texts, spare, dim)
    else:
        _plain_table(headings, texts)


def _fitted_table(
    headings: Sequence[str], rows: list[list[str]], spare: Sequence[str], dim: Sequence[bool]
) -> None:
    laid = layout(headings, rows, width=terminal_width(), spare=spare)
    bold, faint, plain_again = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if is_colored() else ("", "", "")
    lines = [f"{bold}{line}{plain_again}" for line in lines_of(headings, laid)]
    for number, row in enumerate(rows):
        is_faint = number < len(dim) and dim[number] and faint
        lines += [f"{faint}{one}{plain_again}" if is_faint else one for one in lines_of(row, laid)]
    show("\n".join(lines))
    # Of `at (Europe/Paris)` the zone is no part of the name.
    left_out = [
        name.partition(" (")[0]
        for number, name in enumerate(headings)
        if number not in laid.columns
    ]
    if left_out:
        say(f"No room for {' and '.join(left_out)}; a wider terminal or a pipe shows all.")


def _plain_table(headings: Sequence[str], rows: list[list[str]]) -> None:
    lines = [list(headings), *rows]
    widths = [max(width_of(line[column]) for line in lines) for column in range(len(headings))]
    whole = Layout(list(range(len(headings))), widths)
    show("\n".join(line for cells in lines for line in lines_of(cells, whole)))


def heading(text: str) -> None:
    """A heading above a part of what is shown."""
    if not sys.stdout.isatty():
        show(text)
        return
    start, end = ("\x1b[1m", "\x1b[0m") if is_colored() else ("", "")
    above, line = ("\n", text[1:]) if text.startswith("\n") else ("", text)
    show(f"{above}{start}{cleaned(line)}{end}")


def count(number: int, one: str, several: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{number} {one if number == 1 else several or one + 's'}"
