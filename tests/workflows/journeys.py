"""Whole rehearsals, each in a house of its own, and what came of them: to be compared."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

from temporalio.client import Client, Interceptor, OutboundInterceptor

from rehearsal.driver import Options, Rehearsal
from residency.settings import CHECKOUT, load
from server import DevServer, connect
from wiring import House

HUGGING_FACE = "huggingface-ai-research-residency-2022"
PROGRAMS = (
    "huggingface-ai-research-residency-2022",
    "apple-aiml-residency-2020",
    "apple-aiml-internship",
)
TINY = CHECKOUT / "tests" / "programs" / "tiny"
ODD = CHECKOUT / "tests" / "programs" / "odd"
CHILD = Path(__file__).with_name("child.py")
ADA = "- {name: Ada Example, email: ada@example.org}\n"


@dataclass(frozen=True)
class Told:
    """What a rehearsal has left: its record, event by event, and its mails, file by file."""

    ends: dict[str, int]
    record: dict[str, list[tuple]]
    mails: dict[str, bytes]
    roles: dict[str, str] = field(compare=False, default_factory=dict)

    def tags(self, tag):
        return [event for events in self.record.values() for event in events if event[2] == tag]

    @property
    def stages(self):
        return [event[6]["stage"] for event in self.tags("stage:entered")]

    def letters(self):
        """Every mail as its reader sees it, by the name of its file."""
        parser = BytesParser(policy=policy.default)
        return {name: parser.parsebytes(content) for name, content in self.mails.items()}


class Hurried(Interceptor):
    """A workflow task whose worker was killed is given to the next one after 2 s instead of 10."""

    def intercept_client(self, next):  # noqa: A002  # the SDK's name
        class Outbound(OutboundInterceptor):
            async def start_workflow(self, input):  # noqa: A002  # the SDK's name
                input.task_timeout = timedelta(seconds=2)
                return await super().start_workflow(input)

        return Outbound(next)


class Place:
    """A data folder with its settings, and a client of the server that a test gave it."""

    def __init__(self, data, *, server, empty, **settings):
        data.mkdir(parents=True, exist_ok=True)
        if not (data / "residency.db").exists():
            shutil.copy(empty, data / "residency.db")
        self.data, self.server = data, server
        self.settings = load(data=data, **settings)
        self.house = House(self.settings)
        self.client: Client | None = None

    async def connect(self, *, hurried=False):
        client = await connect(self.settings, address=self.server.address)
        config = client.config()
        if hurried:
            config["interceptors"] = [Hurried()]
        self.client = Client(**config)
        return self.client

    def rehearsal(self, program, *, cast="", people=ADA, **options):
        (self.data / "people.yaml").write_text(people)
        (self.data / "cast.yaml").write_text(cast or "[]\n")
        self.residencies = self.house.residencies(self.client)
        return Rehearsal(
            store=self.house.store,
            intake=self.house.intake,
            residencies=self.residencies,
            client=self.client,
            programs=self.settings.programs,
            data=self.data,
            options=Options(
                program=program,
                people=self.data / "people.yaml",
                cast=self.data / "cast.yaml",
                **options,
            ),
        )

    def told(self, summary):
        """What a rehearsal has left here."""
        record = {}
        roles = {}
        for residency in summary.residencies:
            events = self.house.store.record.events(residency)
            record[residency] = [
                (e.seq, e.at, str(e.tag), e.actor, e.action, e.task, dict(e.data)) for e in events
            ]
            started = events[0]
            roles[started.data["person"]] = "resident"
            for member in self.house.store.cohorts.members(started.data["cohort"]):
                roles.setdefault(member.person, member.role.removesuffix("s"))
        folder = Path(summary.mail_folder)
        mails = {path.name: path.read_bytes() for path in sorted(folder.glob("*.eml"))}
        return Told(summary.people_by_end, record, mails, roles)

    def close(self):
        if "store" in vars(self.house):
            self.house.store.close()


@asynccontextmanager
async def place(data, *, binary, empty, file_backed=False, hurried=False, **settings):
    """A house on a server of its own, in memory where nothing else is said."""
    server = DevServer(binary, data=data if file_backed else None)
    async with server:
        here = Place(data, server=server, empty=empty, **settings)
        await here.connect(hurried=hurried)
        try:
            yield here
        finally:
            here.close()


@asynccontextmanager
async def working(here):
    """Both workers of a house, in this process."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(here.house.workflow_worker(here.client))
        await stack.enter_async_context(here.house.mail_worker(here.client))
        yield here


async def journey(data, program, *, binary, empty, cast="", people=ADA, tell=None, **settings):
    """One whole rehearsal with its workers in this process."""
    async with place(data, binary=binary, empty=empty, **settings) as here, working(here):
        summary = await here.rehearsal(program, cast=cast, people=people).run(tell)
        return here.told(summary)


class Child:
    """The workers in a process of their own, which can be killed and started again.

    `shipped` is `python worker.py`; otherwise both workers stand in one process that a server
    misses after one second instead of ten (tests/workflows/child.py).
    """

    def __init__(self, here, *, shipped=False, **environment):
        self._here, self._shipped, self._environment = here, shipped, environment
        self._process = None
        self.kills = 0

    def start(self):
        command = [sys.executable, str(CHECKOUT / "worker.py" if self._shipped else CHILD)]
        log = (self._here.data / "worker.log").open("ab")
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=self._env(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        return self

    def _env(self):
        settings = self._here.settings
        return {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "RESIDENCY_DATA": str(settings.data),
            "RESIDENCY_TEMPORAL_ADDRESS": self._here.server.address,
            "RESIDENCY_TASK_QUEUE": settings.task_queue,
            **self._environment,
        }

    def kill(self):
        """As a power cut would."""
        if self._process is not None:
            self.kills += 1
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self):
        self._process.terminate()
        self._process.wait(30)
        self._process = None

    def again(self):
        self.kill()
        self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def after_clicks(residencies, child, *, wanted, moments=(0.0, 0.004, 0.012, 0.03, 0.08)):
    """Kills the worker so many seconds after a click was sent, where `wanted(act)` says so."""
    step, sent = residencies.step, 0

    async def killed(residency, act):
        nonlocal sent
        if not wanted(act):
            return await step(residency, act)
        answer = asyncio.ensure_future(step(residency, act))
        await asyncio.sleep(moments[sent % len(moments)])
        sent += 1
        child.again()
        return await answer

    residencies.step = killed


def assert_same(told, expected):
    """The same events, number by number, and the same mails, file by file."""
    for residency, events in expected.record.items():
        for event, wanted in zip(told.record[residency], events, strict=False):
            assert event == wanted, f"{event} is not {wanted}"
        assert len(told.record[residency]) == len(events)
    ours, theirs = list(told.mails), list(expected.mails)
    assert ours == theirs, f"{set(ours) - set(theirs)} for {set(theirs) - set(ours)}"
    for name, content in expected.mails.items():
        assert told.mails[name] == content, f"{name}: {told.mails[name].decode()}"
    assert told == expected
