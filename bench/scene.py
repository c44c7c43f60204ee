"""What a benchmark runs on: a data folder of its own, a server in memory, both workers, one cohort."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import tethered
from bench.polling import until_polled
from bench.twin import QUEUE
from finding import find_binary
from intake import Applicant
from rehearsal.actor import Actor
from residency.cohort import Cohort, Member, PoolMember, Pools
from residency.compile import compile_plan
from residency.definition import load as load_definition
from residency.errors import UnavailableError
from residency.milestones import calendar_of
from residency.settings import CHECKOUT, PREFIX, Settings, load
from server import DevServer, connect
from wiring import House
from worker import end

if TYPE_CHECKING:
    from datetime import datetime

    from temporalio.client import Client

    from client import Residencies
    from residency.dates import Calendar
    from residency.plan import Plan
    from residency.wire import Start
    from store.cohorts import CohortRow

PROGRAM: Final = "huggingface-ai-research-residency-2022"
POOL: Final = 50
"""People in each pool: enough that nobody's load decides anything."""

PATIENCE: Final = 120.0
"""Seconds that a click waits for its answer; on a busy machine nothing is to be asked twice."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that a round needs; the processes by who is measured."""

    house: House
    client: Client
    residencies: Residencies
    row: CohortRow
    plan: Plan
    calendar: Calendar
    actor: Actor
    opening: datetime  # when everybody applies
    server: DevServer
    worker: Popen[bytes]
    twin: Popen[bytes]

    def apply(self, number: int) -> Start:
        """Stores an application; what its residency is to be started with."""
        applicant = Applicant(
            name=f"Resident Number {number}",
            email=f"resident-{number}@example.org",
            answers=self.actor.application(),
        )
        return self.house.intake.prepare(self.row, applicant, at=self.opening, line=number)

    @property
    def mails(self) -> Path:
        """Where the mail files are."""
        return self.house.data / "rehearsals" / self.row.name / "mail"

    def check(self) -> None:
        """Raises UnavailableError where a worker has ended."""
        for process, name in ((self.worker, "worker"), (self.twin, "twin's worker")):
            if process.poll() is not None:
                log = (self.house.data / "workers.log").read_text(errors="replace")
                last = (log.strip().splitlines() or ["it said nothing"])[-1]
                raise UnavailableError(f"The {name} ended ({process.returncode}): {last[:300]}")


@asynccontextmanager
async def scene(*, journeys: int) -> AsyncIterator[Scene]:
    """A scene with seats for so many journeys; everything is gone afterwards."""
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(TemporaryDirectory(prefix="residency-bench-")))
        binary = find_binary(load(), say=lambda _line: None)
        server = await stack.enter_async_context(DevServer(binary.path))
        with _environment(data, server.address):
            settings = load()
            house = House(settings)
            stack.callback(house.store.close)
            client = await connect(settings, address=server.address)
            log = stack.enter_context((data / "workers.log").open("ab"))
            ours, twins = (
                tethered.spawn([sys.executable, *command], log=log)
                for command in (
                    [str(CHECKOUT / "worker.py")],
                    ["-m", "bench.twinworker", server.address],
                )
            )
        stack.callback(lambda: end(*ours))
        stack.callback(lambda: end(*twins))
        row, plan, opening = _cohort(house, journeys=journeys)
        calendar = calendar_of(plan)
        document = house.store.definitions.get(row.definition)
        made = Scene(
            house=house,
            client=client,
            residencies=house.residencies(client),
            row=row,
            plan=plan,
            calendar=calendar,
            actor=Actor(house.store, plan, document, calendar, row),
            opening=opening,
            server=server,
            worker=ours[0],
            twin=twins[0],
        )
        for queue in (settings.task_queue, QUEUE):
            await until_polled(client, queue, "workflow", check=made.check)
            await until_polled(client, f"{queue}-mail", "activity", check=made.check)
        yield made


@contextmanager
def _environment(data: Path, address: str) -> Iterator[None]:
    """Nobody's settings but the cache's: what is measured is the product as shipped."""
    before = dict(os.environ)
    for name in before:
        if name.startswith((PREFIX, "TEMPORAL_")) and name != f"{PREFIX}CACHE":
            del os.environ[name]
    nothing = data / "no-profile.toml"
    nothing.touch()
    defaults = Settings.model_construct()
    os.environ |= {  # All that a `.env` could say otherwise.
        f"{PREFIX}DATA": str(data),
        f"{PREFIX}DATABASE_URL": f"sqlite:///{data / 'residency.db'}",
        f"{PREFIX}PROGRAMS": str(defaults.programs),
        f"{PREFIX}TEMPORAL_ADDRESS": address,
        f"{PREFIX}TEMPORAL_NAMESPACE": "default",
        f"{PREFIX}TEMPORAL_PROFILE": "",
        f"{PREFIX}TASK_QUEUE": defaults.task_queue,
        f"{PREFIX}CACHED_WORKFLOWS": str(defaults.cached_workflows),
        f"{PREFIX}FORCE_CONTINUE": "false",
        f"{PREFIX}RECORD_TIMEOUT": str(PATIENCE),
        f"{PREFIX}LOG_LEVEL": "warning",
        "TEMPORAL_CONFIG_FILE": str(nothing),
        "PYTHONPATH": str(CHECKOUT),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _cohort(house: House, *, journeys: int) -> tuple[CohortRow, Plan, datetime]:
    """The program's own cohort with large pools and a seat for everybody, opened as a rehearsal."""
    definition = load_definition(PROGRAM, house.settings.programs)
    base = next(iter(definition.cohorts.values()))
    assert base.closes is not None
    cohort = base.model_copy(
        update={
            "name": "bench",
            "seats": journeys,
            "coordinators": [Member(**_person("coordinator", 1))],
            "pools": Pools(
                **{
                    pool: [PoolMember(**_person(pool, number)) for number in range(1, POOL + 1)]
                    for pool in Pools.model_fields
                }
            ),
        }
    )
    assert isinstance(cohort, Cohort)
    row = house.intake.open_cohort(definition, cohort, rehearsal=True)
    plan = compile_plan(definition, cohort)
    calendar = calendar_of(plan)
    opening = calendar.window(calendar.end_of(base.closes - timedelta(days=5)))
    return row, plan, opening


def _person(role: str, number: int) -> dict[str, Any]:
    return {
        "name": f"{role.capitalize()} Number {number}",
        "email": f"{role}-{number}@example.org",
    }
