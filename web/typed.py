"""What a browser posts, made into answers of a form: first as it was typed, then as its types want it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import HTTPException, Request
from python_multipart.multipart import parse_options_header

from residency.forms import Form, FormField, longest, number_of

Posted = Mapping[str, Sequence[str]]
"""Every value of every field of a posted form; files are left out."""

LONGEST: Final = 100_000
"""Signs of one value that are read: as many as the longest answer that a form may ask for."""
LONGEST_IN_ALL: Final = 300_000
"""Signs of all values of one form that are read; what is kept and shown again is no larger."""
_LONGEST_CHOICE: Final = 200
"""Signs of a typed answer that is no text: a choice, a number, a day."""
_TEXTS: Final = frozenset({"line", "text", "link"})
_CODINGS: Final = frozenset({"utf-8", "utf8"})
_TRUTHS: Final = {"yes": True, "no": False}


class Beginning(str):
    """As much of a value as is read. `whole` is how many signs were sent; it is no answer to any field."""

    __slots__ = ("whole",)
    whole: int

    @classmethod
    def of(cls, text: str, most: int) -> str:
        """The text, or so many signs of it; without the spaces around it where they are too many."""
        if len(text) > most:
            text = text.strip()
        if len(text) <= most:
            return text
        found = cls(text[:most])
        found.whole = len(text)
        return found

    def strip(self, _signs: str | None = None, /) -> str:
        """Itself: what follows it was no space."""
        return self


async def read_posted(request: Request) -> Posted:
    """The fields of a posted form, with the line ends that texts have here, and no NUL: PostgreSQL
    can't keep one. Of what is too long for any field the beginning is read.

    Raises HTTPException (415) where another coding than UTF-8 is named: no browser does that.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    coding = options.get(b"charset", b"utf-8").strip().lower()
    if coding.decode("latin-1") not in _CODINGS:
        raise HTTPException(415)
    found: dict[str, list[str]] = {}
    left = LONGEST_IN_ALL
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                text = Beginning.of(_readable(value), min(LONGEST, left))
                left -= len(text)
                found.setdefault(name, []).append(text)
    return found


def _readable(value: str) -> str:
    """Without what can be neither kept nor sent: NUL, and half a sign of two halves (a surrogate)."""
    whole = value.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\r\n", "\n").replace("\0", "")


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


def fitting(
    fields: Mapping[str, FormField], typed: Mapping[str, Any]
) -> tuple[dict[str, str | list[str]], list[str]]:
    """What is kept of answers that may be too long, by the names of their fields: of each as much as
    its field takes. And which are longer, so that a page can say it.
    """
    kept: dict[str, str | list[str]] = {}
    too_long = []
    for name, field in fields.items():
        value = typed.get(name)
        if isinstance(value, list):
            kept[name] = [each[:_LONGEST_CHOICE] for each in value[: len(field.values)]]
        elif isinstance(value, str):
            most = longest(field) if field.type in _TEXTS else _LONGEST_CHOICE
            kept[name] = value if len(value) <= most else value.strip()[:most]
            is_longer = len(value.strip()) > most or isinstance(value, Beginning)
            if field.type in _TEXTS and is_longer:
                too_long.append(name)
    return kept, too_long


def is_cut(typed: Mapping[str, Any]) -> bool:
    """Whether the page can't show all that was sent."""
    return any(isinstance(value, Beginning) for value in typed.values())


def said(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What is said in it; a field that was left empty says nothing."""
    return {name: value for name, value in typed.items() if value}


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
