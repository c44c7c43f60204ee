"""What a task's page speaks of: the task, whose it is, and what the record knows around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from acts import REASON, now_of
from residency.actions import ACTIONS
from residency.definition import form_of
from residency.documents import readable, zone_of
from residency.effects import FINAL, LIVING, UNDO
from residency.forms import Form
from residency.plan import Kind, Rule
from residency.postponing import HANDLE
from residency.tasks import COORDINATION
from residency.wire import Event, State, Tag
from store.grants import Purpose
from store.ids import derived
from web.door import DeadLinkError, Door, Visitor
from web.titles import cohort_called, title_of
from web.told import whole_as_told

if TYPE_CHECKING:
    from store.cohorts import CohortRow, Member
    from store.people import Person
    from store.shown import ResidencyRow, TaskRow, Whole
    from store.submissions import Submission


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One task, as one person sees it. `here` is the page's own path; `now` the program's time."""

    visitor: Visitor
    here: str
    whole: Whole
    task: TaskRow
    kind: Kind
    document: dict[str, Any]
    cohort: CohortRow
    now: datetime
    events: Sequence[Event]
    submissions: Mapping[str, Submission]
    people: Mapping[str, Person]
    members: Sequence[Member] = ()  # of the cohort's pools, where somebody is to be appointed

    @property
    def person(self) -> str:
        return self.visitor.person.id

    @property
    def row(self) -> ResidencyRow:
        return self.whole.row

    @property
    def is_own(self) -> bool:
        """Whether the residency is about the visitor."""
        return self.row.person == self.person

    @property
    def program(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["program"]
        return found

    @property
    def program_zone(self) -> str:
        return zone_of(self.document)

    @property
    def zone(self) -> str:
        """The reader's."""
        return self.visitor.person.zone or self.program_zone

    @property
    def home(self) -> str:
        """Where a person's link leads back to; empty for the link of one task."""
        if self.visitor.grant.purpose is not Purpose.PERSON:
            return ""
        return f"{self.visitor.path}/r/{self.row.id}" if self.is_own else self.visitor.path

    @cached_property
    def title(self) -> str:
        return self.title_of(self.task.key)

    def title_of(self, key: str) -> str:
        """What people call a task of this residency."""
        _, kind, item, number = key.split("/")
        return title_of(self.document, kind, item=item, round_=int(number))

    @property
    def cohort_name(self) -> str:
        return cohort_called(self.row)

    @cached_property
    def form(self) -> Form | None:
        return form_of(self.document, self.task.form) if self.task.form else None

    @property
    def may_answer(self) -> bool:
        return self.person in self.task.waiting and not self.row.ended

    @property
    def may_comment(self) -> bool:
        """Whether somebody else was first, and what the visitor says is still kept."""
        task = self.task
        first = task.state is State.DONE and task.rule == Rule.ANY and task.by != self.person
        return first and self.person in task.who and bool(task.form) and not self.row.ended

    @property
    def may_undo(self) -> bool:
        """Whether the visitor has just answered, and may take it back."""
        task = self.task
        if task.state is not State.DONE or task.by != self.person or "undo" not in ACTIONS:
            return False
        if task.kind.startswith(FINAL) or self.row.ended or not self._is_stage_open():
            return False
        return self.now <= self.undo_until

    @property
    def undo_until(self) -> datetime:
        return (self.task.closed_at or self.task.opened) + UNDO

    def _is_stage_open(self) -> bool:
        stage, now = self.task.stage, self.row.stage
        return stage == now or (stage in LIVING and now in LIVING)

    @property
    def may_ask_later(self) -> bool:
        """Whether the visitor may ask a coordinator for another date; they themselves just move it."""
        return (
            self.may_answer
            and "ask-later" in ACTIONS
            and HANDLE in (self.cohort.plan.get("kinds") or {})
            and self.task.due is not None
            and self.kind.by != "coordinators"
            and not self.later_asked
        )

    @cached_property
    def later_asked(self) -> Event | None:
        """The visitor's wish for another date for this task that waits for a coordinator's answer."""
        waiting = {
            task.key
            for task in self.whole.tasks
            if task.kind == HANDLE and task.state is State.OPEN
        }
        acts = {
            event.action
            for event in self.events
            if event.tag is Tag.OPENED and event.task in waiting
        }
        wishes = [event for event in self.wishes if event.action in acts]
        mine = [
            event
            for event in wishes
            if event.task == self.task.key and event.data.get("by") == self.person
        ]
        return mine[-1] if mine else None

    @property
    def wishes(self) -> list[Event]:
        """Every time that somebody asked for another date; `task` is what it is for."""
        return [
            event for event in self.events if event.tag is Tag.NOTED and event.data.get("wished")
        ]

    # Looking around

    def name(self, person: str) -> str:
        """A name; the program's where it was nobody, or nobody whom we know."""
        known = self.people.get(person)
        return known.name if known else str(self.program["name"])

    @property
    def others_asked(self) -> list[str]:
        """Who may answer in the visitor's place; nobody where each answers apart, blind to others."""
        task = self.task
        return [one for one in task.who if one != self.person] if task.rule == Rule.ANY else []

    @property
    def candidates(self) -> dict[str, str]:
        """Who may be appointed, by id: those of the role's own pool first."""
        role = self.task.item.partition(".")[0]
        ordered = sorted(self.members, key=lambda one: one.role != role)
        found: dict[str, str] = {}
        for one in ordered:
            if one.person != self.row.person:
                role_name = readable(one.role).removesuffix("s")
                found.setdefault(one.person, f"{self.name(one.person)} ({role_name})")
        return found

    def names(self, people: Sequence[str]) -> str:
        found = [self.people[one].name for one in people if one in self.people]
        return " and ".join(", ".join(found).rsplit(", ", 1))

    def last(self, kind: str, *, item: str | None = None, before: int = 0) -> TaskRow | None:
        """The last task of a kind that was answered; of an item, of a round before this one."""
        found = [
            task
            for task in self.whole.tasks
            if task.kind.startswith(kind)
            and task.state is State.DONE
            and (item is None or task.item == item)
            and (not before or task.round < before)
        ]
        return max(found, key=lambda task: (task.round, task.opened), default=None)

    def told(self, key: str) -> dict[str, Event]:
        """Who has answered a task with what, by person; what was taken back is not among it."""
        found: dict[str, Event] = {}
        for event in self.events:
            if event.task != key:
                continue
            if event.tag in (Tag.OPENED, Tag.REOPENED):
                found = {}
            if event.tag in (Tag.PART, Tag.DONE):
                found[str(event.data.get("by") or event.name_of or event.actor)] = event
        return found

    def reason_of(self, event: Event) -> str:
        """The text that somebody gave for what they did; empty where they gave none."""
        known = self.submissions.get(event.submission)
        if known is None or known.form != REASON:
            key = derived("s", f"{event.action}/{self.row.id}", REASON)
            known = self.submissions.get(key)
        return known.text if known else ""


def scene_of(door: Door, visitor: Visitor, residency: str, key: str, *, here: str) -> Scene:
    """What the link lets its holder see. Raises DeadLinkError where the task is not theirs (now)."""
    store = door.store
    whole = store.lists.residency(residency)
    task = next((one for one in whole.tasks if one.key == key), None) if whole else None
    if whole is None or task is None or visitor.person.id not in (*task.who, task.by):
        raise DeadLinkError
    cohort = store.cohorts.get(whole.row.cohort)
    if cohort is None:
        raise DeadLinkError
    whole = whole_as_told(store, visitor.person.id, whole)
    known = (cohort.plan.get("kinds") or {}).get(task.kind)
    members = store.cohorts.members(cohort.id) if task.kind == "appoint" else []
    others = [visitor.person.id, *cohort.coordinators, *(one.person for one in members)]
    return Scene(
        visitor=visitor,
        here=here,
        whole=whole,
        task=task,
        kind=Kind.model_validate(known) if known else COORDINATION,
        document=store.definitions.get(whole.row.definition),
        cohort=cohort,
        now=now_of(cohort),
        events=store.record.events(residency),
        submissions={one.id: one for one in store.submissions.of(residency)},
        people=whole.people | store.people.many(others),
        members=members,
    )
