"""The page docs/program-reference.md, made from the models: `python -m residency.reference`."""

import re
import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from residency.cohort import Cohort
from residency.defaults import ESCALATE, HOUSE, OWN_ESCALATE, OWN_REMIND, REMIND
from residency.forms import Form
from residency.program import Program
from residency.show import shown
from residency.validation import WRITTEN as _WRITTEN
from residency.validation import models_within

_HEAD = """# Program reference

Every key of `program.yaml`, of `forms/*.yaml` and of `cohorts/*.yaml`. How a program is written,
step by step, is told in [programs.md](programs.md). This page is made by
`python -m residency.reference > docs/program-reference.md`.

**How values are written.** A span is `14 days`, `2 weeks`, `9 months`, `3 business days`, or short:
`14d`, `2w`, `9mo`, `3bd`. An offset has a direction: `3 days before`, `1 day after`, `on the day`,
or short: `-3d`, `+1d`, `0d`. A date is `2022-04-03`. An id has small letters, digits, `-` and `_`.
`off` switches a part off where the table says so. Bare numbers are never spans.

In `program.yaml` and in cohorts, a block `assumed:` of the same shape holds what nobody has stated;
a key stands in only one of the two.
"""
_BY_VALIDATOR = {
    "span_of": "span",
    "length_of": "span",
    "offset_of": "offset",
    "day_of": "date",
    "_due": "span or date",
    "_address": "e-mail address",
    "_zone": "time zone",
    "_role": "role",
}


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_sections(), *_house()]).rstrip() + "\n"


def _sections() -> Iterator[str]:
    for title, model in (
        ("`program.yaml`", Program),
        ("`forms/<id>.yaml`", Form),
        ("`cohorts/<name>.yaml`", Cohort),
    ):
        yield f"## {title}\n"
        for part in reached(model):
            yield from _section(part)


def reached(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and all models within it, each once, in the order of reading."""
    found = [model]
    for one in found:
        for field in one.model_fields.values():
            for inner in models_within(field.annotation):
                if inner not in found:
                    found.append(inner)
    return found


def _section(model: type[BaseModel]) -> Iterator[str]:
    doc = " ".join((model.__doc__ or "").split())
    yield f"### {model.__name__}\n\n{doc}\n"
    yield "| key | value | default | what it is |\n| --- | --- | --- | --- |"
    for name, field in model.model_fields.items():
        text = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | {_kind(field)} | {_default(field)} | {text} |"
    yield ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel | dict | list):
        return f"`{shown(value)}`" if isinstance(value, list) and value else "–"
    return f"`{str(value).lower() if isinstance(value, bool) else _WRITTEN.get(value, value)}`"


def _kind(field: FieldInfo) -> str:
    metadata = "".join(map(repr, field.metadata))
    return _described(f"{metadata} {field.annotation!r}", field.annotation)


def _described(text: str, annotation: Any) -> str:
    off = "off at " in text
    inner = models_within(annotation)
    if inner:
        name = inner[0].__name__
        base = f"[{name}](#{name.lower()})"
        if "dict[" in text:
            base = f"{base} by id"
        elif "list[" in text:
            base = f"list of {base}"
    else:
        base = _simple(text)
    return f"{base}, or `off`" if off else base


def _simple(text: str) -> str:
    literals = re.findall(r"Literal\[([^\]]*)\]", text)
    if literals:
        said = [word.strip() for word in literals[0].replace("'", "").split(",")]
        words = ", ".join(f"`{_WRITTEN.get(word, word)}`" for word in said)
        return f"by role: {words}" if "dict[" in text else words
    known = [word for name, word in _BY_VALIDATOR.items() if f" {name} at " in text]
    if "_matching" in text:
        known.append("text")
    base = next(iter(known), None)
    if base is None:
        plain = {"bool": "`true`, `false`", "int": "whole number", "float": "number", "str": "text"}
        base = next(
            (word for name, word in plain.items() if re.search(rf"\b{name}\b", text)), "any"
        )
    if "dict[" in text:
        return "texts by id" if "_one_line" in text else f"{base} by name"
    return f"list of {base}s" if "list[" in text else base


def _house() -> Iterator[str]:
    yield "## What the house lends\n"
    yield (
        "A stage or key that a program neither states nor assumes is the house's. Its reminders "
        f"are {shown(REMIND)}, then the coordinator hears {ESCALATE['coordinator']}; a "
        f"coordinator's own tasks are reminded {shown(OWN_REMIND)} and go to all coordinators "
        f"{OWN_ESCALATE['coordinator']}; the last step repeats every week.\n"
    )
    yield "| key | value |\n| --- | --- |"
    for key, value in _leaves(HOUSE, ""):
        yield f"| `{key}` | {shown(value)} |"


def _leaves(tree: Any, key: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        inner = f"{key}.{name}" if key else name
        if isinstance(value, dict):
            yield from _leaves(value, inner)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, one in enumerate(value):
                yield from _leaves(one, f"{inner}[{number}]")
        else:
            yield inner, value


if __name__ == "__main__":
    sys.stdout.write(page())
