"""Any SMTP server, one connection for each mail.

Step by step, because what a failure means depends on the step: before the mail's last line nothing
was sent; after it, without an answer that can be read, nobody can say.
"""

import base64
import os
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from mail.message import Mail
from mail.transports.port import NotSent, Outcome, Refused, Sent, Unknown
from residency.domains import ascii_domain
from residency.errors import ResidencyError

TIMEOUT: Final = 10.0
"""Seconds for each answer of the server."""
TOTAL: Final = 60.0
"""Seconds for a whole mail, once connected: a server may answer in time and yet never come to an end."""
_AWAY: Final = timedelta(minutes=5)
_GREYLISTED: Final = timedelta(minutes=5)
_ALLOWED: Final = "allowed: smtp://user:password@host:587 or smtps://user:password@host:465"


class Security(StrEnum):
    """How the connection is protected."""

    AUTO = "auto"  # TLS for smtps://; for smtp:// STARTTLS, which a password demands
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where mail is handed in. The password is never shown."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: Security = Security.AUTO


class _Answered(Exception):  # noqa: N818  # Not a fault, but an answer.
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class SmtpTransport:
    """`ca` is a file of certificates to trust besides the system's."""

    name = "smtp"
    looks = False

    def __init__(
        self,
        server: Server,
        *,
        ca: Path | None = None,
        timeout: float = TIMEOUT,
        total: float = TOTAL,
    ) -> None:
        self._server, self._timeout, self._total = server, timeout, total
        self._context = ssl.create_default_context()
        if ca is not None:
            _trust(self._context, ca)

    def send(self, mail: Mail) -> Outcome:
        connection: smtplib.SMTP | None = None
        try:
            connection = self._connected()
            with _at_most(self._total, connection):
                self._protect(connection)
                self._log_in(connection)
                _address(connection, mail)
                return _hand_over(connection, mail)
        except _Answered as answer:
            return answer.outcome
        except (OSError, smtplib.SMTPException) as error:
            # Nothing of the mail has been handed over in any step that lets an error out.
            return NotSent(_AWAY, _away(error), everybody=True)
        except UnicodeError:
            return Refused("an address has signs that no mail server is given")
        finally:
            if connection is not None:
                _leave(connection)

    def has(self, mail: Mail) -> bool | None:  # noqa: ARG002  # The port's signature.
        return None

    def close(self) -> None:
        """Each mail has a connection of its own."""

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=self._context
            )
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout)

    def _protect(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        security = self._server.security
        if security in (Security.TLS, Security.NONE):
            return
        if connection.has_extn("starttls"):
            code, _ = connection.starttls(context=self._context)
            if code != 220:
                raise _Answered(_said(code, "STARTTLS"))
            connection.ehlo()
        elif security is Security.STARTTLS or self._server.password:
            raise _Answered(
                Refused(
                    "the mail server offers no STARTTLS, so neither password nor mail is given to "
                    "it: use smtps://, or set RESIDENCY_SMTP_SECURITY=none"
                )
            )

    def _log_in(self, connection: smtplib.SMTP) -> None:
        server = self._server
        if not server.user:
            return
        try:
            if (server.user + server.password).isascii():
                connection.login(server.user, server.password)
            else:
                _log_in_as_utf8(connection, server)
        except smtplib.SMTPAuthenticationError as error:
            raise _Answered(_not_let_in(error.smtp_code)) from None
        except smtplib.SMTPNotSupportedError:
            raise _Answered(
                Refused(
                    "the mail server takes no login: take user and password out of "
                    "RESIDENCY_SMTP_URL"
                )
            ) from None
        except smtplib.SMTPException as error:
            if type(error) is not smtplib.SMTPException:  # The others say that it was cut off.
                raise
            raise _Answered(Refused(_NO_LOGIN)) from None


_NO_LOGIN: Final = (
    "the mail server offers no login that we know (PLAIN, LOGIN, CRAM-MD5): ask whoever runs it for "
    "a user and a password of its own for this"
)


def _log_in_as_utf8(connection: smtplib.SMTP, server: Server) -> None:
    """What Python's own login can't say: PLAIN is UTF-8 (RFC 4616), the others are not told apart."""
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("auth"):
        raise smtplib.SMTPNotSupportedError
    if "PLAIN" not in connection.esmtp_features["auth"].upper().split():
        raise _Answered(
            Refused(
                "the mail server takes only ASCII signs in user and password: set another password "
                "there, and in RESIDENCY_SMTP_URL"
            )
        )
    said = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
    code, answer = connection.docmd("AUTH", f"PLAIN {said}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _not_let_in(code: int) -> Outcome:
    if 500 <= code < 600:
        return Refused(
            f"the mail server refused user or password ({code}): correct RESIDENCY_SMTP_URL"
        )
    return _said(code, "the login")


def read_server(url: str, *, security: Security = Security.AUTO) -> Server:
    """Reads `smtp://user:password@host:587`; raises ResidencyError, which never shows the address."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
        _ = (host or "").encode("idna")  # A connection would fail by it, without a sentence.
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise ResidencyError(f"RESIDENCY_SMTP_URL is a hidden value; {_ALLOWED}.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ResidencyError(
            f"RESIDENCY_SMTP_URL has something after the host; signs such as / and # in a password "
            f"are written %2F and %23; {_ALLOWED}."
        )
    if parts.scheme == "smtps":
        security = Security.TLS
    return Server(
        host=host,
        port=port or (465 if security is Security.TLS else 587),
        user=_unquoted(parts.username),
        password=_unquoted(parts.password),
        security=security,
    )


def _unquoted(part: str | None) -> str:
    with suppress(UnicodeDecodeError):
        text = unquote(part or "", errors="strict")
        if text.isprintable():
            return text
    raise ResidencyError(
        f"RESIDENCY_SMTP_URL has a user or password that is no printable UTF-8; {_ALLOWED}."
    )


@contextmanager
def _at_most(seconds: float, connection: smtplib.SMTP) -> Iterator[None]:
    """Cuts the connection off after so many seconds; whoever reads from it is told that it ended."""
    timer = threading.Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: smtplib.SMTP) -> None:
    # A copy of the socket without TLS: that belongs to the thread which sends.
    with suppress(OSError, AttributeError, ValueError):
        raw = socket.socket(fileno=os.dup(connection.sock.fileno()))  # type: ignore[union-attr]  # None is suppressed.
        with raw:
            raw.shutdown(socket.SHUT_RDWR)


def _address(connection: smtplib.SMTP, mail: Mail) -> None:
    """Who sends, and who gets it: a server may refuse either, for now or for good."""
    code, _ = connection.mail(_ascii(mail.sender[1]))
    if not _is_yes(code):
        raise _Answered(_said(code, "the sender"))
    code, _ = connection.rcpt(_ascii(mail.to[1]))
    if not _is_yes(code):
        raise _Answered(_said(code, "the receiver"))
    code, _ = connection.docmd("DATA")
    if code != 354:
        raise _Answered(_said(code, "the mail"))


def _hand_over(connection: smtplib.SMTP, mail: Mail) -> Outcome:
    """The mail and its last line; from then on only a clear no says that it surely did not go."""
    lines = re.sub(rb"(?m)^\.", b"..", mail.as_bytes())
    end = b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n"
    connection.send(lines)  # Without its last line no server takes it, so an error gets out.
    try:
        connection.send(end)
        code, _ = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(f"the mail server was cut off before it answered ({type(error).__name__})")
    if _is_yes(code):
        return Sent(mail.message_id)
    if 400 <= code < 600:
        return _said(code, "the mail")
    return Unknown(f"the mail server took the mail and answered {_shown(code)}")


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _said(code: int, what: str) -> Outcome:
    """What a reply means that is no yes, where nothing has gone yet, or the server says that it has not.

    Its words are left out: they quote addresses. One that is no answer to what was asked says
    nothing about this mail, but that this server can't be talked to now.
    """
    if 500 <= code < 600:
        return Refused(f"the mail server refused {what} ({code})")
    if 400 <= code < 500:
        return NotSent(
            _GREYLISTED, f"the mail server does not take {what} now ({code})", everybody=code == 421
        )
    return NotSent(_AWAY, f"the mail server answered {_shown(code)} to {what}", everybody=True)


def _shown(code: int) -> str:
    return f"a code of no such meaning ({code})" if code >= 0 else "what is no SMTP"


def _away(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "the mail server's certificate is not trusted: set RESIDENCY_SMTP_CA to a file with the "
            "one that signed it"
        )
    return f"the mail server can't be reached ({type(error).__name__})"


def _leave(connection: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()


def _ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def _trust(context: ssl.SSLContext, ca: Path) -> None:
    try:
        context.load_verify_locations(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ResidencyError(
            f'RESIDENCY_SMTP_CA is "{ca}", which is no file of certificates (PEM).'
        ) from error
