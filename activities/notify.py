"""One activity carries all mails of a moment: it calls the outbox, which never loses one silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from mail.outbox import Outbox
from residency.errors import UnavailableError
from residency.wire import Post, Posted


class NotifyActivities:
    """Bound to one outbox; built by the composition root."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    @activity.defn(name="notify", no_thread_cancel_exception=True)
    def notify(self, post: Post) -> Posted:
        """Sends each letter once; those that must wait come back with the instant they may go."""
        try:
            return self._outbox.post(post)
        except UnavailableError as error:
            raise ApplicationError("store unavailable", type="Unavailable") from error

    def all(self) -> Sequence[Callable[..., Any]]:
        return [self.notify]
