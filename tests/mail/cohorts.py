"""Several residencies of one cohort, whose reminders ring on the same morning, by a clock of the test."""

from residency.wire import Batch, Event, Letter, Post, Tag
from store.people import Person
from tests.mail.conftest import AT, Desk

DUE = AT.replace(hour=22)  # The end of the day in Paris.
TASK = "selection/decide-selection//1"


class Cohort(Desk):
    """A desk with more than one residency: each is of a person of its own, with one coordinator."""

    def __init__(self, store, renderer, *, rehearsal=False):
        self.rehearsal, self.seqs = rehearsal, {}
        super().__init__(store, renderer, rehearsal=rehearsal)

    def add(self, residency, name):
        """A residency of somebody with that name."""
        person = f"p-{name.lower()}"
        scope = "c-one" if self.rehearsal else ""
        self.store.people.add(
            Person(
                id=person,
                name=f"{name} Example",
                given_name=name,
                email=f"{person}@example.org",
                zone="Europe/Paris",
                rehearsal=scope,
            )
        )
        self.write(
            residency,
            Tag.STARTED,
            program="residency",
            cohort="c-one",
            person=person,
            track="",
            definition="d" * 64,
            rehearsal=self.rehearsal,
        )
        self.write(residency, Tag.DATES, first="2022-06-01", last="2023-02-28")

    def write(self, residency, tag, *, task="", at=AT, **data):
        seq = self.seqs[residency] = self.seqs.get(residency, 0) + 1
        data = {key: value for key, value in data.items() if value not in (None, "")}
        event = Event(seq=seq, at=at, tag=tag, task=task, data=data)
        self.store.record.append(
            Batch(residency=residency, first=seq, events=[event], run=0, history=seq)
        )

    def open(self, residency, *, at, task=TASK, who="p-coordinator"):
        _, kind, item, round_ = task.split("/")
        what = {"kind": kind, "item": item, "round": int(round_), "due": DUE.isoformat()}
        self.write(residency, Tag.OPENED, task=task, at=at, who=who, **what)

    def ring(self, residency, *, at=AT, to="p-coordinator", task=TASK, rung=0, **about):
        """A rung rings: the record says so, and this letter is in the residency's tray."""
        notice = "escalation" if about.get("who") else "reminder"
        told = {"notice": notice, "revision": 0, "due": DUE.isoformat(), **about}
        self.write(residency, Tag.RANG, task=task, at=at, rung=rung, to=to, **told)
        _, kind, item, round_ = task.split("/")
        return Letter(
            notice=notice,
            to=to,
            occurrence=f"{task}~0~{rung}",
            at=at,
            task=task,
            kind=kind,
            item=item,
            round=int(round_),
            due=DUE,
            data={"rung": rung, "late_days": 0, **about},
        )

    def close(self, residency, *, at, task=TASK):
        self.write(residency, Tag.DONE, task=task, at=at, outcome="done", by="p-coordinator")

    def of(self, residency, *letters, now):
        return Post(residency=residency, definition="d" * 64, now=now, letters=list(letters))

    def states(self, notice=""):
        rows = self.store.outbox.list(cohort="c-one")
        return [
            (row.subject, row.notice, row.state.value)
            for row in rows
            if not notice or row.notice == notice
        ]
