"""What lists show, computed from events and nothing else.

`Projection.apply` takes events in order. Where some were voided, `forget` wipes all of a residency
and the rest is applied again: simple, and right, since an event never says what it replaced.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from residency.wire import Event, Scalar, State, Tag
from store.tables import (
    PROJECTIONS,
    appointments,
    decisions,
    meetings,
    task_people,
    tasks,
)

BLANK: Final[Mapping[str, Any]] = {
    "program": "",
    "cohort": "",
    "track": "",
    "person": "",
    "definition": "",
    "rehearsal": False,
    "stage": "",
    "stage_at": None,
    "ended": "",
    "started_at": None,
    "ended_at": None,
    "first_day": None,
    "last_day": None,
    "held": False,
    "seat": "",
    "seat_freed": 0,
}
"""A residency of which no event has said anything."""

_OF_TASK = (tasks.c.residency == bindparam("of"), tasks.c.key == bindparam("what"))
_PEOPLE_OF_TASK = (
    task_people.c.residency == bindparam("of"),
    task_people.c.key == bindparam("what"),
)
_TASK = select(tasks.c.key).where(*_OF_TASK)
_SET_TASK = update(tasks).where(*_OF_TASK)
_OPEN_TASK = insert(tasks)
_ASK = insert(task_people)
_DROP_TASK = delete(tasks).where(*_OF_TASK)
_DROP_PEOPLE = delete(task_people).where(*_PEOPLE_OF_TASK)
_ANSWERED = (
    update(task_people)
    .where(*_PEOPLE_OF_TASK, task_people.c.person == bindparam("who"))
    .values(answered=True)
)
_APPOINTED = select(appointments.c.person, appointments.c.active).where(
    appointments.c.residency == bindparam("of"),
    appointments.c.role == bindparam("part"),
    appointments.c.item == bindparam("about"),
)
_PLACE = (
    appointments.c.residency == bindparam("of"),
    appointments.c.role == bindparam("part"),
    appointments.c.item == bindparam("about"),
    appointments.c.person == bindparam("who"),
)


class Projection:
    """Applies one residency's events; `row` collects what changes in its own line."""

    def __init__(self, connection: Connection, residency: str, *, seat: str = "") -> None:
        self.connection = connection
        self.residency = residency
        self.row: dict[str, Any] = {}
        self._seat = seat

    def forget(self) -> None:
        """Wipes all that events have said of this residency."""
        for table in PROJECTIONS:
            self.connection.execute(delete(table).where(table.c.residency == self.residency))
        self.row = dict(BLANK)
        self._seat = ""

    def apply(self, told: Iterable[Event]) -> None:
        for event in told:
            if (handler := _HANDLERS.get(event.tag)) is not None:
                handler(self, event)

    # The residency's own line

    def started(self, event: Event) -> None:
        for name in ("program", "cohort", "track", "person", "definition"):
            self.row[name] = _text(event, name)
        self.row["rehearsal"] = bool(event.data.get("rehearsal", False))
        self.row["started_at"] = event.at
        for name, key in (("first_day", "first"), ("last_day", "last")):
            if event.data.get(key):
                self.row[name] = date.fromisoformat(_text(event, key))

    def stage(self, event: Event) -> None:
        self.row |= {"stage": _text(event, "stage"), "stage_at": event.at}

    def ended(self, event: Event) -> None:
        self.row |= {"ended": _text(event, "how"), "ended_at": event.at}
        if self._seat != "granted":
            # Asked for and never taken: a seat that was lived in stays taken, unless it is freed.
            self.row["seat_freed"] = event.seq

    def dates(self, event: Event) -> None:
        for name, key in (("first_day", "first"), ("last_day", "last")):
            if event.data.get(key):
                self.row[name] = date.fromisoformat(_text(event, key))

    def held(self, _event: Event) -> None:
        self.row["held"] = True

    def resumed(self, _event: Event) -> None:
        self.row["held"] = False

    def seat_granted(self, _event: Event) -> None:
        self._seat = "granted"
        self.row |= {"seat": "granted", "seat_freed": 0}

    def seat_freed(self, event: Event) -> None:
        self._seat = "freed"
        self.row |= {"seat": "freed", "seat_freed": event.seq}

    # Tasks

    def opened(self, event: Event) -> None:
        """The same key may be opened anew after a reopening: then it begins from nothing."""
        stage, kind, item, number = [*event.task.split("/"), "", "", "", ""][:4]
        if self.connection.execute(_DROP_TASK, self._task(event)).rowcount:
            self.connection.execute(_DROP_PEOPLE, self._task(event))
        self.connection.execute(
            _OPEN_TASK,
            {
                "residency": self.residency,
                "key": event.task,
                "kind": _text(event, "kind") or kind,
                "stage": stage,
                "item": _text(event, "item") or item,
                "round": int(event.data.get("round") or number or 1),
                "state": State.OPEN.value,
                "rule": _text(event, "rule") or "any",
                "form": _text(event, "form"),
                "opened": event.at,
                "due": _instant(event, "due"),
                "outcome": "",
                "by": "",
                "submission": "",
                "revision": 0,
            },
        )
        self._ask(event)

    def _ask(self, event: Event) -> None:
        rows = [
            {
                "residency": self.residency,
                "key": event.task,
                "person": person,
                "place": place,
                "answered": False,
            }
            for place, person in enumerate(_people(event))
        ]
        if rows:
            self.connection.execute(_ASK, rows)

    def rang(self, event: Event) -> None:
        self._set(event, rung=event.data.get("rung"))

    def part(self, event: Event) -> None:
        who = _text(event, "by") or event.name_of or event.actor
        self.connection.execute(_ANSWERED, {**self._task(event), "who": who})

    def done(self, event: Event) -> None:
        self.part(event)
        self._close(
            event,
            State.DONE,
            outcome=_text(event, "outcome") or "done",
            score=event.data.get("score"),
            by=_text(event, "by") or event.name_of or event.actor,
            submission=event.submission,
        )

    def lapsed(self, event: Event) -> None:
        self._close(event, State.LAPSED)

    def waived(self, event: Event) -> None:
        self._close(event, State.WAIVED, by=event.name_of or event.actor)

    def reopened(self, event: Event) -> None:
        known = self._set(
            event,
            state=State.OPEN.value,
            opened=event.at,
            due=_instant(event, "due"),
            closed_at=None,
            outcome="",
            score=None,
            by="",
            submission="",
            rung=None,
            **_revision(event),
        )
        if known:
            self.connection.execute(_DROP_PEOPLE, self._task(event))
            self._ask(event)

    def moved(self, event: Event) -> None:
        self._set(event, due=_instant(event, "due"), **_revision(event))

    def reassigned(self, event: Event) -> None:
        """Whoever stays keeps what they have answered."""
        if self.connection.execute(_TASK, self._task(event)).first() is None:
            return
        kept = select(task_people.c.person).where(*_PEOPLE_OF_TASK, task_people.c.answered)
        answered = set(self.connection.execute(kept, self._task(event)).scalars())
        self.connection.execute(_DROP_PEOPLE, self._task(event))
        self._ask(event)
        for person in answered.intersection(_people(event)):
            self.connection.execute(_ANSWERED, {**self._task(event), "who": person})

    def _close(self, event: Event, state: State, **values: Any) -> None:
        self._set(event, state=state.value, closed_at=event.at, **values)

    def _set(self, event: Event, **values: Any) -> bool:
        """False where no event has opened this task: the record is kept, whatever it says."""
        return self.connection.execute(_SET_TASK, self._task(event) | values).rowcount == 1

    def _task(self, event: Event) -> dict[str, str]:
        return {"of": self.residency, "what": event.task}

    # People

    def appointed(self, event: Event) -> None:
        """`who` is everybody of the role from now on, lead first; the others are relieved."""
        who = _people(event)
        known = dict(self.connection.execute(_APPOINTED, self._place(event)).all())
        for person, active in known.items():
            if active and person not in who:
                self._relieve(event, person)
        for place, person in enumerate(who):
            values = {"place": place, "active": True, "since": event.at, "until": None}
            if person in known:
                if known[person]:
                    del values["since"]
                change = update(appointments).where(*_PLACE).values(values)
                self.connection.execute(change, self._place(event, person))
            else:
                self.connection.execute(insert(appointments), values | self._keys(event, person))

    def relieved(self, event: Event) -> None:
        for person in _people(event):
            self._relieve(event, person)

    def _relieve(self, event: Event, person: str) -> None:
        change = update(appointments).where(*_PLACE, appointments.c.active)
        self.connection.execute(
            change.values(active=False, until=event.at), self._place(event, person)
        )

    def _place(self, event: Event, person: str | None = None) -> dict[str, str]:
        place = {"of": self.residency, "part": _text(event, "role"), "about": _text(event, "item")}
        return place if person is None else place | {"who": person}

    def _keys(self, event: Event, person: str) -> dict[str, str]:
        return {
            "residency": self.residency,
            "role": _text(event, "role"),
            "item": _text(event, "item"),
            "person": person,
        }

    # Decisions and meetings

    def decided(self, event: Event) -> None:
        self._decision(
            event, state="pending", by=event.name_of or event.actor, submission=event.submission
        )

    def released(self, event: Event) -> None:
        self._decision(event, state="released", tells_at=_instant(event, "tells_at"))

    def effective(self, event: Event) -> None:
        self._decision(event, state="effective")

    def taken_back(self, event: Event) -> None:
        self.connection.execute(delete(decisions).where(*self._decision_place(event)))

    def _decision(self, event: Event, **values: Any) -> None:
        if outcome := _text(event, "outcome"):
            values["outcome"] = outcome
        values["at"] = event.at
        change = update(decisions).where(*self._decision_place(event)).values(values)
        if not self.connection.execute(change).rowcount:
            keys = {"stage": _text(event, "stage"), "item": _text(event, "item")}
            self.connection.execute(
                insert(decisions), {"residency": self.residency, **keys, **values}
            )

    def _decision_place(self, event: Event) -> tuple[Any, ...]:
        return (
            decisions.c.residency == self.residency,
            decisions.c.stage == _text(event, "stage"),
            decisions.c.item == _text(event, "item"),
        )

    def meeting(self, event: Event) -> None:
        values = {
            "at": _instant(event, "at"),
            "minutes": int(event.data.get("minutes") or 0),
            "sequence": int(event.data.get("sequence") or 0),
            "canceled": False,
        }
        change = update(meetings).where(*self._meeting_place(event)).values(values)
        if not self.connection.execute(change).rowcount:
            keys = {"residency": self.residency, "item": _text(event, "item")}
            self.connection.execute(insert(meetings), keys | values)

    def meeting_canceled(self, event: Event) -> None:
        values = {"canceled": True, "sequence": int(event.data.get("sequence") or 0)}
        self.connection.execute(update(meetings).where(*self._meeting_place(event)).values(values))

    def _meeting_place(self, event: Event) -> tuple[Any, ...]:
        return (
            meetings.c.residency == self.residency,
            meetings.c.item == _text(event, "item"),
        )


_HANDLERS: Final[Mapping[Tag, Callable[[Projection, Event], None]]] = {
    Tag.STARTED: Projection.started,
    Tag.ENDED: Projection.ended,
    Tag.STAGE: Projection.stage,
    Tag.OPENED: Projection.opened,
    Tag.RANG: Projection.rang,
    Tag.PART: Projection.part,
    Tag.DONE: Projection.done,
    Tag.LAPSED: Projection.lapsed,
    Tag.WAIVED: Projection.waived,
    Tag.REOPENED: Projection.reopened,
    Tag.MOVED: Projection.moved,
    Tag.REASSIGNED: Projection.reassigned,
    Tag.APPOINTED: Projection.appointed,
    Tag.RELIEVED: Projection.relieved,
    Tag.DECIDED: Projection.decided,
    Tag.RELEASED: Projection.released,
    Tag.TAKEN_BACK: Projection.taken_back,
    Tag.EFFECTIVE: Projection.effective,
    Tag.MEETING: Projection.meeting,
    Tag.MEETING_CANCELED: Projection.meeting_canceled,
    Tag.DATES: Projection.dates,
    Tag.SHIFTED: Projection.dates,
    Tag.SEAT_GRANTED: Projection.seat_granted,
    Tag.SEAT_FREED: Projection.seat_freed,
    Tag.HELD: Projection.held,
    Tag.RESUMED: Projection.resumed,
}


# Reading an event's data


def _text(event: Event, name: str) -> str:
    value: Scalar = event.data.get(name)
    return "" if value is None else str(value)


def _instant(event: Event, name: str) -> datetime | None:
    text = _text(event, name)
    return datetime.fromisoformat(text) if text else None


def _people(event: Event) -> list[str]:
    return [person for person in dict.fromkeys(_text(event, "who").split(",")) if person]


def _revision(event: Event) -> dict[str, int]:
    revision = event.data.get("revision")
    return {} if revision is None else {"revision": int(revision)}
