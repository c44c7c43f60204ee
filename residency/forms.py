"""Forms: what is asked, what an answer may be, a sample of answers, and the score of a rubric."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from residency.errors import ResidencyError
from residency.fields import Id, Model, Role, Text, day_of, listed, texts
from residency.source import quoted

FieldType = Literal[
    "line",
    "text",
    "choice",
    "choices",
    "number",
    "scale",
    "date",
    "link",
    "yes-no",
    "attestation",
]
Answers = Mapping[str, Any]

_LONGEST = {"line": 200, "link": 2_000}
_TEXT_LENGTH = 10_000


class FormError(ResidencyError):
    """Answers that can't be taken; `faults` holds a sentence for each field, by the field's id."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{sentence}." for sentence in faults.values()))
        self.faults = dict(faults)


class FormField(Model):
    """One question of a form."""

    id: Id = Field(description="Its id, the name of the answer.")
    label: Text = Field(description="The question.")
    help: Text | None = Field(None, description="A sentence below it.")
    type: FieldType = Field(
        "line",
        description="`line`, `text`, `choice`, `choices`, `number`, `scale`, `date`, `link`, "
        "`yes-no` or `attestation` (must be agreed to).",
    )
    required: bool = Field(True, description="Whether it must be answered.")
    readers: Annotated[list[Role], BeforeValidator(listed)] = Field(
        [],
        description="The roles that may read the answer, besides who gives it; none named: "
        "everybody whose task it is.",
    )
    values: Annotated[dict[Id, Text], BeforeValidator(texts)] = Field(
        {}, description="For `choice` and `choices`: ids with texts, or a list of ids."
    )
    least: float | None = Field(None, description="The least `number` or `scale` (1).")
    most: float | None = Field(None, description="The greatest `number` or `scale` (5).")
    weight: Annotated[float, Field(gt=0)] | None = Field(
        None, description="For `scale`: how much it counts in the score (1)."
    )
    length: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="For `line`, `text` and `link`: at most so many characters."
    )
    sample: Any = Field(None, description="The answer that a rehearsal gives.")

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of a scale."""
        return (
            1 if self.least is None else self.least,
            5 if self.most is None else self.most,
        )


class Form(Model):
    """A form: `forms/<id>.yaml`."""

    title: Text = Field(description="Its title.")
    intro: Text | None = Field(None, description="A paragraph above the questions.")
    fields: Annotated[list[FormField], Field(min_length=1)] = Field(description="The questions.")

    def field(self, name: str) -> FormField | None:
        """The field of that id."""
        return next((field for field in self.fields if field.id == name), None)


def validate(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers as they are kept: known fields only, texts stripped, empty ones left out.

    Raises FormError with a sentence for each field that is missing or impossible, and for each
    answer that no field asks for.
    """
    kept: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in form.fields:
        value = answers.get(field.id)
        value = value.strip() if isinstance(value, str) else value
        if _is_empty(value):
            if field.required:
                faults[field.id] = f"{quoted(field.label)} is not answered; {allowed(field)}"
            continue
        sentence = refusal(field, value)
        if sentence:
            faults[field.id] = f"{quoted(field.label)}: {sentence}"
        else:
            kept[field.id] = value
    for name in answers:
        if form.field(name) is None:
            known = ", ".join(field.id for field in form.fields)
            faults[name] = f"{quoted(name)} is no field of {quoted(form.title)}; it has {known}"
    if faults:
        raise FormError(faults)
    return kept


def number_of(text: str) -> Any:
    """A typed number, whole where it is; what is none stays a text, to be refused."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def refusal(field: FormField, value: Any) -> str:
    """Why the value is no answer to the field; empty if it is one."""
    problem = _problem(field, value)
    return f"{quoted(_said(field, value))} {problem}; {allowed(field)}" if problem else ""


def _problem(field: FormField, value: Any) -> str:
    match field.type:
        case "line" | "text" | "link":
            return _text_problem(field, value)
        case "choice":
            return "" if isinstance(value, str) and value in field.values else "is no choice"
        case "choices":
            if not isinstance(value, list):
                return "is no list of different choices"
            if _strange(field, value):
                return "is no choice"
            return "" if len(set(value)) == len(value) else "is no list of different choices"
        case "number" | "scale":
            return _number_problem(field, value)
        case "date":
            return "" if _is_day(value) else "is no date"
        case "yes-no":
            return "" if isinstance(value, bool) else "is neither yes nor no"
        case "attestation":
            return "" if value is True else "is no agreement"


def _text_problem(field: FormField, value: Any) -> str:
    if not isinstance(value, str):
        return "is no text"
    if field.type == "line" and ("\n" in value or "\r" in value):
        return "has more than one line"
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in value):
        return "has control characters"
    if len(value) > longest(field):
        return f"has {len(value)} characters"
    if field.type == "link" and not _is_link(value):
        return "is no link"
    return ""


def _number_problem(field: FormField, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "is no number"
    if field.type == "scale":
        least, most = field.bounds
        return "" if least <= value <= most and value == int(value) else "is not on the scale"
    if field.least is not None and value < field.least:
        return "is too small"
    return "is too large" if field.most is not None and value > field.most else ""


def allowed(field: FormField) -> str:
    """What may be answered, as a part of a sentence."""
    match field.type:
        case "choice":
            return f"choose one of {', '.join(field.values)}"
        case "choices":
            return f"choose among {', '.join(field.values)}"
        case "scale":
            least, most = field.bounds
            return f"give a whole number from {least:g} to {most:g}"
        case "number":
            return f"give a number{range_of(field)}"
        case "date":
            return "write a date like 2022-04-03"
        case "link":
            return "write an address that begins with https://"
        case "yes-no":
            return "answer yes or no (true or false)"
        case "attestation":
            return "agree to it (true)"
    what = "a line" if field.type == "line" else "a text"
    return f"write {what} of at most {longest(field)} characters"


def range_of(field: FormField) -> str:
    """` from 1 to 40`, or the part of it that is said; empty where any number will do."""
    least = "" if field.least is None else f" from {field.least:g}"
    return least + ("" if field.most is None else f" to {field.most:g}")


def sample_answers(form: Form) -> dict[str, Any]:
    """An answer to every field: its `sample`, or the first value that its type allows."""
    return {field.id: sample(field) for field in form.fields}


def sample(field: FormField) -> Any:
    """The field's `sample`, or the first value that its type allows."""
    if field.sample is not None:
        return field.sample
    match field.type:
        case "choice":
            return next(iter(field.values))
        case "choices":
            return [next(iter(field.values))]
        case "number":
            return 0 if field.least is None else field.least
        case "scale":
            return int(field.bounds[0])
        case "date":
            return "2022-01-01"
        case "link":
            return "https://example.org/"
        case "yes-no" | "attestation":
            return True
    return field.label[: longest(field)]


def score(form: Form, answers: Answers) -> float | None:
    """The weighted mean of the scale fields, each from 0 (least) to 1 (most).

    Fields that are not answered don't count; None where no scale is answered.
    """
    total = weights = 0.0
    for field in form.fields:
        value = answers.get(field.id)
        if field.type != "scale" or value is None:
            continue
        least, most = field.bounds
        weight = 1.0 if field.weight is None else field.weight
        total += weight * (value - least) / (most - least)
        weights += weight
    return total / weights if weights else None


def readable_answers(form: Form, answers: Answers, *, role: str) -> dict[str, Any]:
    """The answers that a role may read: those of fields without named readers, or naming it."""
    return {
        field.id: answers[field.id]
        for field in form.fields
        if field.id in answers and (not field.readers or role in field.readers)
    }


def results(form: Form, answers: Answers, requirements: list[str]) -> dict[str, bool]:
    """What the answers alone say of requirements: met by a yes, an agreement or any other answer.

    A requirement that the form doesn't ask for isn't met.
    """
    return {name: _is_met(form.field(name), answers.get(name)) for name in requirements}


def _is_met(field: FormField | None, value: Any) -> bool:
    if field is None or _is_empty(value):
        return False
    return value is not False


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def longest(field: FormField) -> int:
    """How many characters a text may have."""
    return field.length or _LONGEST.get(field.type, _TEXT_LENGTH)


def _is_day(value: Any) -> bool:
    try:
        day_of(value)
    except ValueError:
        return False
    return True


def _is_link(value: str) -> bool:
    scheme, _, rest = value.partition("://")
    return scheme in {"http", "https"} and bool(rest.strip("/")) and not any(map(str.isspace, rest))


def _strange(field: FormField, chosen: list[Any]) -> list[Any]:
    """What of it is no choice; a list is asked, for what came may be nothing that can be hashed."""
    return [one for one in chosen if one not in list(field.values)]


def _said(field: FormField, value: Any) -> str:
    """What was answered, as it is typed; of several choices those that are none, if there are any."""
    if isinstance(value, list):
        return ", ".join(map(str, _strange(field, value) or value))
    return str(value).lower() if isinstance(value, bool) else str(value)
