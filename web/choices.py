"""What can be chosen on a task's page, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NOTHING: Final = "nothing"
"""The answer of whoever raises no flag."""

CHOICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "done": "This is done",
        "released": "Release it as it was prepared",
        "take-back": "Take it back, and decide anew",
        "approved": "Approve it",
        "changes": "Ask for changes: another round",
        "accepted": "Accept",
        "declined": "Decline",
        "advance": "Advance to what comes next",
        "reject": "Reject",
        "accept": "Accept",
        "waitlist": "Put on the waitlist",
        "passed": "Passed",
        "again": "Present again",
        "not-passed": "Not passed",
        "recommend": "I recommend it",
        "not-now": "Not now",
        "granted": "Grant it",
        "refused": "Refuse it",
        "confirmed": "Confirm it: their time here ends",
        "rejected": "Reject it: they go on",
        "complete": "Complete it, although a part is missing",
        "end": "End it without completion",
        "revise": "Ask them to revise the application",
    }
)
"""What an outcome is called, where its kind has no name of its own for it."""

OWN_CHOICES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("offer", "accepted"): "I accept the offer",
        ("offer", "declined"): "I decline the offer",
        ("presentation-offer", "accepted"): "I present",
        ("presentation-offer", "declined"): "I do not present",
        ("judge-", "done"): "This is my judgment",
        ("handle-concern", "done"): "It is taken care of",
        ("decide-presentation", "again"): "They may present once more",
        ("decide-presentation", "end"): "It stays as it was judged",
        ("publish", "done"): "The work is submitted",
        ("check-date", "done"): "I have looked at it: it stays, or I have moved it",
    }
)

LEGENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign-off": "Your verdict",
        "offer": "Do you accept the offer?",
        "presentation-offer": "Do you present?",
        "evaluate": "Your verdict",
        "recommend": "Do you recommend this work for publication?",
        "judge-": "What comes of it",
        "check-date": "Does it still suit everybody?",
        "handle-concern": "Is it taken care of?",
    }
)

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        NOTHING: "Nothing else",
        "concern": "A concern, for coordinators alone",
        "extend": "They need more time: an extension",
        "terminate": "I propose to end it before its time",
    }
)
