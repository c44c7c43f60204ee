"""What comes of a mail by what an SMTP server answers, or where it is cut off: sent, not, or unknown."""

import socket
import threading
from datetime import timedelta
from time import monotonic

import pytest

from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.transports.smtp import Server, SmtpTransport
from tests.mail.mails import made_mail
from tests.mail.smtp_servers import Handler, answering, listening, send, serving, talking

# aiosmtpd answers a client that leaves in the middle by a warning about its own transport.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

AWAY = timedelta(minutes=5)


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


def test_closed_door_is_surely_not_sent():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    outcome = send(port)

    said = "the mail server can't be reached (ConnectionRefusedError)"
    assert outcome == NotSent(AWAY, said, everybody=True)


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

    def serve(link, asked):
        link.sendall(b"220 hello\r\n")
        for answer in (b"250 fake", b"250 OK", b"250 OK", b"354 go on"):
            asked.readline()
            link.sendall(answer + b"\r\n")
        for line in asked:
            taken.append(line)
            if line == b".\r\n":
                return

    with listening(serve) as port:
        outcome = send(port)

    assert isinstance(outcome, Unknown)
    assert b"".join(taken[:-1]).replace(b"\r\n..", b"\r\n.") == made_mail().as_bytes()


def test_server_that_never_comes_to_an_end_is_left():
    """Each of its lines comes in time, and there is always another one."""
    over = threading.Event()

    def serve(link, asked):
        link.sendall(b"220 hello\r\n")
        asked.readline()
        while not over.wait(0.05):
            link.sendall(b"250-and more\r\n")

    with listening(serve) as port:
        server = Server(host="127.0.0.1", port=port)
        began = monotonic()
        outcome = SmtpTransport(server, timeout=5, total=0.5).send(made_mail())
        took = monotonic() - began
        over.set()

    assert outcome == NotSent(
        AWAY, "the mail server can't be reached (SMTPServerDisconnected)", everybody=True
    )
    assert took < 4
