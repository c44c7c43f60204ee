"""Lists of applicants: read from a file, checked as a whole before anything is started."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from cli.answers import typed_all
from intake import Applicant, person_faults
from residency.errors import ResidencyError
from residency.files import data_of, text_of
from residency.forms import Form, FormError, validate

PERSON = ("name", "email", "zone", "locale", "track", "given_name")


def read_applicants(file: Path, form: Form) -> list[Applicant]:
    """Applicants of a YAML or JSON list, or of a CSV file whose other columns are answers."""
    if file.suffix.lower() == ".csv":
        rows: Any = _csv_rows(file, form)
    else:
        rows = data_of(file)
    if not isinstance(rows, list) or not rows:
        raise ResidencyError(f'"{file}" holds no list of people; write - {{name: ..., email: ...}}')
    faults: list[str] = []
    people = [_applicant(row, f"{file}: person {n}", faults) for n, row in enumerate(rows, 1)]
    if faults:
        raise ResidencyError("\n".join(faults))
    return people


def _csv_rows(file: Path, form: Form) -> list[dict[str, Any]]:
    try:
        rows = list(csv.DictReader(StringIO(text_of(file), newline=""), restval=""))
    except csv.Error as error:
        raise ResidencyError(f'"{file}" can\'t be read: {error}.') from error
    found = []
    for row in rows:
        texts = {str(key): value for key, value in row.items() if isinstance(value, str)}
        person: dict[str, Any] = {name: texts.pop(name) for name in PERSON if texts.get(name)}
        found.append(person | {"answers": typed_all(form, texts)})
    return found


def _applicant(row: Any, where: str, faults: list[str]) -> Applicant:
    allowed = {*PERSON, "answers"}
    if not isinstance(row, dict):
        faults.append(f"{where}: not a person; write {{name: ..., email: ...}}")
        return Applicant(name="", email="")
    faults += [
        f'{where}: "{key}" is unknown; allowed are {", ".join(sorted(allowed))}'
        for key in row
        if key not in allowed
    ]
    given = {key: str(row[key]).strip() for key in PERSON if row.get(key) is not None}
    answers = row.get("answers") or {}
    if not isinstance(answers, dict):
        faults.append(f"{where}: answers are no mapping; write field: answer")
        answers = {}
    person = {"name": "", "email": ""} | given
    return Applicant(**person, answers={str(key): value for key, value in answers.items()})


def faults_of(
    people: Sequence[Applicant], form: Form, *, tracks: Sequence[str], places: Sequence[str]
) -> list[str]:
    """Every fault of every person, a sentence each; `places` say where each one stands."""
    found = []
    seen: dict[str, str] = {}
    for person, place in zip(people, places, strict=True):
        found += [f"{place}{fault}" for fault in _person_faults(person, form, tracks)]
        key = person.email.casefold()
        if key and key in seen:
            found.append(f'{place}"{person.email}" stands there twice')
        seen[key] = place
    return found


def _person_faults(person: Applicant, form: Form, tracks: Sequence[str]) -> list[str]:
    found = list(person_faults(person, tracks=tracks).values())
    try:
        validate(form, person.answers or {})
    except FormError as error:
        found += [f"{name}: {sentence}" for name, sentence in error.faults.items()]
    return found
