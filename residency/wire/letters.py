"""What is told: letters, the posts that carry them, and what came of those."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import (
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from residency.wire.base import Data, Keyed, Scalar, Wire


class Line(Keyed):
    """A further notice of the same moment for the same person, carried by the first one's mail."""

    notice: str
    task: str = ""
    due: datetime | None = None
    data: dict[str, Scalar] = {}


class Letter(Keyed):
    """One mail to one person. Rendered and sent by an activity; names and texts are read there."""

    notice: str
    to: str
    occurrence: str  # unique within residency, notice and receiver
    at: datetime  # the program's time of the moment
    seq: int = 0  # the record's sequence it belongs to: sent only once that is recorded
    task: str = ""
    due: datetime | None = None
    data: dict[str, Scalar] = {}
    lines: list[Line] = []
    not_before: datetime | None = None
    skip: str = ""  # why it is not to be sent now; it is kept as skipped, or held
    resumed: datetime | None = None  # it was held until then, while notices were on hold


class Post(Wire):
    """What one notify activity carries: all mails of a moment.

    On the wire, letters that differ in nothing but their receiver are one, and a letter of now doesn't
    say its time.
    """

    residency: str
    definition: str = ""  # "" is the one that the residency was started with
    now: datetime
    letters: list[Letter]

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("letters"), list):
            return data
        return {
            **data,
            "letters": [
                one for each in data["letters"] for one in _unfolded(each, at=data.get("now"))
            ],
        }

    @model_serializer(mode="wrap")
    def _fold(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> Data:
        data: Data = handler(self)
        if info.exclude_defaults:
            data["letters"] = _folded(data["letters"], at=data["now"])
        return data


def _folded(letters: list[Data], *, at: Any) -> list[Data]:
    folded: list[Data] = []
    for letter in letters:
        to = letter.pop("to")
        if letter.get("at") == at:
            del letter["at"]
        if folded and {**folded[-1], "to": ""} == {**letter, "to": ""}:
            folded[-1]["to"].append(to)
        else:
            folded.append({**letter, "to": [to]})
    return folded


def _unfolded(letter: Any, *, at: Any) -> list[Any]:
    if not isinstance(letter, dict) or not isinstance(letter.get("to"), list):
        return [letter]
    return [{"at": at, **letter, "to": to} for to in letter["to"]]


class Posted(Wire):
    """What came of a Post: letters by their place in it.

    `later` must wait until an instant; of the others a coordinator is told.
    """

    later: dict[int, datetime] = {}
    failed: list[int] = []  # can't be sent, and surely were not
    unknown: list[int] = []  # nobody can say whether they went
    mails: dict[int, str] = {}  # the keys of those two
