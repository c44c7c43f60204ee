"""The board of one residency: what is open, for whom, due when, what rings next, what came of it.

Every change is written to the journal as an event at the same moment; what is to be told is dropped
into the tray. The board neither waits nor sends: a workflow carries it and does both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from residency.dates import Offset, rung_at
from residency.ladders import Ladders
from residency.plan import Kind, Rule, Rung
from residency.receipts import tell_others
from residency.timetable import Timetable
from residency.tray import Tray
from residency.wire import Act, Answer, BoardState, Event, OpenTask, Scalar, Start, State, Tag, Task

JUST_NOW = timedelta(minutes=1)  # The store may be asked between a click and what follows from it.
REOPENED = "7d"
"""How long a reopened task has whose own date has passed, where its kind doesn't say."""
COORDINATION = Kind(
    by="coordinators",
    due="3d",
    ladder=[Rung(on="0d"), Rung(on="+3d", to="coordinator", every="1w")],
    notice="decision-wanted",
)
"""The kind of a coordinator's task that a plan does not name."""


def task_key(stage: str, kind: str, *, item: str = "", round: int = 1) -> str:
    return f"{stage}/{kind}/{item}/{round}"


class Board:
    """What a residency knows, and the only place where it changes."""

    def __init__(self, start: Start, clock: Callable[[], datetime]) -> None:
        self.start = start
        self.plan = start.plan
        self.state = start.state or BoardState()
        self.dates = Timetable(start, self.state)
        self.journal: list[Event] = []
        self.cause: Act | None = None  # what a person is doing just now
        self.was_due: datetime | None = None  # when what was closed last was due
        self.clock = clock
        self.tray = Tray(self.state, clock, edition=start.edition)
        self.ladders = Ladders(self)
        self._open: list[tuple[str, Task]] | None = None  # each wait asks what rings, at every turn

    @property
    def now(self) -> datetime:
        return self.clock()

    # The journal

    def write(self, tag: Tag, *, task: str = "", submission: str = "", **data: Scalar) -> Event:
        """Adds a line to the journal; whoever acts just now is its actor."""
        self.state.seq += 1
        event = Event(seq=self.state.seq, at=self.now, tag=tag, task=task, submission=submission)
        if self.cause is not None:
            event.actor, event.name_of = self.cause.actor, self.cause.name_of
            event.action = self.cause.id
            event.submission = submission or self.cause.submission or self.cause.reason
        event.data = {key: value for key, value in data.items() if value not in (None, "")}
        self.journal.append(event)
        return event

    def tell(
        self,
        notice: str,
        to: Iterable[str],
        occurrence: str,
        /,
        *,
        task: str = "",
        due: datetime | None = None,
        more: Mapping[str, Scalar] | None = None,
        **data: Scalar,
    ) -> None:
        """Drops a notice for each of these people into the tray."""
        stage_kind = task.split("/") if task else ["", "", "", "1"]
        data |= more or {}
        if (known := self.state.tasks.get(task)) and known.revision:
            data["revision"] = known.revision  # Calendars know the newer entry by it.
        self.tray.drop(
            notice,
            to,
            occurrence,
            seq=self.state.seq,
            task=task,
            kind=stage_kind[1],
            item=stage_kind[2] or str(data.pop("item", "")),
            round=int(stage_kind[3]),
            due=due,
            data={key: value for key, value in data.items() if value not in (None, "")},
        )

    # People

    def people(self, role: str) -> list[str]:
        """The ids of whoever has a role now, lead first."""
        match role:
            case "resident":
                return [self.start.person]
            case "coordinators" | "coordinator":
                return self.state.roles.get("coordinators") or self.start.coordinators
            case "mentor":
                return self.state.roles.get("mentors", [])[:1]
            case "co-mentor":
                return self.state.roles.get("mentors", [])[1:]
            case _:
                return self.state.roles.get(role) or self.start.roles.get(role, [])

    def appoint(self, role: str, who: list[str], *, item: str = "") -> None:
        name = f"{role}/{item}" if item else role
        self.state.roles[name] = who
        self.write(Tag.APPOINTED, role=role, item=item, who=",".join(who))

    # Tasks

    def kind(self, name: str) -> Kind:
        return self.plan.kinds.get(name, COORDINATION)

    def open(
        self,
        key: str,
        *,
        who: list[str] | None = None,
        anchor: str = "",
        span: str = "",
        day: date | None = None,
        notice: str = "",
        more: Mapping[str, Scalar] | None = None,
    ) -> Task:
        """Opens a task and tells its people, unless it is known already.

        It is due at the end of `day`, or of what `anchor` says (see Timetable), or so long (`span`,
        otherwise what its kind says) after its opening. `notice`, with `more` data, is told in the
        place of its kind's.
        """
        if (known := self.state.tasks.get(key)) is not None:
            return known
        _, name, item, round = key.split("/")
        kind = self.kind(name)
        people = who if who is not None else self._handed(key) or self.people(kind.by)
        task = Task(
            kind=name,
            item=item,
            round=int(round),
            who=list(people),
            opened=self.now,
            anchor=anchor,
            span=span,
            day=day,
        )
        task.revision = int(self.state.facts.pop(f"again:{key}", 0) or 0)
        self._put(key, task)
        self._set_due(task)
        self.write(
            Tag.OPENED,
            task=key,
            kind=name,
            item=item,
            round=int(round),
            due=task.due.isoformat() if task.due else None,
            who=",".join(people),
            rule=kind.rule.value,
            form=kind.form,
        )
        if told := notice or kind.notice:
            asked = [person for person in self.waiting_for(task) if not self._sees(person, kind)]
            self.tell(told, asked, f"{key}~{task.revision}", task=key, due=task.due, more=more)
        return task

    def _handed(self, key: str) -> list[str]:
        """To whom a former round of it was handed over."""
        handed = str(self.state.facts.get(f"handed:{key.rpartition('/')[0]}") or "")
        return handed.split(",") if handed else []

    def _put(self, key: str, task: Task) -> None:
        self.state.tasks[key], self._open = task, None  # What is open is listed anew.

    def _sees(self, person: str, kind: Kind) -> bool:
        """Whether a coordinator's own click has just led to this task of theirs: it needs no mail.

        What an action opens itself, beside the story, is told to all of them.
        """
        if self.cause is not None or kind.by != "coordinators" or person != self.state.acted:
            return False
        return self.state.acted_at is not None and self.now - self.state.acted_at <= JUST_NOW

    def _set_due(self, task: Task) -> None:
        """Computes the due date and everything that counts from it anew."""
        assert task.opened is not None
        kind = self.kind(task.kind)
        if task.day is not None:
            task.due = self.dates.calendar.end_of(task.day)
        else:
            span = task.span or kind.due
            task.due = self.dates.due(span, anchor=task.anchor, opened=task.opened)
        task.rung, task.rings, task.lapses = 0, None, None
        if task.due is None:
            return
        if kind.lapse:
            task.lapses = self._after_due(task, kind.lapse)
        for place, rung in enumerate(kind.ladder):
            task.rung = place
            task.rings = rung_at(task.due, Offset.parse(rung.on), self.dates.calendar)
            if task.rings > self.now:
                return
        self._past_the_ladder(task, kind)

    def _past_the_ladder(self, task: Task, kind: Kind) -> None:
        """Opened or moved behind its whole ladder: only the rung that repeats is left, from now on."""
        every = kind.ladder[-1].every if kind.ladder else ""
        task.rings = None
        if every:
            rings = self.now + timedelta(days=1)
            task.rings = self.dates.calendar.ring(self.dates.calendar.day_of(rings))

    def _after_due(self, task: Task, offset: str) -> datetime:
        assert task.due is not None
        parsed = Offset.parse(offset)
        if parsed.span.count == 0:
            return task.due
        if (exact := parsed.span.exact) is not None:
            return task.due + parsed.sign * exact
        calendar = self.dates.calendar
        return calendar.end_of(calendar.shift(calendar.due_day(task.due), parsed))

    def waiting_for(self, task: Task) -> list[str]:
        """Who still has to answer an open task."""
        kind = self.kind(task.kind)
        if kind.rule is Rule.ALL:
            return [person for person in task.who if person not in task.parts]
        return task.who[:1] if kind.rule is Rule.LEAD else task.who

    def answer(self, key: str, person: str, answer: Answer) -> bool:
        """Takes one person's answer to an open task; True where that completes it."""
        task = self.state.tasks[key]
        kind = self.kind(task.kind)
        if kind.rule is Rule.ALL:
            task.parts[person] = answer
            if self.waiting_for(task):
                self._write_answer(Tag.PART, key, person, answer)
                return False
            answer = answer.model_copy(update={"score": task.mean()})
        self._finish(key, person, answer)
        return True

    def _finish(self, key: str, person: str, answer: Answer) -> None:
        task = self.state.tasks[key]
        task.outcome, task.score = answer.outcome, answer.score
        task.submission = answer.submission
        self._write_answer(Tag.DONE, key, person, answer)
        tell_others(self, key, person)
        self.close(task, State.DONE, by=person)

    def _write_answer(self, tag: Tag, key: str, person: str, answer: Answer) -> None:
        self.write(
            tag,
            task=key,
            submission=answer.submission,
            outcome=answer.outcome,
            score=answer.score,
            by=person,
        )

    def close(self, task: Task, state: State, *, by: str = "") -> None:
        """Ends a task: its reminders stop here. Only what came of it is kept."""
        self._open = None
        task.state, task.by, task.at, self.was_due = state, by, self.now, task.due
        task.rings = task.lapses = task.due = task.opened = task.day = None
        task.rung, task.span = 0, ""
        # Kept are only those who may still be thanked, and who had it by a person's choice.
        thanked = self.kind(task.kind).rule is Rule.ANY and len(task.who) > 1
        if not thanked and task.who in (self._holders(task), list(task.parts)):
            task.who = []

    def lapse(self, key: str) -> None:
        self.write(Tag.LAPSED, task=key)
        self.close(self.state.tasks[key], State.LAPSED)

    def waive(self, key: str) -> None:
        self.write(Tag.WAIVED, task=key)
        self.close(self.state.tasks[key], State.WAIVED)

    def reopen(self, key: str) -> Task:
        """Opens a closed task again for the people who had it, or whoever has its role now.

        Later tasks of its item are forgotten; they come again as new ones. It is due when it was, where
        that is still to come, otherwise so long after now as its kind says, or a week.
        """
        stage, name, item, round = key.split("/")
        for other, task in list(self.state.tasks.items()):
            if other != key and self._follows(other, stage=stage, item=item, key=key):
                if task.state is State.OPEN:
                    self.waive(other)
                del self.state.tasks[other]
                self.state.facts[f"again:{other}"] = task.revision + 1
        old = self.state.tasks[key]
        task = Task(kind=name, item=item, round=int(round), opened=self.now)
        task.who = old.who or list(old.parts) or self._holders(old) or [old.by]
        task.revision = old.revision + 1
        task.anchor = old.anchor if self._is_to_come(old.anchor) else ""
        task.span = "" if task.anchor or self.kind(name).due else REOPENED
        self._put(key, task)
        self._set_due(task)
        self.write(
            Tag.REOPENED,
            task=key,
            due=_text(task.due),
            who=",".join(task.who),
            revision=task.revision,
        )
        return task

    def _holders(self, task: Task) -> list[str]:
        by = self.kind(task.kind).by
        return self.state.roles.get(f"{by}/{task.item}") or self.people(by)

    def _is_to_come(self, anchor: str) -> bool:
        due = self.dates.due("", anchor=anchor, opened=self.now)  # rolled, as it was due
        return due is not None and due > self.now

    def _follows(self, other: str, *, stage: str, item: str, key: str) -> bool:
        """Whether a task came after another of the same stage and item."""
        keys = list(self.state.tasks)
        return (
            other.startswith(f"{stage}/")
            and other.split("/")[2] == item
            and keys.index(other) > keys.index(key)
        )

    def set_due(self, key: str, day: date | None = None) -> None:
        """Computes a task's due date anew (after a shift), or from a day that a person set."""
        before = self.state.tasks[key]
        task = before.model_copy(update={"day": day or before.day})
        self._set_due(task)
        if task.due == before.due:
            return  # its ladder goes on from where it stands
        task.revision += 1
        self._put(key, task)
        self.write(Tag.MOVED, task=key, due=_text(task.due), revision=task.revision)

    def reassign(self, key: str, who: list[str]) -> None:
        """Hands it over; complete where everybody who has it now has answered already."""
        task = self.state.tasks[key]
        task.who = list(dict.fromkeys(who))
        self.write(Tag.REASSIGNED, task=key, who=",".join(task.who))
        task.parts = {person: part for person, part in task.parts.items() if person in task.who}
        if task.parts and not self.waiting_for(task):
            person, last = list(task.parts.items())[-1]
            self._finish(key, person, last.model_copy(update={"score": task.mean()}))

    def open_tasks(self) -> Sequence[tuple[str, Task]]:
        """As they are now: whoever goes through them may change some."""
        if self._open is None:
            tasks = self.state.tasks.items()
            self._open = [(key, task) for key, task in tasks if task.state is State.OPEN]
        return self._open

    def is_open(self, key: str) -> bool:
        return (task := self.state.tasks.get(key)) is not None and task.state is State.OPEN

    def listed(self) -> list[OpenTask]:
        return [
            OpenTask(
                key=key,
                kind=task.kind,
                item=task.item,
                round=task.round,
                who=self.waiting_for(task),
                opened=task.opened or self.now,
                due=task.due,
            )
            for key, task in self.open_tasks()
        ]

    # Ladders

    def next_ring(self) -> datetime | None:
        """When the next rung rings or a task lapses."""
        return self.ladders.next_ring()

    def is_ringing(self) -> bool:
        return self.ladders.is_ringing()

    def ring(self) -> None:
        """Climbs and lapses all that is due; what follows now follows from a timer."""
        self.state.acted = ""
        self.ladders.ring()


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
