"""What somebody sent to a task's page that counts no more, or not yet: it is said, and shown to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from web.asking import ANSWER, FLAG, OUTCOME, Asked, verb_of
from web.choices import NOTHING
from web.evidence import pairs_of
from web.given import click_of, read, readable_answer
from web.scenes import Scene

if TYPE_CHECKING:
    from residency.forms import FormField
    from store import Store

_NO_ANSWERS: Final = ("ask-later", "undo")
"""What is done on a task's page without answering the task."""

_NO_FLAG: Final = (FLAG, NOTHING)
_TRUTHS: Final[Mapping[str, bool]] = MappingProxyType({"yes": True, "no": False})

Typed = Mapping[str, str | list[str]]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An answer that was taken, and that its residency has not confirmed yet."""

    at: datetime
    pairs: list[tuple[str, Any]]


def sent_of(store: Store, scene: Scene, asked: Asked) -> Sent | None:
    """The visitor's last answer to this task that waits to be confirmed."""
    found = [
        (act, at)
        for act, at in store.clicks.unanswered(scene.row.id, by=scene.person)
        if act.task == scene.task.key and act.verb not in _NO_ANSWERS
    ]
    if not found:
        return None
    act, at = found[-1]
    known = scene.submissions.get(act.submission)
    why = scene.submissions.get(act.reason)
    pairs: list[tuple[str, Any]] = [
        (asked.legend, text)
        for outcome, text in asked.choices.items()
        if verb_of(scene.task.kind, outcome) == act.verb and act.outcome in ("", outcome)
    ]
    pairs += pairs_of(scene, known) if known else []
    pairs += [("Your reason", why.text)] if why else []
    told = known or why
    return Sent(at=told.at if told else at, pairs=pairs)  # `told` has the program's own time.


def untaken(scene: Scene, asked: Asked, typed: Typed, *, page: str) -> Typed | None:
    """What was typed, where it is not what is recorded; None where nothing of it is lost."""
    if not typed_pairs(asked, typed):
        return None
    event = scene.told(scene.task.key).get(scene.person)
    if event is None:
        return typed
    given = read(scene, asked, typed)
    if not given.errors and click_of(scene, given, page=page).act.id == event.action:
        return None
    known = scene.submissions.get(event.submission)
    is_same = (
        (not asked.choices or given.outcome == event.data.get("outcome"))
        and given.answers == (known.answers if known else {})
        and all(name == OUTCOME or name.startswith(ANSWER) for name, _ in _said(given.values))
    )
    return None if is_same else typed


def typed_pairs(asked: Asked, typed: Typed) -> list[tuple[str, Any]]:
    """Questions, with what was typed as it was typed."""
    named, told = asked.named, dict(_said(typed))
    return [
        (named[name].label, _readable(named[name], told[name]))
        for name in asked.names
        if name in named and name in told
    ]


def _said(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What says something: to raise nothing is what stands there before."""
    return [(name, value) for name, value in values.items() if value and (name, value) != _NO_FLAG]


def _readable(field: FormField, value: Any) -> Any:
    if field.type in ("choice", "choices"):
        return readable_answer(field, value)
    if field.type in ("yes-no", "attestation"):
        return _TRUTHS.get(value, value)
    return value
