"""The port between the outbox and whatever carries a mail; what came of a sending."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from mail.message import Mail


@dataclass(frozen=True)
class Sent:
    """Accepted by the transport, which is not yet delivered."""

    message_id: str = ""


@dataclass(frozen=True)
class NotSent:
    """Surely not sent, and worth another try `after` that time."""

    after: timedelta
    detail: str


@dataclass(frozen=True)
class Refused:
    """Surely not sent, and trying again is useless: a person must act."""

    detail: str


@dataclass(frozen=True)
class Unknown:
    """It may have been sent, or not."""

    detail: str


Outcome = Sent | NotSent | Refused | Unknown
"""What came of a sending. No detail names a person, an address or a text."""


class Transport(Protocol):
    """Carries one mail at a time. An exception out of `send` is taken as Unknown."""

    @property
    def name(self) -> str: ...

    def send(self, mail: Mail) -> Outcome: ...

    def has(self, mail: Mail) -> bool | None:
        """Whether this mail was sent before, by its key; None where it can't look."""
        ...

    def close(self) -> None: ...
