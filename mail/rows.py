"""What the outbox needs of the store: its rows, and the facts for a post in a handful of reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from mail.context import Facts
from residency.wire import Post


class RowState(StrEnum):
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    DISCARDED = "discarded"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the outbox. `cut_off`: an earlier attempt had claimed it and never settled."""

    key: str
    residency: str
    notice: str
    occurrence: str
    receiver: str
    at: datetime
    state: RowState
    reason: str = ""
    not_before: datetime | None = None
    message_id: str = ""
    cut_off: bool = False


class Books(Protocol):
    """The store, as the outbox uses it."""

    def open(self, rows: Sequence[Row], *, attempt: str) -> Mapping[str, Row]:
        """In one transaction: write new rows as they are wished; of those that are there, change
        what is queued or left sending to the wish. Answers all, as they are now.
        """
        ...

    def settle(self, rows: Sequence[Row], *, attempt: str) -> None:
        """In one transaction: write what came of the rows that this attempt claimed."""
        ...

    def facts(self, post: Post) -> Facts: ...

