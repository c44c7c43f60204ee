"""A mail's bytes: put together by us, the same as the standard library would write."""

import pytest

from mail.message import Invite
from tests.mail.mails import made_mail

INVITE = Invite(method="REQUEST", content="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
LONG = {"List-Unsubscribe": f"<https://example.org/{'a' * 60}>"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"invite": INVITE},
        {"text": "", "html": ""},
        {"text": "no break at the end", "html": "a\rb\nc\r\nd"},
        {"text": "ü" * 3_000, "html": "<p>" + "x" * 3_000},
        {"subject": "é" * 190, "to": ("Ünï " * 25, "a@bücher.example"), "headers": LONG},
    ],
    ids=["plain", "invite", "empty", "breaks", "long", "beyond-ascii"],
)
def test_bytes_are_as_the_library_writes_them(change):
    mail = made_mail(**change)

    assert mail.as_bytes() == mail.message().as_bytes()
