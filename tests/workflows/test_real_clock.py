"""Whole residencies on the real clock: timers bring everything, on a server that can skip time.

Rehearsals start no timer, and the dev server has no way to skip nine months; Temporal's test server
for Java has. Where there is no Java or Maven these tests are skipped.
"""

import asyncio
import shutil
import socket
import subprocess
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client

from converter import DATA_CONVERTER
from tests.workflows.house import HUGGING_FACE, Rehearsal, workers

pytestmark = pytest.mark.slow
JAVA = Path(__file__).parent.parent / "java"
MOST_STEPS = 400


@pytest.fixture(scope="session")
def jars(tmp_path_factory):
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip(
            "needs Java and Maven (mvn) on the PATH, for Temporal's time-skipping test server"
        )
    jars = tmp_path_factory.mktemp("jars")
    fetch = ["mvn", "-q", "-f", str(JAVA / "pom.xml"), "dependency:copy-dependencies"]
    got = subprocess.run(
        [*fetch, f"-DoutputDirectory={jars}"], capture_output=True, text=True, check=False
    )
    if got.returncode:
        pytest.skip(f"Maven could not bring the test server: {got.stdout.strip()[-300:]}")
    return jars


@pytest.fixture
def skipping_server(jars):
    """The address of a server of the test's own: its clock goes on for everybody on it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["java", "-cp", f"{jars}/*", "io.temporal.testserver.TestServer", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield f"127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
async def skipping(skipping_server):
    async with asyncio.timeout(60):
        while True:
            try:
                return await Client.connect(skipping_server, data_converter=DATA_CONVERTER)
            except RuntimeError:  # It does not listen yet.
                await asyncio.sleep(0.2)


@pytest.fixture
async def on_the_real_clock(house, skipping):
    async with AsyncExitStack() as stack:
        await workers(house, skipping, stack)
        yield Rehearsal(house, skipping)


@pytest.mark.parametrize("program", ["odd", HUGGING_FACE], ids=["odd", "hugging face"])
async def test_timers_carry_a_residency_to_its_end(on_the_real_clock, skipping, program):
    first_day = datetime.now(UTC).date() + timedelta(days=200)
    resident = await on_the_real_clock.start(program, real=True, first_day=first_day)

    waits = await live(resident, skipping)

    assert resident.events("residency:ended")[0].data["how"] == "completed"
    assert waits > 10
    history = await resident.handle.fetch_history()
    failed = [e for e in history.events if e.HasField("workflow_task_failed_event_attributes")]
    assert failed == []


@pytest.mark.parametrize("program", ["odd", HUGGING_FACE], ids=["odd", "hugging face"])
async def test_ladders_ring_where_nobody_does_anything(on_the_real_clock, skipping, program):
    first_day = datetime.now(UTC).date() + timedelta(days=200)
    resident = await on_the_real_clock.start(program, real=True, first_day=first_day)

    rings = []
    for _ in range(12):
        view = await settled(resident)
        if view.ended:
            break
        rings.append((view.next_at, await sleep_until(resident, skipping, view)))

    assert len(resident.events("task:rang")) >= 3
    assert all(timedelta(0) <= came - at < timedelta(minutes=1) for at, came in rings)


async def live(resident, skipping):
    """Everybody does what waits for them, and time passes otherwise; how often it had to."""
    waits = 0
    for _ in range(MOST_STEPS):
        view = await settled(resident)
        if view.ended:
            return waits
        if not await all_act(resident, view):
            await sleep_until(resident, skipping, view)
            waits += 1
    raise AssertionError(f"it does not end: {view}")


async def settled(resident):
    """Where it stands, once the mail that may go has gone."""
    for _ in range(200):
        if await resident.handle.query("settled"):
            break
        await asyncio.sleep(0.05)
    return await resident.view()


async def all_act(resident, view):
    """Plays the first open task whose people do something; False where there is none."""
    for task in view.open:
        for who in task.who:
            acts = resident.acts(task, who, now=view.now)
            for act in acts:
                await resident.send(act)
            if acts:
                return True
    return False


async def sleep_until(resident, skipping, view):
    """Lets time pass until what rings next; when it is past. It fails where nothing comes of it."""
    assert view.next_at is not None, f"nothing will ever happen: {view}"
    left = Duration()
    left.FromTimedelta(max(view.next_at - view.now, timedelta(0)) + timedelta(seconds=1))
    await skipping.test_service.unlock_time_skipping_with_sleep(SleepRequest(duration=left))
    for _ in range(200):
        after = await resident.view()
        if after.ended or after.next_at != view.next_at:
            return after.now
        await asyncio.sleep(0.05)
    raise AssertionError(f"{view.next_what} of {view.next_at} did not come: {after}")
