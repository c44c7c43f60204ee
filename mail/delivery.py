"""What SendGrid's event webhook says, read and carried over to mails and people.

It is signed over its time and the very bytes that came; what is not, is not even read as JSON.
"""

import binascii
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from sendgrid.helpers.eventwebhook import EventWebhook

from mail.words import one_line
from residency.actions import PROVIDER
from residency.errors import ResidencyError
from residency.wire import Act
from store import Store, ids
from store.posting import Delivery
from store.webhooks import Bounce, MailEvent, Taken

LARGEST: Final = 4_000_000
"""Octets of one request; SendGrid's are well under a megabyte."""
MOST: Final = 20_000
"""Events in one request."""
OLD: Final = timedelta(hours=25)
"""How long ago a request may have been signed: SendGrid tries for a day, and does not say whether it
signs each try anew. An event told twice changes nothing, as each has an id; so this costs nothing."""
EARLY: Final = timedelta(minutes=15)
"""How far a clock may be behind SendGrid's."""
_DELIVERIES: Final = {
    "deferred": Delivery.DELAYED,
    "delivered": Delivery.DELIVERED,
    "open": Delivery.DELIVERED,
    "click": Delivery.DELIVERED,
    "bounce": Delivery.BOUNCED,
    "dropped": Delivery.DROPPED,
    "spamreport": Delivery.COMPLAINED,
}
"""What an event says of a mail; any other says that SendGrid has it."""
_ADDRESS: Final = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


class WebhookError(ResidencyError):
    """A request that is no webhook of ours; its sentence is the answer."""


class Webhook:
    """Takes events; `key` is the verification key that SendGrid shows.

    Raises ResidencyError where that is no key.
    """

    def __init__(
        self, store: Store, *, key: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store, self._now = store, now
        self._verifier = _verifier(key)

    def take(self, body: bytes, *, signature: str, timestamp: str) -> Taken:
        """Keeps what is told; it is durable when this returns.

        Raises WebhookError for what is not signed, old or malformed, UnavailableError without a
        database.
        """
        self._verify(body, signature=signature, timestamp=timestamp)
        return self._store.webhooks.take(read_events(body), act=act_of)

    def _verify(self, body: bytes, *, signature: str, timestamp: str) -> None:
        if not (signature and timestamp):
            raise WebhookError("The request is not signed.")
        try:
            text = body.decode()
            signed = self._verifier.verify_signature(text, signature, timestamp)
        except (ValueError, binascii.Error) as error:  # No base64, or no UTF-8.
            raise WebhookError("The signature can't be read.") from error
        if not signed:
            raise WebhookError("The signature is wrong.")
        now = self._now()
        if not timestamp.isdecimal() or not now - OLD <= _instant(timestamp) <= now + EARLY:
            raise WebhookError("The request is old, or from the future.")


def _verifier(key: str) -> EventWebhook:
    with suppress(ValueError, UnsupportedAlgorithm):
        verifier = EventWebhook(key)
        if isinstance(verifier.public_key, EllipticCurvePublicKey):
            return verifier
    raise ResidencyError(
        f'RESIDENCY_SENDGRID_WEBHOOK_KEY is "{key[:20]}…", which is no public key of the right kind; '
        "copy the verification key of the event webhook from SendGrid's mail settings."
    )


def read_events(body: bytes) -> list[MailEvent]:
    """The events of a request; raises WebhookError where it holds anything else."""
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WebhookError("The body is not JSON.") from error
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise WebhookError("The body is not a list of events.")
    if len(listed) > MOST:
        raise WebhookError(f"There are {len(listed)} events; allowed: {MOST}.")
    return [_event(one) for one in listed]


def act_of(bounce: Bounce) -> Act:
    """Opens the coordinators' task; the same event makes the same action."""
    return Act(
        id=ids.derived("a", "bounced", bounce.event, bounce.person),
        verb="bounced",
        actor=PROVIDER,
        who=[bounce.person],
        item=bounce.notice,
    )


def _event(told: dict[str, Any]) -> MailEvent:
    """One event. What is missing is empty; one without an id has that of its content."""
    word = _text(told, "event", 40) or "unknown"
    id = _text(told, "sg_event_id", 200)  # the column's name
    return MailEvent(
        id=id or hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
        mail=_text(told, "key", 40),
        event=word,
        at=_instant(told.get("timestamp")),
        detail=_reason(told),
        address=_text(told, "email", 320),
        delivery=_DELIVERIES.get(word, Delivery.ACCEPTED),
    )


def _reason(told: dict[str, Any]) -> str:
    """Why, without the address that a server's words may quote: it can't be erased here."""
    said = _text(told, "reason", 500) or _text(told, "response", 500)
    kind = _text(told, "type", 40) if told.get("event") == "bounce" else ""
    without = _ADDRESS.sub("(address)", said)
    return one_line(f"{kind}: {without}" if kind == "blocked" else without, limit=300)


def _text(told: dict[str, Any], name: str, limit: int) -> str:
    value = told.get(name)
    text = one_line(value) if isinstance(value, str) else ""
    return text[:limit].encode(errors="replace").decode()  # Half a sign can't be stored.


def _instant(value: object) -> datetime:
    """Seconds since 1970; now where it is anything else."""
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
