"""SMTP against a real server: its TLS modes, its logins, its refusals, and cut connections."""

import asyncio
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from time import monotonic

import aiosmtpd.smtp
import pytest

from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.transports.smtp import Security, Server, SmtpTransport, read_server
from residency.errors import ResidencyError
from tests.mail.mails import made_mail

# aiosmtpd answers a client that leaves in the middle by a warning about its own transport.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

AWAY = timedelta(minutes=5)


class Handler:
    """Keeps what it took; answers what it was told to at each step."""

    def __init__(self, **answers):
        self.answers, self.taken = answers, []

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd finds it by this name.
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd finds it by this name.
        answer = self.answers.get("rcpt", "250 OK")
        if answer.startswith("25"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd finds it by this name.
        self.taken.append(envelope)
        if self.answers.get("data") == "cut":
            server.transport.abort()
        return self.answers.get("data", "250 taken")


def check_login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"ada", b"p@ss/word#1")
    return aiosmtpd.smtp.AuthResult(success=right, handled=right)


@contextmanager
def serving(handler, *, implicit=None, **options):
    """A server in a thread; `implicit` is a context for TLS from the first byte."""
    loop = asyncio.new_event_loop()
    made = aiosmtpd.smtp.SMTP
    serve = loop.create_server(
        lambda: made(handler, loop=loop, hostname="fake", **options), "127.0.0.1", 0, ssl=implicit
    )
    server = loop.run_until_complete(serve)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(closed(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def closed(server):
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def send(port, *, ca=None, **options):
    server = Server(host="127.0.0.1", port=port, **options)
    return SmtpTransport(server, ca=ca, timeout=2).send(made_mail())


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


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"rcpt": "550 no such user"}, Refused("the mail server refused the receiver (550)")),
        (
            {"rcpt": "450 greylisted"},
            NotSent(AWAY, "the mail server does not take the receiver now (450)"),
        ),
        ({"mail": "553 not you"}, Refused("the mail server refused the sender (553)")),
        (
            {"mail": "451 later"},
            NotSent(AWAY, "the mail server does not take the sender now (451)"),
        ),
        ({"data": "554 spam"}, Refused("the mail server refused the mail (554)")),
        ({"data": "452 full"}, NotSent(AWAY, "the mail server does not take the mail now (452)")),
        (
            {"rcpt": "421 closing"},
            NotSent(AWAY, "the mail server does not take the receiver now (421)", everybody=True),
        ),
        (
            {"data": "cut"},
            Unknown("the mail server was cut off before it answered (SMTPServerDisconnected)"),
        ),
    ],
)
def test_each_answer_has_its_outcome(answers, outcome):
    with serving(Handler(**answers)) as port:
        assert send(port) == outcome


@contextmanager
def answering(last, *, greeting=b"250 fake", **answers):
    """A server that answers a mail's last line, and each command, by what it is told to."""

    def serve():
        link, _ = listener.accept()
        with link, link.makefile("rb") as asked, suppress(OSError):
            link.sendall(b"220 hello\r\n")
            for line in asked:
                word = line[:4].decode().strip().upper()
                said = answers.get(word, b"250 OK")
                if word == "DATA" and word not in answers:
                    link.sendall(b"354 go on\r\n")
                    while asked.readline() not in (b".\r\n", b""):
                        pass
                    said = last
                link.sendall((greeting if word == "EHLO" else said) + b"\r\n")
                if word == "QUIT":
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (b"250 OK", Sent(made_mail().message_id)),
        (b"251 forwarded", Sent(made_mail().message_id)),
        (b"2xx what", "the mail server took the mail and answered what is no SMTP"),
        (b"garbage", "the mail server took the mail and answered what is no SMTP"),
        (b"354 hm", "the mail server took the mail and answered a code of no such meaning (354)"),
        (b"999 hm", "the mail server took the mail and answered a code of no such meaning (999)"),
        (b"451 later", NotSent(AWAY, "the mail server does not take the mail now (451)")),
        (b"550 spam", Refused("the mail server refused the mail (550)")),
    ],
)
def test_only_a_clear_no_says_that_a_whole_mail_did_not_go(last, outcome):
    with answering(last) as port:
        answer = send(port)

    assert answer == (Unknown(outcome) if isinstance(outcome, str) else outcome)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"MAIL": b"garbage"}, "the mail server answered what is no SMTP to the sender"),
        ({"RCPT": b"???"}, "the mail server answered what is no SMTP to the receiver"),
        (
            {"DATA": b"250 OK"},
            "the mail server answered a code of no such meaning (250) to the mail",
        ),
    ],
)
def test_nonsense_before_the_mail_is_surely_not_sent(answers, said):
    with answering(b"250 OK", **answers) as port:
        outcome = send(port)

    assert outcome == NotSent(AWAY, said, everybody=True)


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


def test_closed_door_is_surely_not_sent():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    outcome = send(port)

    said = "the mail server can't be reached (ConnectionRefusedError)"
    assert outcome == NotSent(AWAY, said, everybody=True)


@contextmanager
def talking(*lines):
    """A server that says these lines, each after one of the client's, and hangs up."""

    def serve():
        link, _ = listener.accept()
        with link, link.makefile("rb") as asked:
            for line in lines:
                link.sendall(line.encode() + b"\r\n")
                if not asked.readline():
                    break

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    "lines",
    [
        ("554 go away",),
        ("220 hello", "250 fake"),
        ("220 hello", "250 fake", "250 OK"),
        ("220 hello", "250 fake", "250 OK", "250 OK"),
        ("nonsense",),
    ],
)
def test_cut_before_the_mail_is_surely_not_sent(lines):
    with talking(*lines) as port:
        outcome = send(port)

    assert isinstance(outcome, NotSent)
    assert outcome.everybody


def test_cut_after_the_mail_is_of_unknown_fate():
    """A server that took the whole mail and never says so."""
    taken = []

    def serve():
        link, _ = listener.accept()
        with link, link.makefile("rb") as asked:
            link.sendall(b"220 hello\r\n")
            for answer in (b"250 fake", b"250 OK", b"250 OK", b"354 go on"):
                asked.readline()
                link.sendall(answer + b"\r\n")
            for line in asked:
                taken.append(line)
                if line == b".\r\n":
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        outcome = send(listener.getsockname()[1])
        thread.join(5)

    assert isinstance(outcome, Unknown)
    assert b"".join(taken[:-1]).replace(b"\r\n..", b"\r\n.") == made_mail().as_bytes()


def test_server_that_never_comes_to_an_end_is_left():
    """Each of its lines comes in time, and there is always another one."""
    over = threading.Event()

    def serve():
        link, _ = listener.accept()
        with link:
            link.sendall(b"220 hello\r\n")
            link.recv(100)
            with suppress(OSError):
                while not over.wait(0.05):
                    link.sendall(b"250-and more\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        server = Server(host="127.0.0.1", port=listener.getsockname()[1])
        began = monotonic()
        outcome = SmtpTransport(server, timeout=5, total=0.5).send(made_mail())
        took = monotonic() - began
        over.set()
        thread.join(5)

    assert outcome == NotSent(
        AWAY, "the mail server can't be reached (SMTPServerDisconnected)", everybody=True
    )
    assert took < 4


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
