"""What `program show` and `check --stated` tell: values with their origin, and what is lacking."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from residency.defaults import ESSENTIAL, HOUSE
from residency.definition import Definition, Draft
from residency.merge import merge_house
from residency.plan import STAGES
from residency.source import Source, Steps, dotted

STATED = "stated"
ASSUMED = "assumed"
LENT = "house"


@dataclass(frozen=True)
class Value:
    """One value of a definition, its key, and whether it is stated, assumed or the house's."""

    key: str
    value: Any
    origin: str


@dataclass(frozen=True)
class Lacking:
    """A stage that could not run by what is stated alone, and the values it lacks."""

    stage: str
    values: list[str]


def values(definition: Definition) -> list[Value]:
    """Every value in the order written, the house's last within each part."""
    whole = merge_house(definition.merged, HOUSE)
    return [
        Value(dotted(steps), value, _origin(definition.source, steps))
        for steps, value in _leaves(whole, ())
    ]


def _leaves(tree: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _leaves(value, (*steps, key))
    elif isinstance(tree, list) and any(isinstance(one, dict | list) for one in tree):
        for number, value in enumerate(tree):
            yield from _leaves(value, (*steps, number))
    else:
        yield steps, tree


def _origin(source: Source, steps: Steps) -> str:
    place = source.places.get(steps)
    if place is None and steps[-2:] == ("materials", "before"):
        place = source.places.get(steps[:-1])  # Written short.
    if place is None:
        return LENT
    return ASSUMED if place.assumed else STATED


def lacking(stated: Draft) -> list[Lacking]:
    """The stages that could not run without the assumptions, in order.

    A stage lacks a value where it is stated neither by the program nor, as a whole stage, left to
    the house. `stated` is a draft that was read without its block `assumed:`.
    """
    found = []
    source = stated.sources["program"]
    for stage in STAGES:
        if _at(stated.merged, f"stages.{stage}") == "off":
            continue
        keys = [key for key in ESSENTIAL[stage] if _lacks(stated.merged, source, key)]
        if keys:
            found.append(Lacking(stage, keys))
    return found


def _lacks(merged: dict[str, Any], source: Source, key: str) -> bool:
    """Whether none of the keys (`one or the other`) is stated, and somebody had to assume one."""
    either = key.split(" or ")
    if any(_at(merged, one) is not None for one in either):
        return False
    assumed = any(("assumed", *one.split(".")) in source.places for one in either)
    return assumed or all(_at(HOUSE, one) is None for one in either)


def _at(tree: Any, key: str) -> Any:
    for step in key.split("."):
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def shown(value: Any) -> str:
    """A value as a table shows it."""
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown(one)}" for name, one in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not stated" if value is None else " ".join(str(value).split())


def summary(definition: Definition) -> dict[str, Any]:
    """A program in one object, for lists."""
    program = definition.program
    return {
        "id": program.id,
        "name": program.name,
        "organization": program.organization,
        "version": program.version,
        "length": program.length,
        "stages": [name for name in STAGES if getattr(program.stages, name) is not None],
        "cohorts": sorted(definition.cohorts),
    }
