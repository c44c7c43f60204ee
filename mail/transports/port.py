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
    """Surely not sent, and worth another try `after` that time; later each time it comes again.

    `everybody` where no other mail would go either: the transport itself is away.
    """

    after: timedelta
    detail: str
    everybody: bool = False


@dataclass(frozen=True)
class Refused:
    """Surely not sent, and trying again is useless: a person must act."""

    detail: str


@dataclass(frozen=True)
class Unknown:
    """It may have been sent, or not."""

    detail: str


@dataclass(frozen=True)
class Withheld:
    """Not sent, and rightly so, for this reason."""

    reason: str


Outcome = Sent | NotSent | Refused | Unknown | Withheld
"""What came of a sending. No detail names a person, an address or a text."""


class Transport(Protocol):
    """Carries one mail at a time. An exception out of `send` is taken as Unknown."""

    @property
    def name(self) -> str: ...

    @property
    def looks(self) -> bool:
        """Whether `has` can answer. Where it can't, each mail is settled as soon as it was sent."""
        ...

    def send(self, mail: Mail) -> Outcome: ...

    def has(self, mail: Mail) -> bool | None:
        """Whether this mail was sent before, by its key; None where it can't look."""
        ...

    def close(self) -> None: ...
