"""One activity carries all mails of a moment: it calls the outbox, which never loses one silently."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from temporalio import activity

from activities.failing import ids_only
from mail.outbox import Outbox
from residency.wire import Post, Posted

BEAT = 3.0
"""Seconds between two signs of life; the workflow gives up on a mail process that gave none for ten."""


class NotifyActivities:
    """Bound to one outbox; built by the composition root."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    @activity.defn(name="notify", no_thread_cancel_exception=True)
    def notify(self, post: Post) -> Posted:
        """Sends each letter once; those that must wait come back with the instant they may go."""
        with ids_only("notify"), _beating():
            return self._outbox.post(post)

    def all(self) -> Sequence[Callable[..., Any]]:
        return [self.notify]


@contextmanager
def _beating() -> Iterator[None]:
    """Says that this process lives, so that the mail of one that was killed goes on within seconds.

    A thread of its own does it, because a provider may keep the sending one waiting for longer.
    """
    over = threading.Event()
    context = contextvars.copy_context()

    def beat() -> None:
        while not over.wait(BEAT):
            context.run(activity.heartbeat)

    threading.Thread(target=beat, daemon=True, name="beat").start()
    try:
        yield
    finally:
        over.set()
