"""One mail, ready to go: what any transport needs, and its bytes as MIME."""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from mail.words import one_line

_SHORT: Final = 68  # Fits into the line with the header's name.
_DOMAIN: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]+")
_BOUNDARY: Final = re.compile(r'boundary="(.+)"')
_BREAK: Final = re.compile(r"\r\n|\r|\n")
_LONGEST_LINE: Final = 990  # RFC 5322 allows 998 octets.


@dataclass(frozen=True, kw_only=True)
class Invite:
    """A calendar entry: `content` is iCalendar in ASCII, `method` the one that stands in it."""

    method: str  # REQUEST, CANCEL or PUBLISH
    content: str
    name: str = "invite.ics"  # of the attached file

    @property
    def content_type(self) -> str:
        """The type that mail programs read the entry by."""
        return f'text/calendar; charset="us-ascii"; method={self.method}'


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A rendered notice for one receiver. `key` is the outbox's, the same in every attempt."""

    key: str
    residency: str
    notice: str
    receiver: str  # a person's id
    at: datetime  # the program's time of the moment
    to: tuple[str, str]  # name and address
    sender: tuple[str, str]
    reply_to: tuple[str, str] | None
    subject: str
    text: str
    html: str
    rehearsal: str = ""  # the name of a rehearsed cohort
    headers: dict[str, str] = field(default_factory=dict)
    invite: Invite | None = None

    @cached_property
    def digest(self) -> str:
        """The key as 64 hexadecimal signs: says nothing of the person."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def message_id(self) -> str:
        """Made from the key alone, so that a second copy carries the same."""
        return f"<{self.digest[:40]}@mail.residency.invalid>"

    def message(self) -> EmailMessage:
        """Text first, then HTML; the same input gives the same bytes.

        A calendar entry is there twice: beside the texts, where mail programs look for an
        invitation, and as a file for those that don't.
        """
        message = EmailMessage(policy=SMTP)
        message.set_raw("From", _mailbox("From", *self.sender))
        message.set_raw("To", _mailbox("To", *self.to))
        if self.reply_to:
            message.set_raw("Reply-To", _mailbox("Reply-To", *self.reply_to))
        message.set_raw("Subject", _text_header("Subject", one_line(self.subject, limit=200)))
        for name, value in self.headers.items():
            message.set_raw(name, _text_header(name, one_line(value)))
        # `set_raw` takes what is encoded and folded already. Addresses come again and again, and
        # what follows is made of dates, hexadecimal digits and our own words: parsing all that for
        # each mail would take longer than rendering it.
        message.set_raw("Date", format_datetime(self.at))
        message.set_raw("Message-ID", self.message_id)
        message.set_raw("Auto-Submitted", "auto-generated")
        message.set_raw("X-Residency-Notice", self.notice)
        message.set_raw("X-Residency-Key", self.digest[:40])
        message.set_raw("MIME-Version", "1.0")
        words = message
        if self.invite:
            words = EmailMessage(policy=SMTP)
            message.set_raw("Content-Type", self._multipart("mixed", "-m"))
            message.attach(words)
            message.attach(_file(self.invite))
        words.set_raw("Content-Type", self._multipart("alternative"))
        words.attach(_part("plain", self.text))
        words.attach(_part("html", ascii_html(self.html)))
        if self.invite:
            words.attach(_calendar(self.invite, self.invite.content_type))
        return message

    def _multipart(self, subtype: str, mark: str = "") -> str:
        return f'multipart/{subtype}; boundary="=_{self.digest[:24]}{mark}"'

    def as_bytes(self) -> bytes:
        return _octets(self.message())


@lru_cache(maxsize=4096)
def is_address(address: str) -> bool:
    """Whether a mail can be addressed to it: one @, no breaks; beyond ASCII only in the domain."""
    local, at, domain = address.rpartition("@")
    if not (at and local.isascii() and local.isprintable() and _DOMAIN.fullmatch(domain)):
        return False
    try:
        _address("", address)
    except (ValueError, UnicodeError, HeaderParseError):
        return False
    return True


@lru_cache(maxsize=4096)
def _address(name: str, address: str) -> Address:
    """An address object quotes what must be quoted; a malformed address raises ValueError."""
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        address = f"{local}@{domain.encode('idna').decode('ascii')}"
    return Address(display_name=one_line(name, limit=120), addr_spec=address)


@lru_cache(maxsize=4096)
def _mailbox(header: str, name: str, address: str) -> str:
    return _folded(header, _address(name, address))


def _text_header(header: str, text: str) -> str:
    return text if text.isascii() and len(text) <= _SHORT else _folded(header, text)


def _folded(header: str, value: str | Address) -> str:
    """A header's value as it goes over the wire, in ASCII and in short lines."""
    field = SMTP.header_factory(header, value)
    return str(field.fold(policy=SMTP)).removeprefix(f"{header}:").strip()


def _octets(message: EmailMessage) -> bytes:
    """As `message.as_bytes()`, which would parse each header of each part several times over.

    What `Mail.message` has set is encoded and folded already, so it is only put together.
    """
    return "\r\n".join(_lines(message)).encode("ascii")


def _lines(part: Any) -> Iterator[str]:  # A message, whose payload has any type to the checker.
    for name, value in part.raw_items():
        yield f"{name}: {value}"
    yield ""
    payload = part.get_payload()
    if isinstance(payload, str):
        yield from _BREAK.split(payload)
        return
    boundary = _BOUNDARY.findall(dict(part.raw_items())["Content-Type"])[0]
    for each in payload:
        yield f"--{boundary}"
        yield from _lines(each)
    yield f"--{boundary}--"
    yield ""


def _part(subtype: str, content: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    octets = content.encode()
    part.set_raw("Content-Type", f'text/{subtype}; charset="utf-8"')
    if octets.isascii() and all(len(line) <= _LONGEST_LINE for line in octets.splitlines()):
        part.set_raw("Content-Transfer-Encoding", "7bit")
        part.set_payload(content)
    else:
        part.set_raw("Content-Transfer-Encoding", "quoted-printable")
        part.set_payload(binascii.b2a_qp(octets, istext=True).decode("ascii"))
    return part


def _calendar(invite: Invite, content_type: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_raw("Content-Type", content_type)
    part.set_raw("Content-Transfer-Encoding", "7bit")
    part.set_payload(invite.content)
    return part


def _file(invite: Invite) -> EmailMessage:
    part = _calendar(invite, f'{invite.content_type};\r\n name="{invite.name}"')
    part.set_raw("Content-Disposition", f'attachment; filename="{invite.name}"')
    return part


def ascii_html(html: str) -> str:
    """HTML says every sign in ASCII too, which no server on the way can damage."""
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")
