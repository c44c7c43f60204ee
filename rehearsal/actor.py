"""An actor answers a task as a person would, by the program's forms; prompt unless cast otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
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
from store.submissions import Submission

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


@dataclass(frozen=True)
class _Hand:
    """Who writes something in a residency, when, and where it goes."""

    start: Start
    who: str
    at: datetime
    write: Callable[[Submission], None]

    def writes(self, id: str, *, form: str = "", answers: dict[str, Any], text: str = "") -> str:
        """Its id."""
        self.write(
            Submission(
                id=id,
                residency=self.start.residency,
                person=self.who,
                form=form,
                answers=answers,
                at=self.at,
                text=text,
            )
        )
        return id


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
        self._forms: dict[str, Form] = {}  # as the document has them: never another one
        self._roles: dict[str, set[str]] = {}
        for member in store.cohorts.members(row.id):
            self._roles.setdefault(member.person, set()).add(member.role)

    def application(self) -> dict[str, Any]:
        """The answers of an applicant who says nothing else."""
        forms = self._document["forms"]
        if "application" not in forms:
            return {}
        return self._passing(self._form("application"))

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
        self,
        start: Start,
        task: OpenTask,
        who: str,
        part: Part,
        *,
        at: datetime,
        write: Callable[[Submission], None] | None = None,
    ) -> Iterator[Act]:
        """What somebody does about a task: nothing, one thing, or one thing and another beside it.

        What they write for it is kept in the store, unless `write` takes it.
        """
        hand = _Hand(start, who, at, write or self._keep)
        action_id = derived("a", start.residency, task.key, task.opened.isoformat(), who)
        base = {"id": action_id, "actor": who, "at": at}
        if part.do in INSTEAD:
            # Nobody but the resident leaves, also where it comes when another is asked.
            own = replace(hand, who=start.person)
            yield Act(verb=part.do, reason=_text(own, part, action_id), **base | {"actor": own.who})
            return
        if part.do in BESIDE:
            beside = {**base, "id": derived("a", action_id, part.do)}
            yield Act(
                verb=part.do,
                flag=part.flag or "concern",
                weeks=part.weeks,
                item=task.item,
                reason=_text(hand, part, action_id),
                **beside,
            )
        yield self._act(hand, task, part, base)

    def _keep(self, one: Submission) -> None:
        if self._store.submissions.get(one.id) is None:
            self._store.submissions.add(**asdict(one))

    def _act(self, hand: _Hand, task: OpenTask, part: Part, base: dict[str, Any]) -> Act:
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
            fields = self._answered(hand, task, part, kind.form, base["id"])
        if part.flag and part.do not in BESIDE:
            fields |= {
                "flag": part.flag,
                "weeks": part.weeks,
                "reason": _text(hand, part, base["id"]),
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
        self, hand: _Hand, task: OpenTask, part: Part, form_id: str, action_id: str
    ) -> dict[str, Any]:
        form = self._form(form_id)
        answers = validate(form, self._passing(form) | part.answers)
        submission = hand.writes(derived("s", action_id), form=form_id, answers=answers)
        fields: dict[str, Any] = {"submission": submission, "score": score(form, answers)}
        if task.kind.startswith("judge-"):
            fields["results"] = results(form, answers, [field.id for field in form.fields])
        return fields

    def _form(self, form_id: str) -> Form:
        if form_id not in self._forms:
            self._forms[form_id] = form_of(self._document, form_id)
        return self._forms[form_id]

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


def _text(hand: _Hand, part: Part, action_id: str) -> str:
    return hand.writes(derived("s", action_id, "reason"), answers={}, text=part.reason)


def _words_of(start: Start, applicant: Applicant, number: int) -> set[str]:
    """Everything that a resident goes by in a cast file."""
    return {applicant.name.lower(), applicant.email.lower(), str(number + 1), start.residency}
