"""What every answer carries and every request must satisfy, before any route is asked."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("web")

LARGEST: Final = 1024 * 1024
"""Octets of a form; the largest that a program may ask for is far below."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_RULES: Final = ("/webhooks/",)
"""Paths that machines call: they have no Origin, a limit of their own and a signature."""


class Guard:
    """Headers on every answer; foreign or oversized requests are refused. `base`: the public address."""

    def __init__(self, app: ASGIApp, *, base: str) -> None:
        self._app = app
        parts = urlsplit(base)
        self._origin = f"{parts.scheme}://{parts.netloc}" if base else ""
        self._tls = parts.scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(MutableHeaders(scope=message), scope["path"], nonce)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        await self._app(scope, _limited(scope, receive), answer)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if scope["method"] in _SAFE or scope["path"].startswith(_OWN_RULES):
            return None
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return PlainTextResponse("That is too large to be taken.\n", status_code=413)
        if not self._is_ours(headers):
            _log.warning("web.foreign_request", path_kind=scope["path"].split("/")[1][:12])
            return PlainTextResponse(
                "This form was not sent from our own page, so nothing was done. "
                "Open the page again and send it from there.\n",
                status_code=403,
            )
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether the browser says that the form stood on our page; one that says nothing is old."""
        site = headers.get("sec-fetch-site")
        if site is not None and site not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        if origin is None:
            return site is not None
        if self._origin:
            return origin == self._origin
        return urlsplit(origin).netloc == headers.get("host", "")

    def _mark(self, headers: MutableHeaders, path: str, nonce: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "noindex, nofollow"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
        if not path.startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        if self._tls:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "img-src 'self' https: data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
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
            return {"type": "http.disconnect"}
        return message

    return limited
