"""Lists of applicants: read from a file, checked as a whole before anything is started."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cli.answers import read_data, typed_all
from intake import Applicant
from residency.dates import DateError, zone_named
from residency.errors import ResidencyError
from residency.forms import Form, FormError, validate

PERSON = ("name", "email", "zone", "locale", "track", "given_name")


def read_applicants(file: Path, form: Form) -> list[Applicant]:
    """Applicants of a YAML or JSON list, or of a CSV file whose other columns are answers."""
    if file.suffix.lower() == ".csv":
        rows: Any = _csv_rows(file, form)
    else:
        rows = read_data(file)
    if not isinstance(rows, list) or not rows:
        raise ResidencyError(f'"{file}" holds no list of people; write - {{name: ..., email: ...}}')
    faults: list[str] = []
    people = [_applicant(row, f"{file}: person {n}", faults) for n, row in enumerate(rows, 1)]
    if faults:
        raise ResidencyError("\n".join(faults))
    return people


def _csv_rows(file: Path, form: Form) -> list[dict[str, Any]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = list(csv.DictReader(opened, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
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
    found = [] if person.name.strip() else ["the name is missing"]
    found += address_faults(person.email)
    try:
        if person.zone:
            zone_named(person.zone)
    except DateError as error:
        found.append(str(error))
    if tracks and person.track not in tracks:
        found.append(f'"{person.track}" is no track; choose one of {", ".join(tracks)}')
    if person.track and not tracks:
        found.append(f'"{person.track}" is no track; this program has none')
    try:
        validate(form, person.answers or {})
    except FormError as error:
        found += [f"{name}: {sentence}" for name, sentence in error.faults.items()]
    return found


def address_faults(address: str) -> list[str]:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # Slow to import.

    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return [f'"{address}" is no address: {error}'.rstrip(".")]
    return []
