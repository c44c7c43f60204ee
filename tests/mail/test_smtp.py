"""SMTP against a real server: a mail on its way, TLS modes, logins, addresses."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import aiosmtpd.smtp
import pytest

from mail.transports.port import NotSent, Refused, Sent
from mail.transports.smtp import Security, Server, SmtpTransport, read_server
from residency.errors import ResidencyError
from tests.mail.mails import made_mail
from tests.mail.smtp_servers import Handler, answering, check_login, send, serving

# aiosmtpd answers a client that leaves in the middle by a warning about its own transport.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

AWAY = timedelta(minutes=5)


def test_mail_arrives_as_it_is():
    handler = Handler()
    with serving(handler) as port:
        outcome = send(port)

    (envelope,) = handler.taken
    assert outcome == Sent(made_mail().message_id)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("mail@example.org", ["ada@example.org"])
    assert envelope.content == made_mail().as_bytes()
    parsed = message_from_bytes(envelope.content, policy=default)
    assert "\n.a line" in parsed.get_body(("plain",)).get_content()


def test_starttls_and_login(context, certificate):
    handler = Handler()
    options = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": check_login,
    }
    with serving(handler, **options) as port:
        outcome = send(port, ca=certificate[0], user="ada", password="p@ss/word#1")

    assert isinstance(outcome, Sent)
    assert handler.taken[0].content == made_mail().as_bytes()


def test_tls_from_the_first_byte(context, certificate):
    handler = Handler()
    with serving(handler, implicit=context) as port:
        outcome = send(port, ca=certificate[0], security=Security.TLS)

    assert isinstance(outcome, Sent)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_certificate_that_nobody_vouches_for_is_not_trusted(context, security):
    handler = Handler()
    kinds = {
        Security.TLS: {"implicit": context},
        Security.STARTTLS: {"tls_context": context},
    }
    with serving(handler, **kinds[security]) as port:
        outcome = send(port, security=security)

    said = (
        "the mail server's certificate is not trusted: set RESIDENCY_SMTP_CA to a file with the "
        "one that signed it"
    )
    assert outcome == NotSent(AWAY, said, everybody=True)
    assert handler.taken == []


def test_wrong_password_is_said(context, certificate):
    with serving(Handler(), tls_context=context, authenticator=check_login) as port:
        outcome = send(port, ca=certificate[0], user="ada", password="wrong")

    assert outcome == Refused(
        "the mail server refused user or password (535): correct RESIDENCY_SMTP_URL"
    )


def test_password_never_goes_without_tls():
    handler = Handler()
    options = {"authenticator": check_login, "auth_require_tls": False}
    with serving(handler, **options) as port:
        outcome = send(port, user="ada", password="p@ss/word#1")
        agreed = send(port, user="ada", password="p@ss/word#1", security=Security.NONE)

    assert isinstance(outcome, Refused)
    assert outcome.detail.startswith("the mail server offers no STARTTLS")
    assert isinstance(agreed, Sent)
    assert len(handler.taken) == 1


def test_server_without_logins_is_said():
    with serving(Handler()) as port:
        outcome = send(port, user="ada", password="x", security=Security.NONE)

    assert outcome == Refused(
        "the mail server takes no login: take user and password out of RESIDENCY_SMTP_URL"
    )


def test_server_whose_logins_nobody_knows_is_said():
    greeting = b"250-fake\r\n250 AUTH XOAUTH2 NTLM"
    with answering(b"250 OK", greeting=greeting) as port:
        outcome = send(port, user="ada", password="x", security=Security.NONE)

    assert isinstance(outcome, Refused)
    assert outcome.detail.startswith("the mail server offers no login that we know (PLAIN, ")


def test_password_of_any_signs_logs_in():
    logins = []

    def check(server, session, envelope, mechanism, data):
        logins.append((mechanism, data.login.decode(), data.password.decode()))
        first = len(logins) == 1
        return aiosmtpd.smtp.AuthResult(success=first, handled=first)

    options = {"authenticator": check, "auth_require_tls": False}
    with serving(Handler(), **options) as port:
        one, other = (
            send(port, user="zoë", password="schlüssel語", security=Security.NONE) for _ in range(2)
        )

    assert logins == [("PLAIN", "zoë", "schlüssel語")] * 2
    assert isinstance(one, Sent)
    assert other == Refused(
        "the mail server refused user or password (535): correct RESIDENCY_SMTP_URL"
    )


def test_password_that_a_server_can_not_be_told_is_said():
    greeting = b"250-fake\r\n250 AUTH CRAM-MD5 LOGIN"
    with answering(b"250 OK", greeting=greeting) as port:
        outcome = send(port, user="ada", password="schlüssel", security=Security.NONE)

    assert isinstance(outcome, Refused)
    assert outcome.detail.startswith("the mail server takes only ASCII signs in user and password")


def test_address_that_no_server_takes_is_refused():
    with answering(b"250 OK") as port:
        server = Server(host="127.0.0.1", port=port)
        mail = replace(made_mail(), to=("Ada", "adä@example.org"))
        outcome = SmtpTransport(server, timeout=2).send(mail)

    assert outcome == Refused("an address has signs that no mail server is given")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server(host="mail.example.org", port=587)),
        (
            "smtps://mail.example.org",
            Server(host="mail.example.org", port=465, security=Security.TLS),
        ),
        (
            "smtp://ada:p%40ss%2Fword%231@mail.example.org:2525",
            Server(host="mail.example.org", port=2525, user="ada", password="p@ss/word#1"),
        ),
    ],
)
def test_address_is_read(url, server):
    assert read_server(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://x.org",
        "smtp://",
        "smtp://x:port",
        "smtp://u:secret/x@host",
        "smtp://u:secret@a..example.org",
        "smtp://u:secret%FF@host",
        "smtp://u:secret%00@host",
    ],
)
def test_bad_address_is_refused_without_showing_it(url):
    with pytest.raises(ResidencyError) as refused:
        read_server(url)

    assert str(refused.value).startswith("RESIDENCY_SMTP_URL ")
    assert "secret" not in str(refused.value)
    assert "allowed: smtp://" in str(refused.value)
