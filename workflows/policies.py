"""How activities are called: names, queues, retries. One place, so that an outage is survived one way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

Result = TypeVar("Result", bound="BaseModel | None")

MAIL_SUFFIX = "-mail"
"""Mail has a queue of its own, so that rendering and workflow tasks don't share an interpreter."""

_BRIEFLY = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_attempts=2
)
_WITHOUT_LIMIT = RetryPolicy(maximum_interval=timedelta(seconds=10))
_UNLESS_STALE = RetryPolicy(
    maximum_interval=timedelta(seconds=10), non_retryable_error_types=["StaleBatch"]
)


class StoreCalls:
    """What a residency asks of the store, one thing at a time.

    Local activities that run side by side may be resolved in another order when they are replayed than
    they were at first, and the residency would stick; so each waits for the one before.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def call(self, name: str, asked: Any, result_type: type[Any]) -> Any:
        """Briefly in this workflow task, and where the store is away, without limit outside of it.

        A local activity that keeps retrying would hold the workflow task, and with it every Query.
        """
        async with self._turn:
            try:
                return await workflow.execute_local_activity(
                    name,
                    asked,
                    result_type=result_type,
                    start_to_close_timeout=timedelta(seconds=5),
                    retry_policy=_BRIEFLY,
                )
            except (ActivityError, ApplicationError) as error:
                if is_cancelled_exception(error):
                    # The story is told anew. The SDK wraps that up as a failure, which it is not.
                    raise asyncio.CancelledError from None
                return await workflow.execute_activity(
                    name,
                    asked,
                    result_type=result_type,
                    start_to_close_timeout=timedelta(seconds=30),
                    retry_policy=_UNLESS_STALE,
                )


async def notify(post: Any, result_type: type[Any]) -> Any:
    """All mails of a moment; retried until the outbox could take them."""
    return await workflow.execute_activity(
        "notify",
        post,
        result_type=result_type,
        task_queue=workflow.info().task_queue + MAIL_SUFFIX,
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=_WITHOUT_LIMIT,
    )
