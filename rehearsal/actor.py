"""An actor answers a task as a person would, by the program's forms; prompt unless cast otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from intake import Applicant
from rehearsal.cast import BESIDE, INSTEAD, PASSES, Cast, Part
from residency.dates import Calendar
from residency.definition import form_of
from residency.documents import key_title
from residency.forms import Form, results, sample_answers, score, validate
from residency.plan import Plan
from residency.rules import satisfying
from residency.wire import Act, Event, OpenTask, Start, Tag
from store import Store
from store.cohorts import CohortRow
from store.ids import derived

VERBS = {
    "release": "release",
    "decide": "decide",
    "select": "decide",
    "schedule": "schedule",
    "appoint": "appoint",
}
AFTERNOON = time(14)

TOLD: Mapping[Tag, str] = {
    Tag.STARTED: "applies",
    Tag.STAGE: "enters {stage}",
    Tag.DONE: "{what}: {outcome}",
    Tag.PART: "{what}: {outcome}",
    Tag.RANG: "reminder: {what}",
    Tag.LAPSED: "{what}: lapsed",
    Tag.EFFECTIVE: "decided: {outcome}",
    Tag.FLAGGED: "flag: {flag}",
    Tag.SHIFTED: "dates move: last day {last}",
    Tag.ENDED: "ends: {how}",
}
"""What somebody who watches is told; of what is not here, nothing."""


class Actor:
    """Everybody of a rehearsal, as far as acting goes."""

    def __init__(
        self,
        store: Store,
        plan: Plan,
        document: Mapping[str, Any],
        calendar: Calendar,
        row: CohortRow,
    ) -> None:
        self._store, self._plan, self._document = store, plan, dict(document)
        self._calendar, self._row = calendar, row
        self._chosen: dict[tuple[str, str, str], Part] = {}
        self._names: dict[str, set[str]] = {}
        self._roles: dict[str, set[str]] = {}
        for member in store.cohorts.members(row.id):
            self._roles.setdefault(member.person, set()).add(member.role)

    def application(self) -> dict[str, Any]:
        """The answers of an applicant who says nothing else."""
        forms = self._document["forms"]
        if "application" not in forms:
            return {}
        return self._passing(form_of(self._document, "application"))

    def _passing(self, form: Form) -> dict[str, Any]:
        """Sample answers, changed where the program's requirements would not hold otherwise."""
        answers = sample_answers(form)
        application = self._plan.application
        if application is None or application.requires is None:
            return answers
        for name, met in (satisfying(application.requires) or {}).items():
            field = form.field(name)
            if field is None or results(form, answers, [name])[name] == met:
                continue
            answers[name] = True if met else False if field.type == "yes-no" else None
        return {name: value for name, value in answers.items() if value is not None}

    # Casting

    def part(
        self,
        cast: Cast,
        start: Start,
        applicant: Applicant,
        number: int,
        task: OpenTask,
        who: str,
        *,
        planning: bool = False,
    ) -> Part:
        """The part somebody plays for a task; chosen when it opens, played when it is done."""
        key = (task.key, task.opened.isoformat(), f"{start.residency}/{who}")
        if task.kind == "select" and task.item:
            # Nobody hurries with the waitlist: a cast file says when a seat is given to it.
            return cast.part_for(
                task,
                residency=start.residency,
                who=self._words(start, who),
                of=_words_of(start, applicant, number),
                otherwise=Part(do="nothing"),
            )
        if planning or key not in self._chosen:
            self._chosen[key] = cast.part_for(
                task,
                residency=start.residency,
                who=self._words(start, who),
                of=_words_of(start, applicant, number),
            )
        return self._chosen[key]

    def _words(self, start: Start, who: str) -> set[str]:
        """Everything that somebody goes by, in lower case: name, address, id, roles."""
        if who not in self._names:
            person = self._store.people.get(who)
            words = {person.name.lower(), person.email.lower(), who} if person else {who}
            self._names[who] = words | self._roles.get(who, set())
        return self._names[who] | ({"resident"} if who == start.person else set())

    # Acting

    def acts(
        self, start: Start, task: OpenTask, who: str, part: Part, *, at: datetime
    ) -> Iterator[Act]:
        """What somebody does about a task: nothing, one thing, or one thing and another beside it."""
        action_id = derived("a", start.residency, task.key, task.opened.isoformat(), who)
        base = {"id": action_id, "actor": who, "at": at}
        if part.do in INSTEAD:
            yield Act(verb=part.do, reason=self._text(start, who, part, action_id, at), **base)
            return
        if part.do in BESIDE:
            beside = {**base, "id": derived("a", action_id, part.do)}
            yield Act(
                verb=part.do,
                flag=part.flag or "concern",
                weeks=part.weeks,
                item=task.item,
                reason=self._text(start, who, part, action_id, at),
                **beside,
            )
        yield self._act(start, task, who, part, base)

    def _act(self, start: Start, task: OpenTask, who: str, part: Part, base: dict[str, Any]) -> Act:
        verb = next((v for k, v in VERBS.items() if task.kind.startswith(k)), "complete")
        if verb == "schedule":
            return Act(verb=verb, task=task.key, start=self._slot(task, base["at"]), **base)
        if verb == "appoint":
            return Act(verb=verb, task=task.key, who=[self._row.coordinators[0]], **base)
        if verb == "release":
            return Act(verb=verb, **base)
        outcome = self._outcome(task, part)
        if verb == "decide":
            return Act(verb=verb, outcome=outcome, **base)
        kind = self._plan.kinds.get(task.kind)
        fields: dict[str, Any] = {}
        if kind is not None and kind.form:
            fields = self._answered(start, task, who, part, kind.form, base["id"], base["at"])
        if part.flag and part.do not in BESIDE:
            fields |= {
                "flag": part.flag,
                "weeks": part.weeks,
                "reason": self._text(start, who, part, base["id"], base["at"]),
            }
        return Act(verb=verb, task=task.key, outcome=outcome, **fields, **base)

    def _outcome(self, task: OpenTask, part: Part) -> str:
        if part.do and part.do not in BESIDE:
            return part.do
        kind = self._plan.kinds.get(task.kind)
        return PASSES.get(task.kind) or (kind.outcomes[0] if kind else "done")

    def _slot(self, task: OpenTask, at: datetime) -> datetime:
        """A week later in the afternoon; the presentation a week after its scheduling was due."""
        calendar = self._calendar
        day = calendar.day_of(at) + timedelta(days=7)
        if task.kind == "schedule-presentation" and task.due is not None:
            day = max(day, calendar.due_day(task.due) + timedelta(days=7))
        return calendar.at(calendar.next_business(day), AFTERNOON)

    def _answered(
        self,
        start: Start,
        task: OpenTask,
        who: str,
        part: Part,
        form_id: str,
        action_id: str,
        at: datetime,
    ) -> dict[str, Any]:
        form = form_of(self._document, form_id)
        answers = validate(form, self._passing(form) | part.answers)
        submission = derived("s", action_id)
        if self._store.submissions.get(submission) is None:
            self._store.submissions.add(
                submission,
                residency=start.residency,
                person=who,
                form=form_id,
                answers=answers,
                at=at,
            )
        fields: dict[str, Any] = {"submission": submission, "score": score(form, answers)}
        if task.kind.startswith("judge-"):
            fields["results"] = results(form, answers, [field.id for field in form.fields])
        return fields

    def _text(self, start: Start, who: str, part: Part, action_id: str, at: datetime) -> str:
        submission = derived("s", action_id, "reason")
        if self._store.submissions.get(submission) is None:
            self._store.submissions.add(
                submission,
                residency=start.residency,
                person=who,
                form="",
                answers={},
                at=at,
                text=part.reason,
            )
        return submission

    def waitlists(self, start: Start, who: str, *, at: datetime) -> Iterator[Act]:
        """What a coordinator does who finds no seat left."""
        action = derived("a", start.residency, "no-seat", at.isoformat())
        yield Act(id=action, verb="decide", actor=who, outcome="waitlist", at=at)
        yield Act(id=derived("a", action, "release"), verb="release", actor=who, at=at)

    # Telling

    def sentence(self, event: Event) -> str:
        """A line of the record, for somebody who watches; empty for what is not worth one."""
        what = key_title(self._document, event.task) if event.task else ""
        words = {"outcome": "done", **event.data, "what": what}
        return TOLD.get(event.tag, "").format_map(words)


def _words_of(start: Start, applicant: Applicant, number: int) -> set[str]:
    """Everything that a resident goes by in a cast file."""
    return {applicant.name.lower(), applicant.email.lower(), str(number + 1), start.residency}
