"""How activities fail: with a code. What an exception says may hold a name, a subject or a path."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from temporalio.exceptions import ApplicationError

from residency.errors import UnavailableError
from store.record import StaleBatchError


@contextmanager
def ids_only(activity: str) -> Iterator[None]:
    """Turns every exception into one that a history may keep: no message, no cause, no values.

    The log gets its kind and where it was raised.
    """
    try:
        yield
    except StaleBatchError:
        raise ApplicationError("stale batch", type="StaleBatch", non_retryable=True) from None
    except UnavailableError:
        raise ApplicationError("store unavailable", type="Unavailable") from None
    except Exception as error:  # noqa: BLE001  # Whatever it is, a history must not keep its words.
        where = traceback.extract_tb(error.__traceback__)[-1]
        structlog.get_logger().error(
            "activity.failed",
            activity=activity,
            kind=type(error).__name__,
            where=f"{where.name}:{where.lineno}",
        )
        raise ApplicationError(type(error).__name__, type="Fault") from None
