"""Which transport the settings choose, and that a real one is guarded until it is live."""

import pytest

from mail.transports.file import FileTransport
from mail.transports.guard import GuardedTransport
from mail.transports.recording import RecordingTransport
from mail.transports.sendgrid import SendGridTransport
from mail.transports.smtp import SmtpTransport
from residency.errors import ResidencyError
from residency.settings import load
from wiring import transport

REAL = {
    "smtp": {"smtp_url": "smtp://ada:secret@mail.example.org"},
    "sendgrid": {"sendgrid_api_key": "SG.secret"},
}


@pytest.mark.parametrize(
    ("kind", "made"), [("file", FileTransport), ("recording", RecordingTransport)]
)
def test_what_reaches_nobody_needs_no_guard(tmp_path, kind, made):
    assert isinstance(transport(load(data=tmp_path, mail_transport=kind)), made)


@pytest.mark.parametrize("kind", REAL)
def test_real_transport_is_guarded_until_it_is_live(tmp_path, kind):
    given = {"data": tmp_path, "mail_transport": kind, **REAL[kind]}

    guarded, live = transport(load(**given)), transport(load(mail_live=True, **given))

    assert isinstance(guarded, GuardedTransport)
    assert isinstance(live, SmtpTransport | SendGridTransport)
    assert guarded.name == live.name == kind
    assert (guarded.looks, live.looks) == (False, False)


@pytest.mark.parametrize(
    ("kind", "name"), [("smtp", "RESIDENCY_SMTP_URL"), ("sendgrid", "RESIDENCY_SENDGRID_API_KEY")]
)
def test_what_is_missing_is_named(tmp_path, kind, name):
    with pytest.raises(ResidencyError) as refused:
        transport(load(data=tmp_path, mail_transport=kind))

    assert str(refused.value) == (
        f'RESIDENCY_MAIL_TRANSPORT is "{kind}", which needs {name}; '
        "docs/mail.md says how to set it up."
    )


def test_file_that_holds_no_certificate_is_named(tmp_path):
    given = {"data": tmp_path, "mail_transport": "smtp", "smtp_ca": tmp_path / "none.pem"}

    with pytest.raises(ResidencyError) as refused:
        transport(load(**given, **REAL["smtp"]))

    assert str(refused.value).startswith(f'RESIDENCY_SMTP_CA is "{tmp_path}/none.pem"')
