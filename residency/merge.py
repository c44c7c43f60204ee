"""What is stated, what is assumed and what the house lends, merged into one tree.

A mapping is merged key by key, anything else is taken as a whole. The places of assumed values move
with them, so that a fault still points to where the value was written.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from residency.defaults import INSTEAD, REPLACED
from residency.source import Source, Steps


def merge_assumed(source: Source, *, without: bool = False) -> dict[str, Any]:
    """The file's data with its block `assumed:` merged in; a key in both is noted as a fault.

    A null that is assumed counts as not stated. `without` leaves the block out.
    """
    stated = dict(source.data)
    assumed = stated.pop("assumed", None)
    if assumed is None or without:
        return stated
    if not isinstance(assumed, dict):
        source.fault(("assumed",), "not a mapping; write the assumed keys below it")
        return stated
    merged = _merged(source, stated, assumed, ())
    assert isinstance(merged, dict)
    return merged


def _merged(source: Source, stated: Any, assumed: Any, steps: Steps) -> Any:
    if isinstance(stated, dict) and isinstance(assumed, dict):
        both = dict(stated)
        for key, value in assumed.items():
            inner = (*steps, key)
            if both.get(key) is None:
                both[key] = value
                _move_places(source, inner)
            else:
                both[key] = _merged(source, both[key], value, inner)
        return both
    line = source.place(steps).key_line
    source.fault(
        ("assumed", *steps),
        f"it is stated too, in line {line}; a key stands in only one of the two",
        at_key=True,
    )
    return stated


def _move_places(source: Source, steps: Steps) -> None:
    """Give the places of an assumed part to the path that it has in the merged tree."""
    prefix = ("assumed", *steps)
    for path, place in list(source.places.items()):
        if path[: len(prefix)] == prefix:
            source.places[path[1:]] = replace(place, assumed=True)


def merge_house(written: Mapping[str, Any], house: Mapping[str, Any]) -> dict[str, Any]:
    """The written tree, with the house's values where nothing is written.

    `off` and null stay; a list and the parts of a ladder are written as a whole.
    """
    return _with_house(written, house, ())


def _with_house(
    written: Mapping[str, Any], house: Mapping[str, Any], steps: Steps
) -> dict[str, Any]:
    tree = dict(written)
    for key, value in house.items():
        inner = (*steps, key)
        if key not in tree:
            other = INSTEAD.get(inner)
            if other is None or other[-1] not in tree:
                tree[key] = deepcopy(value)
        elif isinstance(value, dict) and key not in REPLACED:
            below = _expanded(tree[key], inner)
            if isinstance(below, dict):
                tree[key] = _with_house(below, value, inner)
    return tree


def _expanded(value: Any, steps: Steps) -> Any:
    """`materials: 3 days before` is written short; the house adds the rest."""
    if steps[-1:] == ("materials",) and isinstance(value, str) and value != "off":
        return {"before": value}
    return value
