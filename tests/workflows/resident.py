"""One resident of a rehearsal, and everybody around them, as a test moves and plays them by hand."""

import asyncio
from datetime import timedelta
from itertools import count
from time import monotonic

from rehearsal.cast import Cast, Part, when_done
from residency.definition import form_of
from residency.errors import RefusedError
from residency.forms import sample_answers, validate
from residency.wire import Act, Move, OpenTask, Said


class Somebody:
    """One person around a resident, and what they can do to the residency."""

    def __init__(self, resident, id):  # A person's id, as everywhere.
        self._resident, self.id = resident, id

    async def do(self, verb, **fields):
        return await self._resident.act(verb, actor=self.id, **fields)

    async def complete(self, what, outcome="", **fields):
        """Completes an open task of this person, found by what it goes by ("review", "item-desk")."""
        return await self._resident.complete(what, outcome, actor=self.id, **fields)

    async def sign_off(self, milestone, outcome="approved", **fields):
        return await self.complete(f"sign-off {milestone}", outcome, **fields)


class Resident:
    """One residency and its person; the clock of it is moved here."""

    def __init__(self, rehearsal, start, applicant, number, *, actor, calendar, cast):
        self.rehearsal, self.start = rehearsal, start
        self.id, self.person = start.residency, start.person
        self.calendar, self.store = calendar, rehearsal.store
        self.said = Said(code="")
        self._residencies = rehearsal.residencies
        self._applicant, self._number, self._actor = applicant, number, actor
        self._cast = Cast([Part.model_validate(part) for part in cast])
        self._ids = count(1)

    @property
    def handle(self):
        return self.rehearsal.client.get_workflow_handle(self.id)

    # People

    def somebody(self, role, place=0):
        people = self.roles[role]
        return Somebody(self, people[place])

    @property
    def roles(self):
        """Who has which role just now, by what is recorded."""
        roles = {"coordinators": list(self.start.coordinators), "resident": [self.person]}
        for event in self.events("people:appointed"):
            name = f"{event.data['role']}/{event.data.get('item', '')}".rstrip("/")
            roles[name] = str(event.data["who"]).split(",")
        return roles

    @property
    def themselves(self):
        return Somebody(self, self.person)

    @property
    def coordinator(self):
        return self.somebody("coordinators")

    @property
    def mentor(self):
        return self.somebody("mentors")

    @property
    def co_mentor(self):
        return self.somebody("mentors", 1)

    # Time

    @property
    def now(self):
        return self.said.now

    async def look(self):
        """Where it stands, once it is quiet."""
        await self._heard(await self._move_to(self.start.started))
        return self.said

    async def move(self, **span):
        """By a `timedelta(**span)`, ring by ring; what is mailed meanwhile is waited for."""
        await self.move_to(self.now + timedelta(**span))

    async def move_to(self, to):
        while not self.said.ended and self.now < to:
            rings = self.said.next_at is not None and self.said.next_at <= to
            try:
                await self._heard(
                    await self._move_to(max(self.said.next_at, self.now) if rings else to)
                )
            except RefusedError as error:
                await self._catch_up(error)
        await self.settled()

    async def ring(self):
        """Moves to whatever rings next."""
        try:
            await self._heard(await self._move_to(max(self.said.next_at, self.now)))
        except RefusedError as error:
            await self._catch_up(error)

    async def _catch_up(self, error):
        """A mail was given back until its window opens, after the residency had answered."""
        if error.code != "rings-before":
            raise error
        self.said.next_at = (await self.view()).next_at

    async def _move_to(self, to):
        move = Move(id=f"move-{next(self._ids)}", to=to)
        return await self._residencies.move_clock(self.id, move)

    async def _heard(self, said):
        if said.now is not None:
            self.said = said

    async def settled(self):
        """Waits for the mail that may go by now; one that ended is moved on until all of it went."""
        until = monotonic() + 20
        while monotonic() < until:
            try:
                if await self._residencies.is_settled(self.id):
                    return
                if self.said.ended:
                    await self._let_go()
            except RefusedError as error:
                if error.code == "ended":
                    return
                raise
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self.id} does not settle: {await self.view()}")

    async def _let_go(self):
        view = await self.view()
        if view.next_at is not None:
            await self._heard(await self._move_to(max(view.next_at, view.now)))

    async def ended(self):
        """Lets the last mails go, and waits for the workflow's own result: how it ended."""
        await self.settled()
        return await self.handle.result()

    async def view(self):
        return await self._residencies.view(self.id)

    # Acting

    def find(self, what):
        """The first open task that goes by these words: key, kind, item or stage."""
        for task in self.said.open:
            if task_is(task, what):
                return task
        return None

    async def reach(self, what):
        """Everybody is prompt and passes, until a task of that name waits; the task."""
        while (found := self.find(what)) is None:
            if self.said.ended:
                open_ones = [each.data.get("kind") for each in self.events("task:opened")]
                raise AssertionError(f'"{what}" never opened; {self.said.ended}: {open_ones}')
            await self.step()
        return found

    async def finish(self):
        """Everybody goes on to the end; how it ended."""
        while not self.said.ended:
            await self.step()
        return await self.ended()

    async def step(self):
        """The next thing that happens: something rings, or somebody acts."""
        steps = [
            (self._when(task, who, place), number, task, who)
            for number, task in enumerate(self.said.open)
            for place, who in enumerate(task.who)
        ]
        steps = sorted((each for each in steps if each[0] is not None), key=lambda each: each[:2])
        if not steps and self.said.next_at is None:
            raise AssertionError(f"nothing will ever happen: {self.said}")
        if not steps or (self.said.next_at is not None and self.said.next_at <= steps[0][0]):
            await self.ring()
            return
        at, _, task, who = steps[0]
        try:
            await self.play(task, who, at=at)
        except RefusedError as error:
            await self._catch_up(error)

    def _when(self, task, who, place):
        part = self._part(task, who, planning=True)
        if part.do == "nothing":
            return None
        at = when_done(task, part, calendar=self.calendar, now=self.now, place=place)
        return max(at, self.now)

    def _part(self, task, who, *, planning=False):
        return self._actor.part(
            self._cast,
            self.start,
            self._applicant,
            self._number,
            task,
            who,
            planning=planning,
        )

    async def play(self, task, who, *, at=None):
        """Lets somebody do a task as the cast says."""
        part = self._part(task, who)
        for act in self._actor.acts(self.start, task, who, part, at=at or self.now):
            await self._heard(await self._residencies.act(self.id, act))

    def acts(self, task, who, *, now):
        """What somebody does about a task as the cast says, on the real clock."""
        part = self._part(task, who)
        if part.do == "nothing":
            return []
        acts = self._actor.acts(self.start, task, who, part, at=now)
        return [act.model_copy(update={"at": None}) for act in acts]

    async def complete(self, what, outcome="", *, actor="", **fields):
        """Answers an open task with its form's sample answers."""
        task = self.find(what) if not isinstance(what, OpenTask) else what
        assert task is not None, (
            f'"{what}" does not wait; open are {[t.key for t in self.said.open]}'
        )
        who = actor or task.who[0]
        part = Part(do=outcome)
        act = next(iter(self._actor.acts(self.start, task, who, part, at=self.now)))
        changed = {"id": f"a-{next(self._ids)}-{self.id}", **fields}
        return await self.send(act.model_copy(update=changed))

    async def report(self, milestone, **fields):
        return await self.complete(f"report {milestone}", **fields)

    async def act(self, verb, **fields):
        """Does an action now, as a coordinator where no `actor` is named; `reason` is a text."""
        return await self.send(self.an_act(verb, **fields))

    def an_act(self, verb, *, actor="", reason="", **fields):
        """An action that was not sent yet."""
        number = next(self._ids)
        actor = actor or self.start.coordinators[0]
        if reason:
            reason = self.text(reason, by=actor)
        fields = {"id": f"a-{number}-{self.id}", "at": self.now, **fields}
        return Act(verb=verb, actor=actor, reason=reason, **fields)

    async def send(self, act):
        said = await self._residencies.act(self.id, act)
        await self._heard(said)
        return said

    async def refused(self, verb, **fields):
        """Does what is refused; the code and the sentence."""
        try:
            said = await self.act(verb, **fields)
        except RefusedError as error:
            return error.code, str(error)
        raise AssertionError(f'"{verb}" was not refused: {said}')

    def text(self, text, *, by=""):
        """Stores a free text; the id that an action carries in its place."""
        return self._stored(by=by, text=text)

    def answers(self, form, *, by="", **answers):
        """Stores a form's sample answers, with these in their place; the submission's id."""
        if form:
            document = self.store.definitions.get(self.start.plan.definition)
            asked = form_of(document, form)
            answers = validate(asked, sample_answers(asked) | answers)
        return self._stored(by=by, form=form, answers=answers)

    def _stored(self, *, by="", form="", answers=None, text=""):
        submission = f"s-{next(self._ids)}-{self.id}"
        self.store.submissions.add(
            submission,
            residency=self.id,
            person=by or self.person,
            form=form,
            answers=answers or {},
            at=self.now or self.start.started,
            text=text,
        )
        return submission

    # What is on record

    def events(self, tag=""):
        """The record's events, in order; those of a tag (`task:done`) or subject (`task`)."""
        return [
            event
            for event in self.store.record.events(self.id)
            if not tag or event.tag == tag or event.tag.startswith(f"{tag}:")
        ]

    def mails(self, about="", *, to=""):
        """The rows of its mails, in the order of their moments; to one person where named."""
        rows = self.store.outbox.list(residency=self.id, limit=10_000)
        rows = [
            row
            for row in rows
            if (not to or row.receiver == to) and (not about or _is_about(row.letter, about))
        ]
        return sorted(rows, key=lambda row: (row.at, row.letter.seq, row.notice))

    def notices(self, about="", *, to=""):
        """The names of the notices that the resident (or `to`) had, about an item where one is named.

        What went as a line of another mail counts as its own.
        """
        return [
            each.notice
            for row in self.mails(to=to or self.person)
            for each in (row.letter, *row.letter.lines)
            if not about or _is_about(each, about)
        ]


def task_is(task, what):
    """Whether a task goes by all of these words."""
    words = {task.kind, task.item, task.key, task.key.split("/")[0], f"round-{task.round}"}
    return all(
        word in words or any(each.startswith(f"{word}-") for each in words if each)
        for word in what.split()
    )


def _is_about(letter, about):
    return about in (letter.item, letter.task, letter.kind, letter.data.get("item"))
