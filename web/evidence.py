"""Reads what people have submitted, as far as a task's visitor may read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from residency.definition import form_of
from residency.derived import APPLICATION
from residency.forms import readable_answers
from web.given import Given, readable_answer
from web.scenes import Scene

if TYPE_CHECKING:
    from store import Store
    from store.shown import TaskRow
    from store.submissions import Submission


HANDED_IN: Final = ("revise", "report", "materials")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing to read first. `folded` is what is long and rarely needed."""

    title: str
    pairs: list[tuple[str, Any]] = field(default_factory=list)
    text: str = ""
    by: str = ""
    at: datetime | None = None
    folded: bool = False


def own_answers(scene: Scene) -> list[tuple[str, Any]]:
    """What the visitor themselves answered to a task that is closed, or whose part is done."""
    event = scene.told(scene.task.key).get(scene.person)
    known = scene.submissions.get(event.submission) if event else None
    return pairs_of(scene, known) if known else []


def earlier(scene: Scene) -> dict[str, Any]:
    """What the visitor handed in the round before, by field: a new round begins with it.

    A verdict begins from nothing, in every round.
    """
    task = scene.task
    if not task.kind.startswith(HANDED_IN):
        return {}
    if task.kind == "revise":
        known = application_of(scene)
    else:
        last = scene.last(task.kind, item=task.item, before=task.round) if task.round > 1 else None
        known = scene.submissions.get(last.submission) if last else None
    if known is None or known.person != scene.person or known.form != task.form:
        return {}
    return dict(known.answers)


def must_be_read_over(store: Store, scene: Scene, given: Given) -> bool:
    """Whether all of it may stand there from before: then somebody says that they have read it over.

    So a program that opens links and sends the forms behind them records nothing.
    """
    asked = given.asked
    is_answered_here = bool(asked.choices) or any(
        one.required or name in asked.needed(given.outcome) for name, one in asked.inputs.items()
    )
    draft = store.drafts.get(scene.person, scene.row.id, scene.task.key)
    return draft is not None or bool(earlier(scene)) or not is_answered_here


def pairs_of(scene: Scene, known: Submission) -> list[tuple[str, Any]]:
    """Questions and answers, as far as the visitor may read them; their own all of them."""
    if known.form not in scene.document["forms"]:
        return []
    form = form_of(scene.document, known.form)
    answers = known.answers
    if known.person != scene.person:
        answers = readable_answers(form, answers, role=scene.kind.by)
    return [
        (one.label, readable_answer(one, answers[one.id]))
        for one in form.fields
        if one.id in answers
    ]


def submitted(
    scene: Scene, submission: str, title: str, *, by: str = "", folded: bool = False
) -> Iterator[Evidence]:
    known = scene.submissions.get(submission)
    pairs = pairs_of(scene, known) if known else []
    if known and pairs:
        by = scene.name(by or known.person)
        yield Evidence(title=title, pairs=pairs, by=by, at=known.at, folded=folded)


def done(
    scene: Scene, task: TaskRow | None, title: str, *, folded: bool = False
) -> Iterator[Evidence]:
    if task is not None:
        yield from submitted(scene, task.submission, title, by=task.by, folded=folded)


def application_of(scene: Scene) -> Submission | None:
    """The one that counts: the last revision that was recorded, or what was sent first."""
    revised = scene.last("revise")
    if revised is not None and revised.submission in scene.submissions:
        return scene.submissions[revised.submission]
    found = [
        one
        for one in scene.submissions.values()
        if one.form == APPLICATION and one.person == scene.row.person
    ]
    return min(found, key=lambda one: (one.at, one.id), default=None)
