"""Tables as wide as a terminal: wrapped at words, and without what matters least where it is narrow."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = "  "
SHORT, LONG = 16, 28
"""A column that never needs more than SHORT is not wrapped; one with sentences gets LONG at least."""


@dataclass(frozen=True)
class Layout:
    """The columns that are shown, by number, and how wide each one is."""

    columns: list[int]
    widths: list[int]


def terminal_width() -> int:
    """Columns of the terminal; 80 where nobody knows."""
    return shutil.get_terminal_size().columns


def is_colored() -> bool:
    """Whether standard output is a terminal that may be written in bold and faint letters."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.getenv("TERM") != "dumb"


def cleaned(text: str) -> str:
    """On one line, and without what would move a terminal's cursor."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " for each in text)


def width_of(text: str) -> int:
    """The columns that a text takes: two for a wide letter, none for an accent of its own."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(each) for each in text)


def _columns_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def layout(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, spare: Sequence[str] = ()
) -> Layout:
    """How a table fits; `spare` names the columns that can be left out, the least important first.

    Columns are left out only where all of them together would be too narrow to be read.
    """
    cells = list(zip(headings, *rows, strict=True))
    words = [max(map(_longest_word, column)) for column in cells]
    # A heading may be wrapped rather than a cell below it.
    natural = [
        max(word, *map(width_of, column[1:]), 0) for word, column in zip(words, cells, strict=True)
    ]
    comfortable = [
        max(word, min(whole, SHORT if whole <= SHORT + LONG else LONG))
        for word, whole in zip(words, natural, strict=True)
    ]
    columns = list(range(len(headings)))
    for name in (*spare, None):
        room = width - len(GAP) * (len(columns) - 1)
        if name is None or sum(comfortable[each] for each in columns) <= room:
            break
        columns = [each for each in columns if headings[each] != name]
    least = [comfortable[each] for each in columns]
    if sum(least) > room:
        least = _within(room, [words[each] for each in columns], least)
    widths = _within(room, least, [natural[each] for each in columns])
    return Layout(
        columns,
        _within(room, widths, [max(natural[each], width_of(headings[each])) for each in columns]),
    )


def _longest_word(text: str) -> int:
    return max(map(width_of, text.split()), default=0)


def _within(room: int, least: list[int], most: list[int]) -> list[int]:
    """Widths from `least` to `most` that fit in the room: whoever has little gets more first.

    Where not even the least fit, the widest columns give away what is missing.
    """
    if sum(least) > room:
        return _capped(room, [0] * len(least), least)
    return _capped(room, least, most)


def _capped(room: int, least: list[int], most: list[int]) -> list[int]:
    """The widest of all widths up to one common limit that fit; at least one column wide each."""

    def limited(limit: int) -> list[int]:
        return [max(low, min(high, limit), 1) for low, high in zip(least, most, strict=True)]

    limits = range(max(most, default=1), 0, -1)
    best = next((one for one in map(limited, limits) if sum(one) <= room), limited(1))
    left = room - sum(best)
    for number, high in enumerate(most):
        if left > 0 and best[number] < high:
            best[number] += 1
            left -= 1
    return best


def lines_of(cells: Sequence[str], laid: Layout) -> Iterator[str]:
    """One row of a table: a line, or several where a cell does not fit on one."""
    parts = [
        wrapped(cells[column], width)
        for column, width in zip(laid.columns, laid.widths, strict=True)
    ]
    for number in range(max(map(len, parts))):
        line = [
            padded(lines[number] if number < len(lines) else "", width)
            for lines, width in zip(parts, laid.widths, strict=True)
        ]
        yield GAP.join(line).rstrip()


def wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words; a word that is too long for any line is shortened."""
    if width_of(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split():
        whole = shortened(word, width)
        longer = f"{lines[-1]} {whole}" if lines else whole
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(whole)
    return lines or [""]


def shortened(text: str, width: int) -> str:
    """As much of a text as fits, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while width_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"


def padded(text: str, width: int) -> str:
    """With blanks up to that width."""
    return text + " " * (width - width_of(text))
