"""Nothing reaches a real receiver before the installation is live."""

import pytest

from mail.transports.guard import REASON, GuardedTransport
from mail.transports.port import Sent, Withheld
from mail.transports.recording import RecordingTransport
from tests.mail.mails import made_mail


@pytest.mark.parametrize(
    ("allow", "passes"),
    [
        ((), False),
        (("ada@example.org",), True),
        (("ADA@Example.org",), True),
        (("@example.org",), True),
        (("@EXAMPLE.org",), True),
        (("@ample.org",), False),
        (("@example.org.evil.test",), False),
        (("da@example.org",), False),
        (("grace@example.org", "@example.com"), False),
    ],
)
def test_only_who_is_allowed_gets_mail(allow, passes):
    inner = RecordingTransport()
    mail = made_mail()

    outcome = GuardedTransport(inner, allow=allow).send(mail)

    assert outcome == (Sent(mail.message_id) if passes else Withheld(REASON))
    assert inner.mails == ([mail] if passes else [])


def test_override_gets_every_mail_and_sees_whose_it_was():
    inner = RecordingTransport()
    guarded = GuardedTransport(inner, allow=["@example.org"], override="me@example.com")

    guarded.send(made_mail())

    (mail,) = inner.mails
    assert mail.to == ("Ada Lovelace", "me@example.com")
    assert mail.subject == "[for p-ada] Month 4: your report is due"
    assert mail.message_id == made_mail().message_id


def test_withheld_mail_is_skipped_with_its_reason(desk):
    outbox = desk.outbox(GuardedTransport(desk.recording))

    posted = outbox.post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (posted.later, posted.failed) == ({}, [])
    assert (row.state, row.skip, row.transport) == ("skipped", REASON, "recording")
    assert row.line == "Month 4: your report is due on Friday, September 30"
    assert desk.recording.mails == []


def test_guard_is_as_its_transport():
    inner = RecordingTransport()
    guarded = GuardedTransport(inner, allow=["@example.org"])
    guarded.send(made_mail())

    assert (guarded.name, guarded.looks, guarded.has(made_mail())) == ("recording", True, True)
