"""Ids: a letter that says of what, and 8 letters that tell nothing about whom."""

import base64
import hashlib
import secrets

LETTERS = 8
KINDS = ("p", "r", "c", "s", "a", "g", "d")
"""A person, a residency, a cohort, a submission, an action, a grant, an application on its way in."""


def new(prefix: str) -> str:
    """A random id, `p-` and 40 random bits as base32."""
    return f"{prefix}-{_letters(secrets.token_bytes(5))}"


def derived(prefix: str, *parts: str | int, letters: int = LETTERS) -> str:
    """The same id for the same parts, always; for rehearsals and for the outbox's keys."""
    digest = hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
    return f"{prefix}-{_letters(digest)[:letters]}"


def _letters(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=").lower()
