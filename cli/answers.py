"""Answers of a form as a person types them, or keeps them in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from residency.errors import ResidencyError
from residency.files import data_of
from residency.forms import Form, FormError, number_of, validate

if TYPE_CHECKING:
    from intake import Applicant

_YES = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


def read_answers(form: Form, pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """Answers from a file and from `key=value` pairs, which win; not checked yet."""
    answers: dict[str, Any] = {}
    if file is not None:
        found = data_of(file)
        if not isinstance(found, dict):
            raise ResidencyError(f'"{file}" holds no answers; write one `field: answer` a line.')
        answers |= {str(key): _plain(value) for key, value in found.items()}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise ResidencyError(f'"{pair}" is no answer; write field=answer.')
        answers[name.strip()] = typed(form, name.strip(), text)
    return answers


def faults_of(person: Applicant, form: Form, *, tracks: Sequence[str]) -> list[str]:
    """What is wrong with somebody and their answers, a sentence each."""
    from intake import person_faults  # noqa: PLC0415  # Only who applies needs it.

    found = list(person_faults(person, tracks=tracks).values())
    try:
        validate(form, person.answers or {})
    except FormError as error:
        found += [f"{name}: {sentence}" for name, sentence in error.faults.items()]
    return found


def typed(form: Form, name: str, text: str) -> Any:
    """A text as the field's type wants it; what does not fit stays a text, and is refused later."""
    field = form.field(name)
    if field is None:
        return text
    match field.type:
        case "number" | "scale":
            return number_of(text)
        case "yes-no" | "attestation":
            return _YES.get(text.strip().lower(), text)
        case "choices":
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def typed_all(form: Form, texts: Mapping[str, str]) -> dict[str, Any]:
    """A row of texts (of a CSV file); empty ones are no answers."""
    return {name: typed(form, name, text) for name, text in texts.items() if text.strip()}


def _plain(value: Any) -> Any:
    """YAML reads an unquoted day as a date; answers hold its text."""
    return value.isoformat() if isinstance(value, date | datetime) else value
