"""Residencies whose mail process is killed at a point, each with an answer of its own; their fates."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import temporalio.client
import temporalio.worker
from temporalio.worker import WorkflowInboundInterceptor, WorkflowOutboundInterceptor

from residency.settings import CHECKOUT
from server import connect
from tests.mail import fake_sendgrid
from tests.mail.killing import POINTS
from tests.workflows.house import Rehearsal
from tests.workflows.journeys import Place
from tests.workflows.mail_child import FIRST
from tests.workflows.mail_histories import Fate, notified

TUESDAY = datetime(2026, 12, 1, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 12, 5, 10, tzinfo=UTC)
ENOUGH = timedelta(days=5)
"""Until then everything that is tried again went, or a coordinator was told."""
ROUNDS = 15
"""Three to five are needed, where all is well."""
SILENT = timedelta(seconds=2)
HANGS = 2.5  # Longer than the child's patience.
RESENT, ASKED = FIRST


class Alert(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """The silence of a mail process is noticed after two seconds instead of ten."""

    def workflow_interceptor_class(self, input):  # noqa: A002  # the SDK's name
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound):
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input):  # noqa: A002  # the SDK's name
        if input.activity == "notify":
            input.heartbeat_timeout = SILENT
        return super().start_activity(input)


class Answers:
    """The first request for a residency's mail gets the answer that it was given, all others 202."""

    def __init__(self):
        self._lock, self._of, self.store = threading.Lock(), {}, None

    def give(self, residency, answer):
        self._of[residency] = answer

    def __call__(self, body):
        key = body["personalizations"][0]["custom_args"]["key"]
        row = self.store.outbox.many([key]).get(key)
        with self._lock:
            return self._of.pop(row.residency, 202) if row else 202


class MailProcesses:
    """Begins mail processes (mail_child.py): `async with`; none of them outlives it."""

    async def __aenter__(self):
        self._turn, self._begun, self._ends = asyncio.Lock(), asyncio.Queue(), {}
        self._parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.workflows.mail_child"),
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_):
        self._parent.stdin.close()
        await self._parent.wait()
        await self._reader

    async def _read(self):
        async for line in self._parent.stdout:
            said = json.loads(line)
            if pid := said.get("begun"):
                self._ends[pid] = asyncio.get_running_loop().create_future()
                self._begun.put_nowait(pid)
            else:
                self._ends[said["ended"]].set_result(said["signal"])

    async def begin(self, here, fake, *, point="", many=0):
        """The process of a house; a number, and how it ends: the signal."""
        settings = here.settings
        environment = {
            "RESIDENCY_DATA": str(settings.data),
            "RESIDENCY_TEMPORAL_ADDRESS": here.server.address,
            "RESIDENCY_TASK_QUEUE": settings.task_queue,
            "RESIDENCY_MAIL_TRANSPORT": "sendgrid",
            "RESIDENCY_MAIL_LIVE": "true",
            "RESIDENCY_SENDGRID_API_KEY": "SG.made-up",
            "RESIDENCY_SENDGRID_URL": fake.url,
            "RESIDENCY_TEST_POINT": point,
            "RESIDENCY_TEST_MANY": str(many),
        }
        async with self._turn:  # A second line would wait in the parent's buffer unseen.
            self._parent.stdin.write(json.dumps(environment).encode() + b"\n")
            pid = await self._begun.get()
        return pid, self._ends[pid]


async def all_fates(answers, *, data, server, empty, at_once):
    """What came of the mail, by point and then by program and answer.

    `answers` are those of each point, `data` its folder; so many points are tried at once.
    """
    turns = asyncio.Semaphore(at_once)

    async def in_turn(point):
        async with turns:
            choose = Answers()
            with fake_sendgrid.running(hangs=HANGS, choose=choose) as fake:
                here = Place(
                    data[point],
                    server=server,
                    empty=empty,
                    task_queue=f"killed-{data[point].name}",
                    record_timeout=60,
                )
                choose.store = here.house.store
                try:
                    return await _fates(here, fake, processes, point, answers[point])
                finally:
                    here.close()

    async with MailProcesses() as processes, asyncio.TaskGroup() as group:
        tried = {point: group.create_task(in_turn(point)) for point in answers}
    return {point: task.result() for point, task in tried.items()}


async def _fates(here, fake, processes, point, answers):
    """By program and answer."""
    client = await connect(here.settings, address=here.server.address, interceptors=[Alert()])
    async with here.house.workflow_worker(client):
        residents = await _begin(Rehearsal(here.house, client), point, answers)
        for (_, answer), resident in residents.items():
            fake.choose.give(resident.id, answer)
        _, end = await processes.begin(here, fake, point=point, many=len(residents))
        async with asyncio.timeout(90):
            assert await end == signal.SIGKILL, (here.data / "mail.log").read_text()
        again, end = await processes.begin(here, fake)
        async with asyncio.timeout(180):
            await _settled(list(residents.values()))
        os.kill(again, signal.SIGKILL)
        await end
    found = {which: await _fate(resident, fake) for which, resident in residents.items()}
    keys = {key for fate in found.values() for key in fate.letters}
    assert {entry.key for entry in fake.log} <= keys, "a mail that no letter asked for"
    return found


async def _begin(rehearsal, point, answers):
    """One resident for each program and answer; their mail waits for a process."""
    # Only what waits for its window is written before it is claimed; an offer never waits.
    waits = point == POINTS[0]
    programs, at = ([RESENT], SATURDAY) if waits else ([RESENT, ASKED], TUESDAY)
    return {
        (program, answer): await rehearsal.start(program, cohort={"seats": len(answers)}, at=at)
        for program in programs
        for answer in answers
    }


async def _settled(residents):
    """Moves each from mail to mail, until none is to be tried again: or seems to be for ever."""
    for _ in range(ROUNDS):
        for resident in residents:
            await _at_rest(resident)
        views = [await resident.view() for resident in residents]
        moving = [
            (resident, view.next_at)
            for resident, view in zip(residents, views, strict=True)
            if view.next_at is not None and view.next_at < resident.start.started + ENOUGH
        ]
        await asyncio.gather(*(resident.move_to(at) for resident, at in moving))
        residents = [resident for resident, _ in moving]


async def _at_rest(resident):
    settled = resident.rehearsal.residencies.is_settled
    while not await settled(resident.id):  # noqa: ASYNC110  # A workflow has no event.
        await asyncio.sleep(0.1)  # Each question costs the workers a task.


async def _fate(resident, fake):
    fate = Fate(
        residency=resident.id,
        coordinators=list(resident.start.coordinators),
        log=[],
        rows=resident.mails(),
        posts=await notified(resident.handle, resident.rehearsal.client.data_converter),
        events=resident.events(),
    )
    keys = {*fate.letters, *(row.key for row in fate.rows)}
    fate.log.extend(entry for entry in fake.log if entry.key in keys)
    return fate
