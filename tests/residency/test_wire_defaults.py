"""Defaults are not written to a history, so they are part of it: none may ever change.

A new field, with its default, is added by `RESIDENCY_TEST_WRITE=1 pytest` of this file.
"""

import json
import os
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python

import residency.wire  # noqa: F401  # Its models are found by their base.
from residency.plan import Part
from residency.wire.base import Wire

FILE = Path(__file__).parent / "wire_defaults.json"
NONE = "(must be given)"


def models(base: type[BaseModel]) -> list[type[BaseModel]]:
    """All models of that base, those of tests left out."""
    below = [each for one in base.__subclasses__() for each in (one, *models(one))]
    return [each for each in below if each.__module__.startswith("residency.")]


def defaults():
    """Model -> field -> default, of all that crosses Temporal."""
    return {
        model.__name__: {
            name: NONE
            if field.get_default(call_default_factory=True) is PydanticUndefined
            else to_jsonable_python(field.get_default(call_default_factory=True))
            for name, field in model.model_fields.items()
        }
        for model in sorted([*models(Wire), *models(Part)], key=lambda each: each.__name__)
    }


def test_no_default_that_histories_were_written_with_has_changed():
    found = defaults()
    written = json.loads(FILE.read_text())

    changed = {
        f"{model}.{name}": (default, found.get(model, {}).get(name, "(gone)"))
        for model, fields in written.items()
        for name, default in fields.items()
        if found.get(model, {}).get(name, "(gone)") != default
    }

    assert changed == {}, "a running residency would read something else than was written"
    if "RESIDENCY_TEST_WRITE" in os.environ:
        FILE.write_text(json.dumps(found, indent=1) + "\n")
        written = found
    new = {
        f"{model}.{name}"
        for model, fields in found.items()
        for name in fields
        if name not in written.get(model, {})
    }
    assert new == set(), f"new fields; write them down: {__doc__}"


def test_everything_that_crosses_temporal_is_held():
    assert set(defaults()) >= {"Plan", "Kind", "BoardState", "Task", "Start", "Act", "Letter"}
