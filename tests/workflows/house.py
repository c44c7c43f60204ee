"""A rehearsal that a test drives by hand: one house, its residents, and everybody around them.

Whoever isn't told otherwise is prompt and passes. `resident.reach("m3")` lets them, moment by moment,
until a task of that name waits; then the test acts, and looks at the record and the mails.
"""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from intake import Applicant
from mail.outbox import Outbox
from mail.render import Renderer
from mail.transports.recording import RecordingTransport
from rehearsal.actor import Actor
from residency.cohort import Cohort, Member, PoolMember, Pools
from residency.compile import compile_plan
from residency.definition import load as load_definition
from residency.milestones import calendar_of
from residency.settings import CHECKOUT
from tests.workflows.resident import Resident
from wiring import House

TESTS = Path(__file__).parent.parent
PROGRAMS = TESTS / "programs"
FIRST_DAY = date(2027, 3, 1)
"""A Monday, in winter time; the tiny program ends in summer time."""

HUGGING_FACE = "huggingface-ai-research-residency-2022"
COORDINATOR = "coordinators"


def program_path(program):
    """A program of the tests by its folder's name, or one that is shipped."""
    for folder in (PROGRAMS / program, CHECKOUT / "programs" / program):
        if folder.is_dir():
            return folder
    return program


@cache
def definition_of(program):
    """A definition, read once: nothing changes it, and reading takes longer than a residency's start."""
    return load_definition(program_path(program), CHECKOUT / "programs")


@cache
def renderer_of(programs):
    """One for all tests: it sees each change of a template, and to compile them all takes seconds."""
    return Renderer(templates=CHECKOUT / "templates", programs=programs)


def recording_house(settings):
    """A house whose mails are rendered and then kept in memory: `house.transport.mails`."""
    house = House(settings)
    house.transport = RecordingTransport()
    house.__dict__["outbox"] = Outbox(
        house.store,
        renderer_of(settings.programs),
        transport=house.transport,
        rehearsal=house.transport,
        sender=settings.mail_from,
    )
    return house


def members(role, number):
    """So many made-up people of one role; all in the program's zone."""
    return [
        PoolMember(name=f"{role.title()} {place}", email=f"{role}{place}@example.org")
        for place in range(1, number + 1)
    ]


def cohort_of(*, name, first_day, seats=4, coordinators=2, mentors=3, others=None, **more):
    """A cohort that closes ten weeks before its first day, with pools of made-up people."""
    values = {
        "opens": first_day - timedelta(weeks=20),
        "closes": first_day - timedelta(weeks=10),
        "holidays": [],
        **more,
    }
    return Cohort.model_construct(
        name=name,
        first_day=first_day,
        seats=seats,
        coordinators=[
            Member(name=each.name, email=each.email)
            for each in members("coordinator", coordinators)
        ],
        others=others or {},
        pools=Pools(
            reviewers=members("reviewer", 3),
            interviewers=members("interviewer", 3),
            panelists=members("panelist", 3),
            mentors=members("mentor", mentors),
        ),
        **values,
    )


class Rehearsal:
    """One cohort after the other in one house; `start` brings a resident."""

    def __init__(self, house, client):
        self.house, self.client = house, client
        self.store = house.store
        self.residencies = house.residencies(client)
        self.residents = []
        self._cohorts = {}

    async def start(
        self,
        program="tiny",
        *,
        cohort=None,
        cast=(),
        applicant=None,
        at=None,
        real=False,
        first_day=FIRST_DAY,
        change=lambda start: start,
    ):
        """Somebody applies; a cohort is opened where it isn't yet.

        `cohort` are `cohort_of`'s arguments, `cast` the parts of a cast file (dicts), `at` the moment
        (default: two weeks before the close), `real` starts it on the real clock, and `change` may
        put another start in its place.
        """
        row, actor, calendar = self._opened(program, first_day, real=real, cohort=cohort or {})
        number = len(self.residents)
        if applicant is None:
            applicant = Applicant(name=f"Person {number}", email=f"person{number}@example.org")
        if applicant.answers is None:
            applicant = replace(applicant, answers=actor.application())
        at = at or (datetime.now(UTC) if real else calendar.end_of(row.closes) - timedelta(days=14))
        start = change(self.house.intake.prepare(row, applicant, at=at, line=number))
        resident = Resident(
            self, start, applicant, number, actor=actor, calendar=calendar, cast=cast
        )
        await self.residencies.start(start)
        self.residents.append(resident)
        if not real:
            await resident.look()
        return resident

    def _opened(self, program, first_day, *, real, cohort):
        key = (program, first_day, real, repr(cohort))
        if key not in self._cohorts:
            definition = definition_of(program)
            # A residency's id is derived from its cohort's, and the server is the whole session's.
            made = cohort_of(**{"name": f"c{uuid4().hex[:12]}", "first_day": first_day, **cohort})
            row = self.house.intake.open_cohort(definition, made, rehearsal=not real)
            plan = compile_plan(definition, made)
            calendar = calendar_of(plan)
            document = self.store.definitions.get(row.definition)
            actor = Actor(self.store, plan, document, calendar, row)
            self._cohorts[key] = (row, actor, calendar)
        return self._cohorts[key]

    async def move(self, **span):
        """Moves everybody's clock by a `timedelta(**span)`, ring by ring; nobody acts meanwhile."""
        for resident in self.residents:
            await resident.move(**span)


async def workers(house, client, stack: AsyncExitStack):
    """Both workers of a house, in this process."""
    await stack.enter_async_context(house.workflow_worker(client))
    await stack.enter_async_context(house.mail_worker(client))
