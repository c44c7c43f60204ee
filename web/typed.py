"""What a browser posts, made into answers of a form: first as it was typed, then as its types want it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from residency.forms import Form, FormField, number_of

Posted = Mapping[str, Sequence[str]]
"""Every value of every field of a posted form; files are left out."""

_TRUTHS: Final = {"yes": True, "no": False}


async def read_posted(request: Request) -> Posted:
    """The fields of a posted form, with the line ends that texts have here, and no NUL: PostgreSQL
    can't keep one.
    """
    found: dict[str, list[str]] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                text = value.replace("\r\n", "\n").replace("\0", "")
                found.setdefault(name, []).append(text)
    return found


def one(posted: Posted, name: str) -> str:
    """The value of a field, the last where it was posted twice; empty where it was not."""
    values = posted.get(name) or [""]
    return values[-1]


def name_to_type(name: str, *, otherwise: str) -> str:
    """What somebody types for what can't be undone: their name, or a word where there is none."""
    return " ".join(name.split()) or otherwise


def is_same_name(typed: str, wanted: str) -> bool:
    """Whether that is what was typed, whatever its case and spaces."""
    return " ".join(typed.split()).casefold() == wanted.casefold()


def as_typed(form: Form, posted: Posted, *, prefix: str = "") -> dict[str, str | list[str]]:
    """What was typed into the form's own fields, by field; good to be kept and shown again."""
    found: dict[str, str | list[str]] = {}
    for field in form.fields:
        name = prefix + field.id
        if name in posted:
            found[field.id] = list(posted[name]) if field.type == "choices" else one(posted, name)
    return found


def answers_of(form: Form, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the fields' types want them; what does not fit stays as typed, to be refused."""
    return {field.id: _answer(field, typed[field.id]) for field in form.fields if field.id in typed}


def _answer(field: FormField, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match field.type:
        case "number" | "scale":
            return number_of(value.strip())
        case "yes-no":
            return _TRUTHS.get(value, value)
        case "attestation":
            return True if value == "yes" else value
    return value
