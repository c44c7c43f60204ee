"""What every answer carries and every request must satisfy, before any route is asked."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.limiting import Limits, Rate, client_of
from web.links import unsigned

_log = structlog.get_logger("web")

LARGEST: Final = 1024 * 1024
"""Octets of a form; the largest that a program may ask for is far below."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LINKS: Final = ("/t/", "/me/", "/a/", "/calendar/")
_UNCOUNTED: Final = ("/static/", "/webhooks/", "/healthz")
_DIGITS: Final = 12
"""Of a length; what has more is too large anyway."""
_TOO_LARGE: Final = (
    "What was sent is larger than what is taken here, so nothing was done. Go back a page and make it "
    "shorter: most browsers still have it there."
)
_FOREIGN: Final = (
    "Your browser does not say that this form was sent from our own page, so nothing was done. "
    "Browsers say so only where the address begins with https:// (TLS); if this one does, open the "
    "page again and send it from there, or use a newer browser."
)
_TOO_OFTEN: Final = "That was too often in a short time. Nothing is lost; please wait a minute."
DEAD_LINK: Final = 404
_OWN_RULES: Final = ("/webhooks/",)
"""Paths that machines call: they have no Origin, a limit of their own and a signature."""


Broken = Callable[[Request, Exception], Awaitable[Response]]
"""What is answered where something of ours failed."""
Said = Callable[[Request, int, str], Response]
"""The answer of a status that says a sentence."""


def _plain(_request: Request, status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status_code=status)


class _TooLargeError(Exception):
    """A body that turned out to be larger than it may be."""


class Guard:
    """Headers on every answer, also where something failed; foreign, oversized and too frequent
    requests are refused.

    `base` is the public address; `said` makes the page of a refusal.
    """

    def __init__(
        self, app: ASGIApp, *, base: str, limits: Limits, broken: Broken, said: Said = _plain
    ) -> None:
        self._app = app
        self._limits = limits
        self._broken = broken
        self._said = said
        parts = urlsplit(base)
        self._origin = f"{parts.scheme}://{parts.netloc.lower()}" if base else ""
        self._tls = parts.scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        client = client_of((scope.get("client") or ("",))[0])
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                self._mark(MutableHeaders(scope=message), nonce, scope["state"].get("images", ""))
                if message["status"] == DEAD_LINK and scope["path"].startswith(_LINKS):
                    self._limits.takes(Rate.DEAD, client)
            await send(message)

        refusal = self._refusal(scope) or self._too_often(scope, client)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, _limited(scope, receive), answer)
        except Exception as error:
            failure = await self._failure(Request(scope), error)
            if has_begun:
                raise
            await failure(scope, receive, answer)

    async def _failure(self, request: Request, error: Exception) -> Response:
        match error:
            case _TooLargeError():
                return self._said(request, 413, _TOO_LARGE)
            case ClientDisconnect():
                return _plain(request, 400, "The request broke off.")
        return await self._broken(request, error)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if "\0" in scope["path"]:  # No address of ours; PostgreSQL can't even be asked for it.
            return _plain(Request(scope), 404, "There is no such page.")
        if scope["method"] in _SAFE or scope["path"].startswith(_OWN_RULES):
            return None
        length = headers.get("content-length", "0")
        # Of Latin-1, `isdigit` lets a superscript 2 pass, which is no number.
        if not length.isdecimal() or len(length) > _DIGITS or int(length) > LARGEST:
            return self._said(Request(scope), 413, _TOO_LARGE)
        if not self._is_ours(headers):
            _log.warning("web.foreign_request", path_kind=scope["path"].split("/")[1][:12])
            return self._said(Request(scope), 403, _FOREIGN)
        return None

    def _too_often(self, scope: Scope, client: str) -> Response | None:
        path, reads = scope["path"], scope["method"] in _SAFE
        if path.startswith(_UNCOUNTED):
            return None
        counted = [(Rate.READ if reads else Rate.WRITE, client)]
        if not reads and path.startswith(_LINKS):
            counted.append((Rate.LINK, unsigned(path.split("/")[2])))
        full = [pair for pair in counted if not self._limits.takes(*pair)]
        if path.startswith(_LINKS) and not self._limits.is_open(Rate.DEAD, client):
            full.append((Rate.DEAD, client))
        if not full:
            return None
        _log.warning("web.too_often", rate=full[0][0].value)
        answer = self._said(Request(scope), 429, _TOO_OFTEN)
        answer.headers["Retry-After"] = str(max(self._limits.wait(*pair) for pair in full))
        return answer

    def _is_ours(self, headers: Headers) -> bool:
        """Whether the browser says that the form stood on our page.

        Our pages send no referrer, so browsers write "null" as the origin of their forms; then it is
        Sec-Fetch-Site that tells. One that says neither is too old, or no browser.
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin", "null")
        if site is not None and site != "same-origin":
            return False
        if origin == "null":
            return site is not None
        if self._origin:
            return origin == self._origin
        try:
            return urlsplit(origin).netloc == headers.get("host", "")
        except ValueError:  # Half an address, such as http://[
            return False

    def _mark(self, headers: MutableHeaders, nonce: str, images: str) -> None:
        """`images` is the origin of the one picture from elsewhere that a page may show."""
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "noindex, nofollow"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Content-Security-Policy"] = _POLICY.format(
            nonce=nonce, images=f" {images}" if images else ""
        )
        # Our files may be kept for ever, a calendar for an hour; they say so themselves.
        headers.setdefault("Cache-Control", "no-store")
        if self._tls:
            headers["Strict-Transport-Security"] = "max-age=31536000"


_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "img-src 'self' data:{images}; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def _limited(scope: Scope, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Stops reading a body that turns out to be larger than it may be."""
    if scope["path"].startswith(_OWN_RULES):
        return receive
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST:
            raise _TooLargeError
        return message

    return limited
