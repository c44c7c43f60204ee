"""SendGrid's v3 API, one mail and one receiver for each request.

Nothing that tells who somebody is goes where it can't be erased: `custom_args` hold the mail's
opaque key, categories the notice's name. SendGrid has no idempotency key, so what was cut off is of
unknown fate, and its event webhook may tell (mail/delivery.py).
"""

import base64
import json
import time
import traceback
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any, Final
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from mail.message import Mail
from mail.transports.port import NotSent, Outcome, Refused, Sent, Unknown, Withheld
from mail.words import one_line
from residency.domains import ascii_domain

TIMEOUT: Final = 20.0
"""Seconds without a sign of SendGrid."""
URL: Final = "https://api.sendgrid.com"
_AGAIN: Final = timedelta(minutes=5)
_LIMITED: Final = timedelta(minutes=1)
_MOST_LIMITED: Final = timedelta(hours=1)
_TEXTS: Final = ("text/plain", "text/html")
_OWN: Final = {"x-residency-notice", "x-residency-key", "date", "mime-version"}
"""Headers of ours that it need not carry: the key and the notice go in fields of their own."""
_TAKEN: Final = {"from", "to", "reply-to", "subject", "content-type", "content-transfer-encoding"}
"""Headers that it makes itself from its own fields, and refuses among `headers`."""
_WHY: Final = {
    401: "SendGrid does not know the key: correct RESIDENCY_SENDGRID_API_KEY",
    403: "SendGrid does not allow it: verify the sender's domain, and let the key send mail",
    413: "SendGrid finds the mail too large",
}


class SendGridTransport:
    """`sandbox` lets SendGrid check mails and send none of them."""

    name = "sendgrid"
    looks = False

    def __init__(
        self, key: str, *, url: str = URL, sandbox: bool = False, timeout: float = TIMEOUT
    ) -> None:
        self._api = SendGridAPIClient(api_key=key, host=url)
        self._api.client.timeout = timeout  # The package's own default is to wait for ever.
        self._sandbox = sandbox

    def send(self, mail: Mail) -> Outcome:
        body = payload(mail, sandbox=self._sandbox)
        try:
            response = self._api.send(body)
        except HTTPError as error:
            return _refusal(int(error.status_code), error.headers, error.body)
        except URLError as error:
            if _while_connecting(error):
                return NotSent(_AGAIN, "SendGrid can't be reached", everybody=True)
            return _cut(error.reason)
        except (OSError, HTTPException) as error:
            return _cut(error)
        if response.status_code == 202:
            return Sent(response.headers.get("X-Message-Id") or mail.message_id)
        if response.status_code == 200 and self._sandbox:
            return Withheld("sandbox mode: SendGrid checked the mail and sent nothing")
        return Unknown(f"SendGrid answered {response.status_code}, which it never says")

    def has(self, mail: Mail) -> bool | None:  # noqa: ARG002  # The port's signature.
        return None

    def close(self) -> None:
        """Each request has a connection of its own."""


def payload(mail: Mail, *, sandbox: bool = False) -> dict[str, Any]:
    """The request's body: the very texts and attachments that any other transport sends."""
    message = mail.message()
    content, attachments = _parts(message)
    body: dict[str, Any] = {
        "personalizations": [{"to": [_mailbox(*mail.to)], "custom_args": {"key": mail.key}}],
        "from": _mailbox(*mail.sender),
        "subject": one_line(mail.subject, limit=200),
        "content": content,
        "headers": _headers(message),
        "categories": list(dict.fromkeys(["residency", mail.notice])),
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }
    if mail.reply_to:
        body["reply_to"] = _mailbox(*mail.reply_to)
    if attachments:
        body["attachments"] = attachments
    if sandbox:
        body["mail_settings"] = {"sandbox_mode": {"enable": True}}
    return body


def _parts(message: EmailMessage) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Its texts, plain before HTML as SendGrid demands, and its attachments."""
    content, attachments = [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        if part.get_filename() or part.get_content_disposition() == "attachment":
            attachments.append(_attachment(part, octets))
        else:
            content.append({"type": _type(part), "value": octets.decode()})
    ranks = {name: rank for rank, name in enumerate(_TEXTS)}
    return sorted(content, key=lambda one: ranks.get(one["type"], len(ranks))), attachments


def _type(part: Any) -> str:
    """A part's type; a calendar's with its method, by which mail programs know what it is."""
    method = part.get_param("method")
    return f"{part.get_content_type()}; method={method}" if method else str(part.get_content_type())


def _attachment(part: Any, octets: bytes) -> dict[str, str]:
    return {
        "content": base64.b64encode(octets).decode("ascii"),
        "type": _type(part),
        "filename": part.get_filename() or "attachment",
        "disposition": "attachment",
    }


def _headers(message: EmailMessage) -> dict[str, str]:
    return {
        name: str(value) for name, value in message.items() if name.lower() not in _TAKEN | _OWN
    }


def _mailbox(name: str, address: str) -> dict[str, str]:
    """An address as SendGrid wants it; a name with a comma splits in two there, unless quoted."""
    local, _, domain = address.rpartition("@")
    box = {"email": f"{local}@{ascii_domain(domain)}"}
    if shown := one_line(name, limit=120):
        quoted = shown.replace("\\", "").replace('"', "")
        box["name"] = f'"{quoted}"' if any(sign in quoted for sign in ",;") else shown
    return box


def _refusal(status: int, headers: Any, body: Any) -> Outcome:
    if status == 429:
        return NotSent(_reset(headers), "SendGrid limits the rate", everybody=True)
    if status >= 500 or status == 408:
        return Unknown(f"SendGrid answered {status}")
    if status < 400:
        return Unknown(f"SendGrid answered {status}, which it never says")
    if status in _WHY:
        return Refused(f"{_WHY[status]} ({status})")
    fields = ", ".join(_fields(body))
    return Refused(f"SendGrid refused the mail ({status}){f': {fields}' if fields else ''}")


def _cut(reason: object) -> Unknown:
    return Unknown(f"the connection to SendGrid was cut off ({type(reason).__name__})")


def _fields(body: Any) -> Iterator[str]:
    """Which fields were wrong. Its messages quote addresses, so they are left out."""
    try:
        errors = json.loads(body)["errors"]
        for error in errors[:5]:
            field = str(error.get("field") or "")
            if field and "@" not in field and len(field) < 100:
                yield field
    except (ValueError, KeyError, TypeError, AttributeError):
        return


def _reset(headers: Any) -> timedelta:
    """How long a limit lasts: it names the second, since 1970, in which it ends."""
    try:
        left = timedelta(seconds=int(headers.get("X-RateLimit-Reset")) - time.time())
    except (TypeError, ValueError, AttributeError, OverflowError):
        return _LIMITED
    return min(max(left, timedelta(seconds=1)), _MOST_LIMITED)


def _while_connecting(error: URLError) -> bool:
    """Whether no byte of the request can have left: it was raised in `http.client`'s `connect`.

    That is where names are looked up, doors found closed, and certificates held to be wrong.
    """
    reason = error.reason
    if not isinstance(reason, BaseException):
        return False
    return any(
        frame.f_code.co_name == "connect" and frame.f_globals.get("__name__") == "http.client"
        for frame, _ in traceback.walk_tb(reason.__traceback__)
    )
