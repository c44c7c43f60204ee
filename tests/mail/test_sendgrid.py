"""SendGrid's transport against a real HTTP server that misbehaves in every way."""

import base64
import json
import logging
import socket
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mail.transports.port import NotSent, Refused, Sent, Unknown, Withheld
from mail.transports.sendgrid import SendGridTransport, payload
from tests.mail import fake_sendgrid
from tests.mail.mails import made_mail


@pytest.fixture(scope="module")
def server():
    with fake_sendgrid.running() as fake:
        yield fake


@pytest.fixture
def fake(server):
    server.log.clear()
    server.answers.clear()
    return server


def transport(fake, **options):
    return SendGridTransport("SG.made-up", url=fake.url, timeout=0.3, **options)


def test_mail_is_accepted(fake):
    outcome = transport(fake).send(made_mail())

    (entry,) = fake.log
    assert outcome == Sent("fake-1")
    assert entry.headers["Authorization"] == "Bearer SG.made-up"
    assert entry.body == json.loads(json.dumps(payload(made_mail())))


def test_payload_holds_one_receiver_and_nothing_personal_beside():
    mail = made_mail()

    body = payload(mail)

    assert body["personalizations"] == [
        {
            "to": [{"email": "ada@example.org", "name": "Ada Lovelace"}],
            "custom_args": {"key": mail.key},
        }
    ]
    assert body["categories"] == ["residency", "milestone-opening"]
    assert body["headers"] == {
        "Message-ID": mail.message_id,
        "Auto-Submitted": "auto-generated",
    }
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["content"][0]["value"].replace("\r\n", "\n") == mail.text
    assert body["reply_to"] == {"email": "noor@example.org", "name": "Noor Haddad"}
    assert "mail_settings" not in body
    assert body["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
    }


@pytest.mark.parametrize(
    ("name", "address", "box"),
    [
        ("Lovelace, Ada", "ada@example.org", {"name": '"Lovelace, Ada"'}),
        ('A "B" C; D', "ada@example.org", {"name": '"A B C; D"'}),
        ("Ada\r\nBcc: eve@example.org", "ada@example.org", {"name": "Ada Bcc: eve@example.org"}),
        ("", "ada@bücher.example", {"email": "ada@xn--bcher-kva.example"}),
        ("", "ada@straße.example", {"email": "ada@xn--strae-oqa.example"}),
    ],
)
def test_names_and_addresses_can_not_be_misread(name, address, box):
    to = payload(made_mail(to=(name, address)))["personalizations"][0]["to"][0]

    assert to | box == to
    assert ("name" in to) == bool(name)


def test_attachments_are_ascii_and_keep_their_type(monkeypatch):
    message = EmailMessage()
    message.set_content("Hello")
    message.add_alternative("<p>Hello</p>", subtype="html")
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    message.add_attachment(calendar, subtype="calendar", filename="invite.ics")
    message.get_payload()[-1].set_param("method", "REQUEST")
    monkeypatch.setattr("mail.message.Mail.message", lambda _self: message)

    body = payload(made_mail())

    (attachment,) = body["attachments"]
    assert base64.b64decode(attachment.pop("content")).decode("ascii").splitlines() == (
        calendar.splitlines()
    )
    assert attachment == {
        "type": "text/calendar; method=REQUEST",
        "filename": "invite.ics",
        "disposition": "attachment",
    }


def test_sandbox_sends_nothing_and_says_so(fake):
    fake.answers = [200]

    outcome = transport(fake, sandbox=True).send(made_mail())

    assert outcome == Withheld("sandbox mode: SendGrid checked the mail and sent nothing")
    assert fake.log[0].body["mail_settings"] == {"sandbox_mode": {"enable": True}}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (400, Refused("SendGrid refused the mail (400): personalizations.0.to.0.email")),
        (
            401,
            Refused("SendGrid does not know the key: correct RESIDENCY_SENDGRID_API_KEY (401)"),
        ),
        (
            403,
            Refused(
                "SendGrid does not allow it: verify the sender's domain, and let the key send "
                "mail (403)"
            ),
        ),
        (404, Refused("SendGrid refused the mail (404): personalizations.0.to.0.email")),
        (413, Refused("SendGrid finds the mail too large (413)")),
        (500, Unknown("SendGrid answered 500")),
        (502, Unknown("SendGrid answered 502")),
        (503, Unknown("SendGrid answered 503")),
        (504, Unknown("SendGrid answered 504")),
        (200, Unknown("SendGrid answered 200, which it never says")),
    ],
)
def test_each_status_has_its_outcome(fake, answer, outcome):
    fake.answers = [answer]

    assert transport(fake).send(made_mail()) == outcome


def test_rate_limit_says_when_to_try_again(fake):
    fake.answers = [429]

    outcome = transport(fake).send(made_mail())

    assert isinstance(outcome, NotSent)
    assert outcome.everybody
    assert timedelta(seconds=27) < outcome.after <= timedelta(seconds=30)


@pytest.mark.parametrize(
    "answer",
    [
        fake_sendgrid.HANG,
        fake_sendgrid.HANG_LOST,
        fake_sendgrid.CUT_BEFORE,
        fake_sendgrid.CUT_AFTER,
        fake_sendgrid.CUT_WITHIN,
        fake_sendgrid.GARBAGE,
    ],
)
def test_what_was_cut_off_is_of_unknown_fate(fake, answer):
    fake.answers = [answer]

    outcome = transport(fake).send(made_mail())

    assert isinstance(outcome, Unknown)
    assert outcome.detail.startswith("the connection to SendGrid was cut off (")


def test_closed_door_and_unknown_host_are_surely_not_sent():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    urls = [f"http://127.0.0.1:{port}", "http://nowhere.invalid", f"https://127.0.0.1:{port}"]

    outcomes = [SendGridTransport("SG.x", url=url, timeout=2).send(made_mail()) for url in urls]

    away = NotSent(timedelta(minutes=5), "SendGrid can't be reached", everybody=True)
    assert outcomes == [away] * 3


def test_server_without_tls_is_surely_not_sent(fake):
    url = fake.url.replace("http:", "https:")

    outcome = SendGridTransport("SG.x", url=url, timeout=2).send(made_mail())

    assert isinstance(outcome, NotSent)
    assert fake.log == []


def test_library_logs_nobody(fake, caplog):
    caplog.set_level(logging.INFO)

    transport(fake).send(made_mail())

    assert "ada@example.org" not in caplog.text


def test_over_tls_with_a_certificate_that_is_trusted(context, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    with fake_sendgrid.running(context=context) as fake:
        outcome = SendGridTransport("SG.made-up", url=fake.url, timeout=5).send(made_mail())

    (entry,) = fake.taken
    assert isinstance(outcome, Sent)
    assert entry.key == made_mail().key


def test_over_tls_with_a_certificate_that_nobody_vouches_for(context):
    with fake_sendgrid.running(context=context) as fake:
        outcome = SendGridTransport("SG.made-up", url=fake.url, timeout=5).send(made_mail())

    assert isinstance(outcome, NotSent)
    assert outcome.everybody
    assert fake.log == []
