"""What is before whoever does a task: the application, the report, the reasons of an earlier round.

Only what the fields' readers allow, never what was said of identity, and never what others of the same
task have answered while it is open: those who judge are blind to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from residency.documents import item_title, readable
from residency.wire import Event, State, Tag
from web.evidence import Evidence, application_of, done, submitted
from web.journeys import timetable
from web.scenes import Scene

if TYPE_CHECKING:
    from store.shown import MeetingRow, TaskRow

PRESENTATION: Final = "presentation"


Source = Callable[[Scene], Iterator[Evidence]]


def before(scene: Scene) -> list[Evidence]:
    """What to read before answering, in the order in which it is read."""
    kind = scene.task.kind
    fits = [prefix for prefix in _SOURCES if kind.startswith(prefix)]
    sources = _SOURCES[max(fits, key=len)] if fits else ()
    return [one for source in sources for one in source(scene)]


# The application and what came of it


def _the_application(scene: Scene) -> Iterator[Evidence]:
    known = application_of(scene)
    if known is not None:
        folded = scene.kind.by == "coordinators"
        yield from submitted(scene, known.id, "The application", folded=folded)


def _revise_reasons(scene: Scene) -> Iterator[Evidence]:
    """Why a revision is asked for; judges are not named to applicants."""
    for task in scene.whole.tasks:
        if task.kind.startswith("judge-") and task.outcome == "revise":
            if task.round >= scene.task.round + (scene.task.kind == "revise"):
                continue
            for event in scene.told(task.key).values():
                if text := scene.reason_of(event):
                    yield Evidence(title="What is missing or unclear", text=text, at=event.at)


def _parts(kind: str, *, folded: bool) -> Source:
    """What each of several has answered: only once all of them have."""

    def parts(scene: Scene) -> Iterator[Evidence]:
        for task in _answered(scene, kind):
            title = scene.title_of(task.key)
            for person, event in scene.told(task.key).items():
                yield from submitted(scene, event.submission, title, by=person, folded=folded)

    return parts


def _answered(scene: Scene, kind: str) -> list[TaskRow]:
    """Tasks that everybody has answered; of the round alone that is decided on."""
    return [
        task
        for task in scene.whole.tasks
        if task.kind.startswith(kind)
        and task.state is State.DONE
        and (scene.task.kind != "decide-round" or task.item in (scene.task.item, ""))
    ]


def _scores(scene: Scene) -> Iterator[Evidence]:
    found = [*_answered(scene, "review"), *_answered(scene, "scorecard-")]
    pairs = [
        (
            scene.title_of(task.key),
            f"{task.score:.2f}",
        )
        for task in found
        if task.score is not None
    ]
    if pairs:
        yield Evidence(title="Mean scores, from 0 to 1", pairs=pairs)


def _prepared(scene: Scene) -> Iterator[Evidence]:
    """The decision that waits to be released, and why."""
    for one in scene.whole.decisions:
        if one.state != "pending":
            continue
        known = scene.submissions.get(one.submission)
        by = one.by or (known.person if known else "")
        pairs = [
            ("What was prepared", readable(one.outcome).capitalize()),
            ("By", scene.name(by) if by else "The program's rules"),
        ]
        text = known.text if known else ""
        yield Evidence(title="The decision", pairs=pairs, text=text, at=one.at)


def _offered(scene: Scene) -> Iterator[Evidence]:
    row = scene.row
    days = [("First day", row.first_day or scene.cohort.first_day), ("Last day", row.last_day)]
    tracks = scene.document.get("titles", {}).get("tracks", {})
    found = [*days, ("Track", tracks.get(row.track, row.track))]
    pairs = [(name, value) for name, value in found if value]
    yield Evidence(title="What is offered", pairs=pairs)


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
    pairs: list[tuple[str, Any]] = []
    if people:
        pairs.append(("With", ", ".join(scene.name(one) for one in people)))
    zones = {
        one: scene.people[one].zone for one in (scene.row.person, *people) if one in scene.people
    }
    if {zone for zone in zones.values() if zone} - {scene.program_zone}:
        told = [f"{scene.name(one)}: {_city(zone)}" for one, zone in zones.items() if zone]
        pairs.append(("Their time zones", told))
    if pairs:
        yield Evidence(title="Who takes part", pairs=pairs)


def _city(zone: str) -> str:
    """What people call a time zone: New York for America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")


# Milestones


def _changes(scene: Scene) -> Iterator[Evidence]:
    """Why another round is asked for."""
    task = scene.task
    if task.round > 1:
        last = scene.last("sign-off", item=task.item, before=task.round)
        yield from done(scene, last, "What changes were asked for")


def _report(scene: Scene) -> Iterator[Evidence]:
    task = scene.task
    found = [
        one
        for one in scene.whole.tasks
        if one.kind.startswith("report") and one.item == task.item and one.state is State.DONE
    ]
    for one in sorted(found, key=lambda one: one.round, reverse=True):
        title = "The report" if one.round == task.round else f"The report of round {one.round}"
        yield from done(scene, one, title, folded=one.round != task.round)


def _verdicts(scene: Scene) -> Iterator[Evidence]:
    task = scene.task
    last = scene.last("sign-off", item=task.item, before=task.round) if task.round > 1 else None
    yield from done(scene, last, "What was said in the round before", folded=True)


# The end


def _last(kind: str, title: str) -> Source:
    def last(scene: Scene) -> Iterator[Evidence]:
        yield from done(scene, scene.last(kind), title)

    return last


def _missing(scene: Scene) -> Iterator[Evidence]:
    """What is still open at the end, and what came of the presentation."""
    titles = [
        scene.title_of(one.key)
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
    if item := str(event.data.get("item") or ""):
        pairs.append(("Raised at", item_title(scene.document, item)))
    weeks = int(event.data.get("weeks") or 0)
    if weeks and scene.task.kind == "handle-extend":
        pairs.append(("Weeks asked for", weeks))
        if last := scene.row.last_day:
            pairs += [
                ("Last day now", last),
                ("Last day if you grant it", last + timedelta(weeks=weeks)),
            ]
    return pairs


def _hearing(scene: Scene) -> Iterator[Evidence]:
    heard = scene.last("hearing", item=scene.task.item)
    if heard is None:
        yield Evidence(title="Their side", pairs=[("In the time they had", "They did not answer.")])
    yield from done(scene, heard, "Their side")


def _wish(scene: Scene) -> Iterator[Evidence]:
    opened = [
        event for event in scene.events if event.task == scene.task.key and event.tag is Tag.OPENED
    ]
    for event in scene.wishes:
        if not opened or event.action != opened[-1].action:
            continue
        known = scene.submissions.get(event.submission)
        due = next((one.due for one in scene.whole.tasks if one.key == event.task), None)
        wished = date.fromisoformat(str(event.data["wished"]))
        pairs = [("Task", scene.title_of(event.task)), ("Due now", due), ("Asked for", wished)]
        calendar = timetable(scene.row, scene.cohort, ()).calendar
        if due is not None and calendar.end_of(wished) <= due:
            pairs.append(("If you grant it", "The date stays: it is late enough already."))
        yield Evidence(
            title="What is asked for",
            pairs=pairs,
            text=known.text if known else "",
            by=scene.name(str(event.data.get("by") or event.actor)),
            at=event.at,
        )


def _left_behind(scene: Scene) -> Iterator[Evidence]:
    """What moved the dates, and where one of them is that stayed: a fixed one, or that of a meeting."""
    item, number = scene.task.item, scene.task.round
    dates = timetable(scene.row, scene.cohort, scene.events)
    is_milestone = item != PRESENTATION
    day = dates.milestone_day(dates.milestone(item)) if is_milestone else dates.presentation_day
    shifts = [event for event in scene.events if event.tag is Tag.SHIFTED]
    pairs: list[tuple[str, Any]] = [("The program's date now", day)]
    if 0 < number <= len(shifts):
        data = shifts[number - 1].data
        pairs += [
            ("What moved them", readable(str(data["kind"])).capitalize()),
            ("First day", date.fromisoformat(str(data["first"]))),
            ("Last day now", date.fromisoformat(str(data["last"]))),
        ]
    yield Evidence(title="What has moved", pairs=pairs)


def _bounce(scene: Scene) -> Iterator[Evidence]:
    known = scene.whole.people.get(scene.task.item) or scene.people.get(scene.task.item)
    if known is not None:
        pairs = [("Who", known.name), ("Address so far", known.email)]
        yield Evidence(title="Mail that comes back", pairs=pairs)


_SCREENING: Final = (
    _prepared,
    _scores,
    _parts("review", folded=False),
    _parts("judge-", folded=False),
    _the_application,
)
_ROUND: Final = (
    _scores,
    _parts("scorecard-", folded=False),
    _parts("review", folded=True),
    _the_application,
)
_SELECTING: Final = (
    _prepared,
    _scores,
    _parts("scorecard-", folded=True),
    _parts("review", folded=True),
    _parts("judge-", folded=True),
    _the_application,
)
_SOURCES: Final[Mapping[str, tuple[Source, ...]]] = MappingProxyType(
    {
        "judge-": (_revise_reasons, _the_application),
        "revise": (_revise_reasons,),
        "review": (_the_application,),
        "scorecard-": (_meeting, _the_application),
        "schedule-": (_who_meets, _meeting),
        "decide-screening": _SCREENING,
        "decide-round": _ROUND,
        "select": _SELECTING,
        "offer": (_offered,),
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
        "check-date": (_left_behind, _meeting),
        "correct-address": (_bounce,),
    }
)
