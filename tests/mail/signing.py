"""Signs webhooks as SendGrid does, with a key made up for the test."""

import base64
import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Signer:
    def __init__(self):
        self._private = ec.generate_private_key(ec.SECP256R1())
        public = self._private.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key = base64.b64encode(der).decode()

    def sign(self, body, *, at=None):
        """The signature and the timestamp of a body."""
        stamp = str(int((at or datetime.now(UTC)).timestamp()))
        signed = self._private.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return base64.b64encode(signed).decode(), stamp


def body_of(*events):
    return json.dumps(events).encode()


def event(word, key="", *, id="", address="p-ada@example.org", at=1663916400, **more):
    """An event as SendGrid tells it."""
    told = {
        "event": word,
        "email": address,
        "timestamp": at,
        "sg_message_id": "14c5d75ce93.dfd.64b469",
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "category": ["residency"],
    }
    told |= {"sg_event_id": id or f"{word}-{key}-{at}"} | ({"key": key} if key else {})
    return told | more
