"""What is before whoever does a task: the application, the report, the reasons of an earlier round.

Only what the fields' readers allow, never what was said of identity, and never what others of the same
task have answered while it is open: those who judge are blind to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from residency.definition import form_of
from residency.derived import APPLICATION
from residency.documents import item_title, key_title, readable
from residency.forms import readable_answers
from residency.wire import Event, State, Tag
from web.given import readable_answer
from web.scenes import Scene

if TYPE_CHECKING:
    from store.shown import MeetingRow, TaskRow
    from store.submissions import Submission

PRESENTATION: Final = "presentation"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing to read first. `folded` is what is long and rarely needed."""

    title: str
    pairs: list[tuple[str, Any]] = field(default_factory=list)
    text: str = ""
    by: str = ""
    at: datetime | None = None
    folded: bool = False


Source = Callable[[Scene], Iterator[Evidence]]


def before(scene: Scene) -> list[Evidence]:
    """What to read before answering, in the order in which it is read."""
    kind = scene.task.kind
    fits = [prefix for prefix in _SOURCES if kind.startswith(prefix)]
    sources = _SOURCES[max(fits, key=len)] if fits else ()
    return [one for source in sources for one in source(scene)]


def own_answers(scene: Scene) -> list[tuple[str, Any]]:
    """What the visitor themselves answered to a task that is closed, or whose part is done."""
    event = scene.told(scene.task.key).get(scene.person)
    known = scene.submissions.get(event.submission) if event else None
    return _pairs(scene, known) if known else []


def earlier(scene: Scene) -> dict[str, Any]:
    """What the visitor answered in the round before, by field: a new round begins with it."""
    task = scene.task
    if task.kind == "revise":
        known = _application(scene)
    else:
        last = scene.last(task.kind, item=task.item, before=task.round) if task.round > 1 else None
        known = scene.submissions.get(last.submission) if last else None
    if known is None or known.person != scene.person or known.form != task.form:
        return {}
    return dict(known.answers)


# Reading submissions


def _pairs(scene: Scene, known: Submission) -> list[tuple[str, Any]]:
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


def _submitted(
    scene: Scene, submission: str, title: str, *, by: str = "", folded: bool = False
) -> Iterator[Evidence]:
    known = scene.submissions.get(submission)
    pairs = _pairs(scene, known) if known else []
    if known and pairs:
        by = scene.name(by or known.person)
        yield Evidence(title=title, pairs=pairs, by=by, at=known.at, folded=folded)


def _done(
    scene: Scene, task: TaskRow | None, title: str, *, folded: bool = False
) -> Iterator[Evidence]:
    if task is not None:
        yield from _submitted(scene, task.submission, title, by=task.by, folded=folded)


def _application(scene: Scene) -> Submission | None:
    """The newest one: a revision takes the place of what was first sent."""
    found = [
        one
        for one in scene.submissions.values()
        if one.form == APPLICATION and one.person == scene.row.person
    ]
    return max(found, key=lambda one: (one.at, one.id), default=None)


# The application and what came of it


def _the_application(scene: Scene) -> Iterator[Evidence]:
    known = _application(scene)
    if known is not None:
        folded = scene.kind.by == "coordinators"
        yield from _submitted(scene, known.id, "The application", folded=folded)


def _revise_reasons(scene: Scene) -> Iterator[Evidence]:
    """Why a revision is asked for; judges are not named to applicants."""
    for task in scene.whole.tasks:
        if task.kind.startswith("judge-") and task.outcome == "revise":
            if task.round >= scene.task.round + (scene.task.kind == "revise"):
                continue
            for event in scene.told(task.key).values():
                if text := scene.reason_of(event):
                    yield Evidence(title="What is missing or unclear", text=text, at=event.at)


def _parts(kind: str, title: str) -> Source:
    """What each of several has answered: only once all of them have."""

    def parts(scene: Scene) -> Iterator[Evidence]:
        for task in scene.whole.tasks:
            if not task.kind.startswith(kind) or task.state is not State.DONE:
                continue
            if scene.task.kind == "decide-round" and task.item != scene.task.item:
                continue
            for person, event in scene.told(task.key).items():
                yield from _submitted(scene, event.submission, title, by=person)
            if task.score is not None:
                mean = ("The mean of all, from 0 to 1", f"{task.score:.2f}")
                yield Evidence(title=f"{title}: score", pairs=[mean])

    return parts


def _prepared(scene: Scene) -> Iterator[Evidence]:
    """The decision that waits to be released, and why."""
    for one in scene.whole.decisions:
        if one.state != "pending":
            continue
        pairs = [("What was prepared", readable(one.outcome).capitalize())]
        who = [("By", scene.name(one.by) if one.by else "The program's rules")]
        known = scene.submissions.get(one.submission)
        text = known.text if known else ""
        yield Evidence(title="The decision", pairs=pairs + who, text=text, at=one.at)


# Meetings


def _meeting(scene: Scene) -> Iterator[Evidence]:
    item = PRESENTATION if scene.task.stage == PRESENTATION else scene.task.item
    for one in scene.whole.meetings:
        if one.item == item and not one.canceled:
            title = "The presentation" if item == PRESENTATION else "The conversation"
            yield Evidence(title=title, pairs=_meeting_pairs(scene, one))


def _meeting_pairs(scene: Scene, one: MeetingRow) -> list[tuple[str, Any]]:
    said: Mapping[str, Any] = {}
    for event in scene.events:
        if event.tag is Tag.MEETING and event.data.get("item") == one.item:
            known = scene.submissions.get(event.submission)
            said = known.answers if known and {"place", "link"} & set(known.answers) else said
    found = [("When", one.at), ("Minutes", one.minutes)]
    found += [(name.capitalize(), said[name]) for name in ("place", "link") if said.get(name)]
    return found


def _who_meets(scene: Scene) -> Iterator[Evidence]:
    item = scene.task.item
    people = scene.whole.role("panelists" if item == PRESENTATION else "interviewers", "")
    people = people or scene.whole.role("interviewers", item)
    pairs = [("With", ", ".join(scene.name(one) for one in people))] if people else []
    zones = {scene.people[one].zone for one in (scene.row.person, *people) if one in scene.people}
    zones.discard("")
    if zones - {scene.program_zone}:
        pairs.append(("Their time zones", ", ".join(sorted(zones))))
    if pairs:
        yield Evidence(title="Who takes part", pairs=pairs)


# Milestones


def _changes(scene: Scene) -> Iterator[Evidence]:
    """Why another round is asked for."""
    task = scene.task
    if task.round > 1:
        last = scene.last("sign-off", item=task.item, before=task.round)
        yield from _done(scene, last, "What changes were asked for")


def _report(scene: Scene) -> Iterator[Evidence]:
    task = scene.task
    found = [
        one
        for one in scene.whole.tasks
        if one.kind.startswith("report") and one.item == task.item and one.state is State.DONE
    ]
    for one in sorted(found, key=lambda one: one.round, reverse=True):
        title = "The report" if one.round == task.round else f"The report of round {one.round}"
        yield from _done(scene, one, title, folded=one.round != task.round)


def _verdicts(scene: Scene) -> Iterator[Evidence]:
    task = scene.task
    last = scene.last("sign-off", item=task.item, before=task.round) if task.round > 1 else None
    yield from _done(scene, last, "What was said in the round before", folded=True)


# The end


def _last(kind: str, title: str) -> Source:
    def last(scene: Scene) -> Iterator[Evidence]:
        yield from _done(scene, scene.last(kind), title)

    return last


def _missing(scene: Scene) -> Iterator[Evidence]:
    """What is still open at the end, and what came of the presentation."""
    titles = [
        key_title(scene.document, one.key)
        for one in scene.whole.tasks
        if one.state is State.OPEN and one.key != scene.task.key
    ]
    verdict = scene.last("evaluate")
    pairs: list[tuple[str, Any]] = [("Still open", titles)] if titles else []
    if verdict is not None:
        pairs.append(("Presentation", readable(verdict.outcome).capitalize()))
    if pairs:
        yield Evidence(title="Where it stands", pairs=pairs)


# Flags, wishes and addresses


def _flag(scene: Scene) -> Iterator[Evidence]:
    """What was raised: by whom, why, and for how many weeks. The resident learns why, not by whom."""
    raised = [event for event in scene.events if event.tag is Tag.FLAGGED]
    number = int(scene.task.item) if scene.task.item.isdigit() else 0
    if not 0 < number <= len(raised):
        return
    event = raised[number - 1]
    pairs = _flag_pairs(scene, event)
    is_judged = scene.task.kind == "hearing"
    known = scene.submissions.get(event.submission)
    yield Evidence(
        title="The reason that was given" if is_judged else "What was raised",
        pairs=pairs,
        text=known.text if known else "",
        by="" if is_judged else scene.name(str(event.data.get("by") or event.actor)),
        at=event.at,
    )


def _flag_pairs(scene: Scene, event: Event) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    if event.data.get("weeks"):
        pairs.append(("Weeks", int(event.data["weeks"] or 0)))
    if item := str(event.data.get("item") or ""):
        pairs.append(("At", item_title(scene.document, item)))
    return pairs


def _hearing(scene: Scene) -> Iterator[Evidence]:
    yield from _done(scene, scene.last("hearing", item=scene.task.item), "Their side")


def _wish(scene: Scene) -> Iterator[Evidence]:
    opened = [
        event for event in scene.events if event.task == scene.task.key and event.tag is Tag.OPENED
    ]
    for event in scene.wishes:
        if not opened or event.action != opened[-1].action:
            continue
        known = scene.submissions.get(event.submission)
        due = next((one.due for one in scene.whole.tasks if one.key == event.task), None)
        yield Evidence(
            title="What is asked for",
            pairs=[
                ("Task", key_title(scene.document, event.task)),
                ("Due now", due),
                ("Another date", date.fromisoformat(str(event.data["wished"]))),
            ],
            text=known.text if known else "",
            by=scene.name(str(event.data.get("by") or event.actor)),
            at=event.at,
        )


def _bounce(scene: Scene) -> Iterator[Evidence]:
    known = scene.whole.people.get(scene.task.item) or scene.people.get(scene.task.item)
    if known is not None:
        pairs = [("Who", known.name), ("Address so far", known.email)]
        yield Evidence(title="Mail that comes back", pairs=pairs)


_SELECTING: Final = (
    _prepared,
    _parts("scorecard-", "Scorecard"),
    _parts("review", "Review"),
    _parts("judge-", "What was judged"),
    _the_application,
)
_SOURCES: Final[Mapping[str, tuple[Source, ...]]] = MappingProxyType(
    {
        "judge-": (_revise_reasons, _the_application),
        "revise": (_revise_reasons,),
        "review": (_the_application,),
        "scorecard-": (_meeting, _the_application),
        "schedule-": (_who_meets, _meeting),
        "decide-screening": _SELECTING,
        "decide-round": _SELECTING,
        "select": _SELECTING,
        "release": _SELECTING,
        "report": (_changes,),
        "sign-off": (_report, _verdicts),
        "materials": (_meeting,),
        "evaluate": (_meeting, _last("materials", "The materials")),
        "decide-presentation": (_last("evaluate", "The evaluation"),),
        "recommend": (
            _last("materials", "The materials"),
            _last("evaluate", "The evaluation"),
        ),
        "record-publication": (_last("publish", "What was submitted"),),
        "decide-end": (_missing,),
        "handle-": (_flag,),
        "handle-terminate": (_flag, _hearing),
        "handle-date": (_wish,),
        "hearing": (_flag,),
        "correct-address": (_bounce,),
    }
)
