"""A burst of mail is spread by the server, and none of it is lost."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from residency.settings import load
from residency.wire import Post, Posted
from tests.workflows.house import recording_house
from workflows.policies import MAIL_SUFFIX

MANY, A_SECOND = 24, 4


@workflow.defn(name="Burst", sandboxed=False)
class Burst:
    """As many posts at once as its argument says; answers what came of them."""

    @workflow.run
    async def run(self, posts: int) -> int:
        now = datetime(2027, 3, 1, tzinfo=UTC)
        answers = await asyncio.gather(
            *(
                workflow.execute_activity(
                    "notify",
                    Post(residency=f"r-{number}", now=now, letters=[]),
                    result_type=Posted,
                    task_queue=workflow.info().task_queue + MAIL_SUFFIX,
                    start_to_close_timeout=timedelta(minutes=1),
                )
                for number in range(posts)
            )
        )
        return len(answers)


async def test_burst_is_spread_by_the_server(settings, client, task_queue):
    house = recording_house(load(**settings.model_dump() | {"mail_per_second": A_SECOND}))
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[Burst],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )

    async with house.mail_worker(client), worker:
        handle = await client.start_workflow(
            Burst.run, MANY, id=f"burst-{task_queue}", task_queue=task_queue
        )
        answered = await handle.result()
    house.store.close()

    begun = [
        event.event_time.ToDatetime()
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    assert answered == len(begun) == MANY
    assert most_in_a_second(begun) <= 2 * A_SECOND
    assert max(begun) - min(begun) > timedelta(seconds=MANY / A_SECOND / 2)


def most_in_a_second(instants):
    second = timedelta(seconds=1)
    return max(sum(first <= each < first + second for each in instants) for first in instants)
