"""One mail, ready to go: what any transport needs, and its bytes as MIME."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cached_property, lru_cache
from typing import Final

from mail.words import one_line
from residency.domains import ascii_domain

_SHORT: Final = 68  # Fits into the line with the header's name.
_DOMAIN: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]+")
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
        return self._whole().message()

    def as_bytes(self) -> bytes:
        """As `message().as_bytes()`, which would parse each header of each part several times over."""
        return "\r\n".join(self._whole().lines()).encode("ascii")

    def _whole(self) -> _Part:
        boundary = f"=_{self.digest[:24]}"
        texts = [_text("plain", self.text), _text("html", ascii_html(self.html))]
        if self.invite is None:
            return _multipart("alternative", boundary, texts, headers=self._headers())
        words = [*texts, _calendar(self.invite, self.invite.content_type)]
        parts = [_multipart("alternative", boundary, words), _file(self.invite)]
        return _multipart("mixed", f"{boundary}-m", parts, headers=self._headers())

    def _headers(self) -> list[tuple[str, str]]:
        """Encoded and folded already. Addresses come again and again, and the last six are made of
        dates, hexadecimal digits and our own words: parsing all that for each mail would take longer
        than rendering it.
        """
        answers = [("Reply-To", _mailbox("Reply-To", *self.reply_to))] if self.reply_to else []
        return [
            ("From", _mailbox("From", *self.sender)),
            ("To", _mailbox("To", *self.to)),
            *answers,
            ("Subject", _text_header("Subject", one_line(self.subject, limit=200))),
            *((name, _text_header(name, one_line(each))) for name, each in self.headers.items()),
            ("Date", format_datetime(self.at)),
            ("Message-ID", self.message_id),
            ("Auto-Submitted", "auto-generated"),
            ("X-Residency-Notice", self.notice),
            ("X-Residency-Key", self.digest[:40]),
            ("MIME-Version", "1.0"),
        ]


@dataclass(frozen=True)
class _Part:
    """A part of a mail, or the whole of it; what it holds is either content or further parts."""

    headers: list[tuple[str, str]]
    content: str = ""
    parts: Sequence[_Part] = ()
    boundary: str = ""

    def message(self) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        for name, value in self.headers:
            message.set_raw(name, value)
        for each in self.parts:
            message.attach(each.message())
        if not self.parts:
            message.set_payload(self.content)
        return message

    def lines(self) -> Iterator[str]:
        for name, value in self.headers:
            yield f"{name}: {value}"
        yield ""
        if not self.parts:
            yield from _BREAK.split(self.content)
            return
        for each in self.parts:
            yield f"--{self.boundary}"
            yield from each.lines()
        yield f"--{self.boundary}--"
        yield ""


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
    return Address(
        display_name=one_line(name, limit=120), addr_spec=f"{local}@{ascii_domain(domain)}"
    )


@lru_cache(maxsize=4096)
def _mailbox(header: str, name: str, address: str) -> str:
    return _folded(header, _address(name, address))


def _text_header(header: str, text: str) -> str:
    return text if text.isascii() and len(text) <= _SHORT else _folded(header, text)


def _folded(header: str, value: str | Address) -> str:
    """A header's value as it goes over the wire, in ASCII and in short lines."""
    field = SMTP.header_factory(header, value)
    return str(field.fold(policy=SMTP)).removeprefix(f"{header}:").strip()


def _multipart(
    subtype: str, boundary: str, parts: list[_Part], *, headers: list[tuple[str, str]] | None = None
) -> _Part:
    kind = f'multipart/{subtype}; boundary="{boundary}"'
    return _Part([*(headers or []), ("Content-Type", kind)], parts=parts, boundary=boundary)


def _text(subtype: str, content: str) -> _Part:
    octets, encoding = content.encode(), "7bit"
    if not octets.isascii() or any(len(line) > _LONGEST_LINE for line in octets.splitlines()):
        encoding, content = "quoted-printable", binascii.b2a_qp(octets, istext=True).decode("ascii")
    kind = f'text/{subtype}; charset="utf-8"'
    return _Part([("Content-Type", kind), ("Content-Transfer-Encoding", encoding)], content)


def _calendar(invite: Invite, content_type: str) -> _Part:
    headers = [("Content-Type", content_type), ("Content-Transfer-Encoding", "7bit")]
    return _Part(headers, invite.content)


def _file(invite: Invite) -> _Part:
    part = _calendar(invite, f'{invite.content_type};\r\n name="{invite.name}"')
    shown = ("Content-Disposition", f'attachment; filename="{invite.name}"')
    return _Part([*part.headers, shown], part.content)


def ascii_html(html: str) -> str:
    """HTML says every sign in ASCII too, which no server on the way can damage."""
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")
