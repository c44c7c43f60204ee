"""Versions of a deployment: a running residency goes on with the current one, and back again."""

import asyncio
from contextlib import AsyncExitStack
from time import monotonic

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError

from tests.workflows.house import Rehearsal, recording_house


@pytest.fixture
async def deployment(settings, client, task_queue):
    """`await deployment.start("A")` starts a worker of that version; `use` makes it the current."""
    async with AsyncExitStack() as stack:
        yield Deployment(settings, client, stack, name=task_queue.replace(".", "-")[-40:])


class Deployment:
    def __init__(self, settings, client, stack, *, name):
        self._settings, self._client, self._stack, self._name = settings, client, stack, name

    def house(self, build_id, *, deployed=True):
        name = self._name if deployed else None
        changed = {"deployment": name, "build_id": build_id}
        house = recording_house(self._settings.model_copy(update=changed))
        self._stack.callback(house.store.close)
        return house

    async def start(self, build_id, *, deployed=True):
        house = self.house(build_id, deployed=deployed)
        await self._stack.enter_async_context(house.workflow_worker(self._client))
        return house

    async def mail(self, house):
        await self._stack.enter_async_context(house.mail_worker(self._client))

    async def use(self, build_id):
        """Asks until the server has heard of the version: its worker has just begun to poll."""
        asked = SetWorkerDeploymentCurrentVersionRequest(
            namespace=self._client.namespace,
            deployment_name=self._name,
            build_id=build_id,
            identity="a test",
        )
        until = monotonic() + 30
        while True:
            try:
                await self._client.workflow_service.set_worker_deployment_current_version(asked)
                return
            except RPCError:
                if monotonic() > until:
                    raise
            await asyncio.sleep(0.1)


async def build_of(resident):
    described = await resident.handle.describe()
    info = described.raw_description.workflow_execution_info.versioning_info
    return info.deployment_version.build_id


async def test_residency_goes_on_with_the_current_version_and_back(deployment, client):
    house = await deployment.start("A")
    await deployment.mail(house)
    await deployment.use("A")
    resident = await Rehearsal(house, client).start("tiny")
    begun = await build_of(resident)

    await deployment.start("B")
    await resident.reach("review")
    waiting = await build_of(resident)
    await deployment.use("B")
    await resident.reach("offer")
    moved = await build_of(resident)
    await deployment.use("A")
    ended = await resident.finish()

    assert (begun, waiting, moved, await build_of(resident)) == ("A", "A", "B", "A")
    assert ended == "completed"
    assert "welcome" in resident.notices()


async def test_residency_of_no_version_goes_over_to_the_first_one(deployment, client):
    house = await deployment.start("", deployed=False)
    await deployment.mail(house)
    resident = await Rehearsal(house, client).start("tiny")

    await deployment.start("A")
    await deployment.use("A")
    await resident.reach("offer")

    assert await build_of(resident) == "A"


def test_without_a_deployment_a_worker_only_says_its_build(settings):
    from wiring import build, version

    named = settings.model_copy(update={"build_id": "3f2a"})

    assert version(settings) == {"build_id": build()}
    assert version(named) == {"build_id": "3f2a"}
