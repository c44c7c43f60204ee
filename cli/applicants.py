"""Lists of applicants: read from a file and checked as a whole, each fault with its line."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from cli.answers import typed_all
from cli.output import count
from intake import Applicant
from rehearsal.listed import entries_of
from rehearsal.people import LIKE, applicant_of, note_doubles
from residency.errors import ResidencyError
from residency.files import text_of
from residency.forms import Form
from residency.source import Place, Source
from residency.validation import did_you_mean

PERSON: Final = ("name", "email", "zone", "locale", "track", "given_name")


def read_applicants(
    file: Path, form: Form, *, tracks: Sequence[str]
) -> tuple[list[Applicant], list[Source]]:
    """Applicants of a YAML or JSON list, or of a CSV file whose other columns are answers.

    Each has a source, which holds the faults that were found and takes more. What can't be read as
    a list is a ResidencyError.
    """
    is_csv = file.suffix.lower() == ".csv"
    entries = _csv_entries(file, form) if is_csv else entries_of(file, like=LIKE)
    if not entries:
        raise ResidencyError(f'"{file}" holds no list of people; write - {LIKE}')
    people = [applicant_of(entry, tracks=tracks, form=form) for entry in entries]
    note_doubles(entries)
    return people, entries


def _csv_entries(file: Path, form: Form) -> list[Source]:
    """A source for each row; what is wrong with the columns is a fault of the first one."""
    reader = csv.reader(StringIO(text_of(file), newline=""), strict=True)
    try:
        numbered = list(_rows(reader))
    except csv.Error as error:
        raise ResidencyError(f"{file}:{reader.line_num}: no CSV: {error}.") from error
    header = [name.strip() for name in numbered[0][1]] if numbered else []
    entries = [_csv_entry(file, form, header, line, row) for line, row in numbered[1:]]
    if entries:
        entries[0].places["header",] = Place(1, 1, 1, 1, "")
        _note_columns(entries[0], header, [*PERSON, *(field.id for field in form.fields)])
    return entries


def _note_columns(entry: Source, header: list[str], known: list[str]) -> None:
    for name, number in Counter(header).items():
        if name not in known:
            allowed = did_you_mean(name, known) or f"; allowed: {', '.join(known)}"
            entry.fault(("header",), f'"{name}" is no column{allowed}')
        elif number > 1:
            entry.fault(("header",), f'"{name}" is the name of {number} columns; leave one')


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the lines where they begin.

    Spreadsheets write empty cells up to the widest row; those at the end of a row are left out.
    """
    line = 1
    for row in reader:
        while row and not row[-1].strip():
            row.pop()
        if row:
            yield line, row
        line = reader.line_num + 1


def _csv_entry(file: Path, form: Form, header: list[str], line: int, row: list[str]) -> Source:
    entry = Source(file)
    place = Place(line, 1, line, 1, "")
    texts = {name: cell for name, cell in zip(header, row, strict=False) if cell.strip()}
    person: dict[str, Any] = {name: texts.pop(name) for name in PERSON if name in texts}
    own = {name: text for name, text in texts.items() if form.field(name)}
    entry.data = person | {"answers": typed_all(form, own)}
    entry.places |= {(): place, ("answers",): place}
    entry.places |= {(name,): place for name in person}
    entry.places |= {("answers", name): place for name in own}
    if len(row) > len(header):
        entry.fault((), f"{len(row)} cells, but the file has {count(len(header), 'column')}")
    return entry
