"""pydantic's errors turned into faults: where, the key, the value as written, what is allowed."""

import difflib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from residency.fields import Model
from residency.source import Source, Steps, quoted

AnyModel = TypeVar("AnyModel", bound=Model)
NULL = "null, and nobody assumed a value; write one under assumed"


def validated(
    source: Source,
    model: type[AnyModel],
    data: Any,
    *,
    stand_ins: Mapping[Steps, Any] | None = None,
) -> AnyModel | None:
    """The data as a model; every error is noted as a fault of the source.

    What is at fault is then left out and the rest is read again, so that further checks can go on;
    `stand_ins` are for what must not be left out. None only where too little is left. Whoever gets
    a model looks at `source.faults` too.
    """
    tree = deepcopy(data)
    for attempt in range(12):
        try:
            return model.model_validate(tree)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if attempt == 0:
            _note(source, model, tree, details)
        if not _pruned(source, tree, details, stand_ins or {}):
            return None
    return None


def _note(source: Source, model: type[Model], tree: Any, details: list[ErrorDetails]) -> None:
    seen: set[Steps] = set()
    for detail in details:
        steps = _steps(tree, detail)
        if steps in seen:  # Each member of a union says what it would have liked.
            continue
        seen.add(steps)
        at_key = detail["type"] in {"extra_forbidden", "missing"} or detail["loc"][-1:] == (
            "[key]",
        )
        source.fault(steps, _sentence(source, model, steps, detail), at_key=at_key)


def _steps(tree: Any, detail: ErrorDetails) -> Steps:
    """The way to it in the file, without what pydantic adds to tell members of a union apart."""
    steps: Steps = ()
    here = tree
    for step in detail["loc"]:
        below = _below(here, step)
        if below is not _NOTHING:
            steps, here = (*steps, step), below
    if detail["type"] == "missing":
        steps = (*steps, detail["loc"][-1])
    return steps


_NOTHING = object()


def _below(tree: Any, step: int | str) -> Any:
    if isinstance(tree, list):
        return tree[step] if isinstance(step, int) and step < len(tree) else _NOTHING
    return tree.get(step, _NOTHING) if isinstance(tree, dict) else _NOTHING


def _sentence(source: Source, model: type[Model], steps: Steps, detail: ErrorDetails) -> str:
    value = detail["input"]
    written = quoted(source.places[steps].text) if steps in source.places else quoted(value)
    if detail["type"] == "extra_forbidden":
        return _unknown(model, detail["loc"])
    if detail["type"] == "missing":
        return "missing; it is needed"
    if value is None:
        return NULL
    if detail["type"] in {"value_error", "assertion_error"}:
        return str(detail.get("ctx", {}).get("error", detail["msg"]))
    return f"{_what(value, written)} {_allowed(detail, value)}"


def _what(value: Any, written: str) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else written


_TYPES = {
    "string_type": "is not a text; put it in quotes",
    "int_type": "is not a whole number",
    "float_type": "is not a number",
    "bool_type": "is not true or false",
    "list_type": "is not a list; write [one, two] or a line with - for each",
    "dict_type": "is not a mapping; write key: value",
    "model_type": "is not a mapping; write key: value",
    "model_attributes_type": "is not a mapping; write key: value",
}


def _allowed(detail: ErrorDetails, value: Any) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            expected = [part.strip().strip("'") for part in _words(context["expected"])]
            expected = [WRITTEN.get(part, part) for part in expected]
            return f"is not allowed; write {_or(expected)}{did_you_mean(value, expected)}"
        case "greater_than_equal":
            return f"is too small; write at least {context['ge']:g}"
        case "greater_than":
            return f"is too small; write more than {context['gt']:g}"
        case "less_than_equal":
            return f"is too large; write at most {context['le']:g}"
        case "too_short":
            return "is empty; write at least one"
        case other:
            near = '; did you mean "off"?' if str(value).lower() in {"off", "none", "no"} else ""
            return _TYPES.get(other, f"is not allowed: {detail['msg']}") + near


WRITTEN = {
    "close": "at close",
    "application": "with each application",
    "mentor-recommends": "mentor recommends",
}
"""How a value is written, where the model's own word is another."""


def _words(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(",")


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def did_you_mean(value: Any, known: list[str]) -> str:
    """`; did you mean "report"?`, or nothing where nothing is near."""
    near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def _unknown(model: type[Model], loc: tuple[int | str, ...]) -> str:
    known = sorted(fields_at(model, loc[:-1]))
    near = did_you_mean(loc[-1], known)
    return f"unknown key{near or '; allowed: ' + ', '.join(known)}"


def fields_at(model: type[BaseModel], loc: Steps) -> list[str]:
    """The keys that a mapping there may have."""
    kind: Any = model
    for step in loc:
        fields = getattr(kind, "model_fields", None)
        if fields is None:
            continue
        if step in fields:
            models = models_within(fields[step].annotation)
            if models:
                kind = models[0]
    return list(getattr(kind, "model_fields", {}))


def models_within(annotation: Any) -> list[type[BaseModel]]:
    """The models within an annotation: in lists, mappings and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_within(part)]


def _pruned(
    source: Source, tree: Any, details: list[ErrorDetails], stand_ins: Mapping[Steps, Any]
) -> bool:
    """Take what is at fault out of the tree; False where nothing could be taken out."""
    ways = set()
    for detail in details:
        steps = _steps(tree, detail)
        # Without what it needs, the mapping around it goes.
        around = detail["type"] == "missing" and steps not in stand_ins
        ways.add(steps[:-2] if around else steps)
    ways.discard(())
    source.pruned |= ways
    # From the end, so that places in lists stay what they are.
    changed = [_removed(tree, steps) for steps in sorted(ways, key=_order, reverse=True)]
    changed += [_put(tree, steps, stand_ins[steps]) for steps in ways if steps in stand_ins]
    return any(changed)


def _put(tree: Any, steps: Steps, value: Any) -> bool:
    for step in steps[:-1]:
        if not isinstance(tree, dict):
            return False
        tree = tree.setdefault(step, {})
    tree[steps[-1]] = deepcopy(value)
    return True


def _order(steps: Steps) -> list[tuple[bool, int, str]]:
    return [(False, step, "") if isinstance(step, int) else (True, 0, str(step)) for step in steps]


def _removed(tree: Any, steps: Steps) -> bool:
    try:
        for step in steps[:-1]:
            tree = tree[step]
        del tree[steps[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
