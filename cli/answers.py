"""Answers of a form as a person types them, or keeps them in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from residency.errors import ResidencyError
from residency.forms import Form

_YES = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


def read_answers(form: Form, pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """Answers from a file and from `key=value` pairs, which win; not checked yet."""
    answers: dict[str, Any] = {}
    if file is not None:
        found = read_data(file)
        if not isinstance(found, dict):
            raise ResidencyError(f'"{file}" holds no answers; write one `field: answer` a line.')
        answers |= {str(key): _plain(value) for key, value in found.items()}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise ResidencyError(f'"{pair}" is no answer; write field=answer.')
        answers[name.strip()] = typed(form, name.strip(), text)
    return answers


def read_data(file: Path) -> Any:
    """What a YAML or JSON file holds."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # Only who gives a file pays for it.
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # As above.

    try:
        return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResidencyError(f'"{file}" can\'t be read: {error.strerror}.') from error
    except UnicodeDecodeError as error:
        raise ResidencyError(f'"{file}" can\'t be read: it is no UTF-8 text.') from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise ResidencyError(f"{file}{where}: no YAML or JSON: {problem}.") from error


def typed(form: Form, name: str, text: str) -> Any:
    """A text as the field's type wants it; what does not fit stays a text, and is refused later."""
    field = form.field(name)
    if field is None:
        return text
    match field.type:
        case "number" | "scale":
            return _number(text)
        case "yes-no" | "attestation":
            return _YES.get(text.strip().lower(), text)
        case "choices":
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def typed_all(form: Form, texts: Mapping[str, str]) -> dict[str, Any]:
    """A row of texts (of a CSV file); empty ones are no answers."""
    return {name: typed(form, name, text) for name, text in texts.items() if text.strip()}


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _plain(value: Any) -> Any:
    """YAML reads an unquoted day as a date; answers hold its text."""
    return value.isoformat() if isinstance(value, date | datetime) else value
