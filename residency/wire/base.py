"""The base of every model that crosses Temporal."""

from __future__ import annotations

from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Scalar = str | int | float | bool | None
"""What an event's or a letter's data may hold: an id, a code, a number, an ISO date or instant."""

Data = dict[str, Any]


class Wire(BaseModel):
    """Base of what crosses Temporal. Unknown fields of a newer sender are ignored."""

    # A decoder's message would carry its input into logs and failures.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Keyed(Wire):
    """What names a task by its key, and so needn't say its kind, item and round again on the wire."""

    kind: str = ""
    item: str = ""
    round: int = 1

    @model_validator(mode="after")
    def _read_key(self) -> Self:
        key = getattr(self, "task", "") or getattr(self, "key", "")
        if key and not self.kind:
            _, self.kind, item, round = key.split("/")
            self.item = self.item or item
            self.round = int(round)
        occurrence = getattr(self, "occurrence", "")
        if occurrence.startswith("~"):
            object.__setattr__(self, "occurrence", f"{key}{occurrence}")
        return self

    @model_serializer(mode="wrap")
    def _without_the_obvious(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        key = data.get("task") or data.get("key") or ""
        if info.exclude_defaults and key:
            for name, value in zip(("kind", "item", "round"), key.split("/")[1:], strict=True):
                if str(data.get(name, "")) == value:
                    data.pop(name, None)
            if str(data.get("occurrence", "")).startswith(f"{key}~"):
                data["occurrence"] = data["occurrence"].removeprefix(key)
        return data
