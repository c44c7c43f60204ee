"""How a mail's row may move: its state, and beside it what became of the delivery."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class MailState(StrEnum):
    """What we have done with a mail."""

    HELD = "held"  # waits for a person's review
    QUEUED = "queued"  # perhaps with an instant before which it must not go
    SENDING = "sending"  # claimed by an attempt
    SENT = "sent"  # accepted by the transport
    FAILED = "failed"  # not sent; a person must act
    UNKNOWN = "unknown"  # may or may not have been sent
    SKIPPED = "skipped"  # not sent, for a reason that is kept
    DISCARDED = "discarded"  # not sent: a person said so


class Delivery(StrEnum):
    """What the provider said of it later; in any order, so each outranks those before it."""

    NONE = "none"
    ACCEPTED = "accepted"  # it has spoken of the mail, so it has it
    DELAYED = "delayed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DROPPED = "dropped"
    COMPLAINED = "complained"


NEXT: Final[Mapping[MailState, frozenset[MailState]]] = {
    MailState.HELD: frozenset(
        {
            MailState.QUEUED,
            MailState.SENDING,
            MailState.SKIPPED,
            MailState.DISCARDED,
        }
    ),
    MailState.QUEUED: frozenset(
        {
            MailState.HELD,
            MailState.SENDING,
            MailState.SKIPPED,
            MailState.DISCARDED,
        }
    ),
    MailState.SENDING: frozenset(
        {
            MailState.QUEUED,
            MailState.SENT,
            MailState.FAILED,
            MailState.UNKNOWN,
            MailState.SKIPPED,
        }
    ),
    MailState.UNKNOWN: frozenset({MailState.SENT, MailState.SENDING, MailState.DISCARDED}),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset({MailState.DISCARDED}),
    MailState.SKIPPED: frozenset(),
    MailState.DISCARDED: frozenset(),
}
"""Nothing goes back, but unknown -> sent, unknown -> sending (once more, and the row says so),
queued <-> sending and, by a person, held <-> queued and held -> sending. A person, too, discards."""

BEGINS: Final = frozenset({MailState.HELD, MailState.QUEUED, MailState.SKIPPED})
"""The states that a row may be written in."""

RANK: Final[Mapping[Delivery, int]] = {
    Delivery.NONE: 0,
    Delivery.ACCEPTED: 1,
    Delivery.DELAYED: 2,
    Delivery.DELIVERED: 3,
    Delivery.BOUNCED: 4,
    Delivery.DROPPED: 4,
    Delivery.COMPLAINED: 5,
}


def before(state: MailState) -> list[MailState]:
    """The states from which one may be reached."""
    return [origin for origin, allowed in NEXT.items() if state in allowed]


def outranked(delivery: Delivery) -> list[Delivery]:
    return [other for other, rank in RANK.items() if rank < RANK[delivery]]
