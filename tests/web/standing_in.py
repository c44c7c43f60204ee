"""A crowd whose tasks stand as a test wants them, and residencies that answer what they are told."""

import shutil
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from sqlalchemy import insert, update

from residency.exits import NOTICES
from residency.plan import Kind
from residency.settings import load
from residency.wire import Exit, Said, Tag
from store import Store
from store.posting import MailState
from store.tables import events, outbox, people, residencies, submissions, task_people, tasks
from tests import crowd
from tests.web.applicants import NOWHERE
from tests.web.crowded import BASE, NUMBER, Crowd
from tests.web.desk import Form
from wiring import House

HERE = crowd.residency(NUMBER)
RESIDENT, MENTOR, READER = crowd.resident(NUMBER), crowd.mentor(NUMBER), crowd.reviewer(NUMBER)


def now():
    """The door's own clock: what is undone must have been done within minutes."""
    return datetime.now(UTC)


class Answering:
    """In place of running residencies: `answer` is what they say, or the error that they raise.

    `effect` is what it does to the record, called once with what was written.
    """

    def __init__(self):
        self.answer, self.effect = Said(), None

    async def act(self, _residency, act, *, written):
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.effect is not None:
            effect, self.effect = self.effect, None
            effect(act, written)
        return self.answer


class Stage(Crowd):
    """Pages of one residency, each of whose tasks can be made to stand as it seldom does."""

    def __init__(self, house, row):
        super().__init__(house, row)
        self.residencies, self._seq = Answering(), 100
        house.connect, house.residencies = self._connected, lambda _client, **_: self.residencies

    async def _connected(self):
        return None

    # Rows

    def write(self, statement, *rows):
        with self.store.database.writing() as connection:
            connection.execute(statement, *([list(rows)] if rows else []))

    def told(self, tag, task="", **more):
        """A line of the record; what is not a column is its data."""
        self._seq += 1
        columns = {
            name: more.pop(name) for name in ("actor", "submission", "action") if name in more
        }
        self.write(
            insert(events),
            {"residency": HERE, "seq": self._seq, "void": 0, "at": now(), "tag": tag.value, "task": task,
             "data": more, "recorded": now(), **columns},
        )  # fmt: skip  # A row reads best.

    def said(self, id_, person, *, form="reason", text="", answers=None):
        row = {"id": id_, "residency": HERE, "person": person, "form": form, "text": text}
        self.write(insert(submissions), {**row, "answers": answers or {}, "at": now()})

    def ask(self, kind, person, *others, stage="milestones", item="", number=1, **values):
        """A task of somebody's, open where nothing else is said; the path of its page."""
        key = f"{stage}/{kind}/{item}/{number}"
        known = Kind.model_validate(self.row.plan["kinds"].get(kind, {"by": "coordinators"}))
        due = now() + timedelta(days=4)
        task = crowd._task(NUMBER, key, form=known.form, rule=known.rule.value, due=due)
        self.write(insert(tasks), task | {"opened": now() - timedelta(days=2)} | values)
        for place, one in enumerate((person, *others)):
            answered = values.get("by") == one and values.get("state") == "done"
            self.write(
                insert(task_people), crowd._asked(NUMBER, key, one, answered) | {"place": place}
            )
        self.told(Tag.OPENED, key, action=f"a-{key}")
        if values.get("state") == "done":
            by = values.get("by") or person
            more = {"outcome": values.get("outcome", "done"), "by": by}
            self.told(Tag.DONE, key, actor=by, submission=values.get("submission", ""), **more)
        return self.task(key, person)

    def change(self, key, **values):
        self.write(
            update(tasks).where(tasks.c.residency == HERE, tasks.c.key == key).values(values)
        )

    def done(self, key, person):
        """What an answer does to a task."""

        def effect(act, written):
            for one in written:
                self.said(one.id, person, form=one.form, text=one.text, answers=one.answers)
            self.change(key, state="done", by=person, outcome="done", closed_at=now())
            self._answered(key, answered=True)
            submission = written[0].id if written else ""
            more = {"outcome": "done", "by": person, "submission": submission}
            self.told(Tag.DONE, key, actor=person, action=act.id, **more)

        return effect

    def reopened(self, key, person):
        """What taking an answer back does."""

        def effect(act, _written):
            self.change(key, state="open", by="", outcome="", closed_at=None)
            self._answered(key, answered=False)
            self.told(Tag.REOPENED, key, actor=person, action=act.id)

        return effect

    def moved(self, person, email):
        """What a corrected address does."""
        address = {"email": email, "email_key": email, "email_given": email}
        statement = update(people).where(people.c.id == person).values(address)
        return lambda _act, _written: self.write(statement)

    def _answered(self, key, *, answered):
        asked = update(task_people).where(task_people.c.residency == HERE, task_people.c.key == key)
        self.write(asked.values(answered=answered))

    def end(self, how):
        """As an end stands once the mail about it went."""
        ended = {"ended": how, "ended_at": now() - timedelta(days=1), "next_at": None}
        self.write(update(residencies).where(residencies.c.id == HERE).values(ended))
        told = {
            "subject": HERE,
            "notice": NOTICES[Exit(how)],
            "occurrence": how,
            "receiver": RESIDENT,
        }
        row = {"key": f"k-{how}", "state": MailState.SENT.value, "at": now(), "created": now()}
        self.write(insert(outbox), told | row | {"letter": {}, "transport": "files"})

    # Pages

    async def press(self, path, page, **typed):
        """Sends a page's largest form, filled in as it stands and as typed."""
        given = {**Form(page.text).as_it_stands(), **typed}
        pairs = [
            (name, one)
            for name, value in given.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        return await self.send("POST", path, pairs)


def crowded(path, *, residencies):
    """Fills a new database; the row of its cohort."""
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with patch.object(crowd, "RESIDENCIES", residencies):
        row = crowd.fill(store)
    store.close()
    return row


def staged(folder, database, row):
    """Over a copy of a crowded database; no Temporal server is anywhere near."""
    folder.mkdir(parents=True)
    shutil.copy(database, folder / "residency.db")
    return Stage(House(load(data=folder, public_url=BASE, temporal_address=NOWHERE)), row)
