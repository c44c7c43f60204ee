"""The application: which route is where, and how every error is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from residency.errors import ResidencyError, UnavailableError
from web import applying, calendars, people, renewing, saying, tasks
from web.door import DeadLinkError, Door
from web.limiting import Limits
from web.pages import STATIC, asset
from web.security import Broken, Guard, Said
from web.telling import Telling
from web.webhooks import routes
from wiring import House

_log = structlog.get_logger("web")
_FOR_MACHINES = ("/webhooks/", "/healthz")
_WRONG: Final = {
    400: "What your browser sent could not be read, so nothing was done. Please go back and send it "
    "once more.",
    405: "This address can't be opened by itself, so nothing was done. The page that has the button "
    "for it opens by the link in your mail.",
    415: "It is not written in UTF-8, as every browser of today writes, so nothing was done. Please "
    "try another browser.",
}
"""What was wrong with a request, where its address is one of ours."""
_TITLES: Final = {
    400: "That could not be read",
    403: "We can't tell where this form comes from",
    405: "This is not a page",
    413: "That is too much at once",
    415: "That could not be read",
    429: "Please wait a minute",
}
_BY_LINK: Final = (400, 403, 405, 429)
"""What another link may help against; what can't be read, or is too long, needs none."""


def make_app(house: House, *, limits: Limits | None = None) -> FastAPI:
    """The application of one installation. Raises ResidencyError for a setting that can't be used."""
    telling = Telling(house)
    door = Door(house, limits=limits or Limits())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await telling.begin()
        try:
            yield
        finally:
            await telling.end()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    broken, said = _answer_errors(app, door)
    base = house.settings.public_url or ""
    app.add_middleware(Guard, base=base, limits=door.limits, broken=broken, said=said)
    app.include_router(routes(house, telling))
    for room in (people, saying, calendars, renewing, applying, tasks):
        app.include_router(room.routes(door))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """Whether this process can do its work: it needs the database."""
        await run_in_threadpool(_look, house)
        return JSONResponse({"status": "ok"})

    @app.get("/static/{digest}/{name}")
    def static(digest: str, name: str) -> Response:
        """A file of ours, under its content's hash; it never changes."""
        if name not in {path.name for path in STATIC.iterdir()} or asset(name) != (
            f"/static/{digest}/{name}"
        ):
            raise HTTPException(404)
        return FileResponse(
            STATIC / name, headers={"Cache-Control": "public, max-age=31536000, immutable"}
        )

    return app


def _look(house: House) -> None:
    with house.store.database.reading() as connection:
        connection.exec_driver_sql("SELECT 1")


def _answer_errors(app: FastAPI, door: Door) -> tuple[Broken, Said]:
    """One page for each way in which a request can fail; machines get a line of text.

    What answers a fault of ours, and what a refusal says, is the Guard's to call, so that its answer
    has headers as well.
    """

    def page(request: Request, status: int, name: str, sentence: str) -> Response:
        if request.url.path.startswith(_FOR_MACHINES):
            return PlainTextResponse(f"{sentence}\n", status_code=status)
        title = _TITLES.get(status, "That could not be taken")
        told: dict[str, Any] = {"sentence": sentence, "title": title, "is_link": status in _BY_LINK}
        return door.pages.show(request, name, status=status, **told)

    def said(request: Request, status: int, sentence: str) -> Response:
        return page(request, status, "not-taken.html", sentence)

    async def dead_link(request: Request, _error: Exception) -> Response:
        return page(request, 404, "dead-link.html", "This link does not work any more.")

    async def unavailable(request: Request, error: Exception) -> Response:
        """The sentence may name a file of ours, so it is only logged."""
        _log.warning("web.unavailable", why=str(error))
        return page(request, 503, "away.html", "Not available just now; please try again.")

    async def refused(request: Request, error: Exception) -> Response:
        return page(request, 400, "refused.html", str(error))

    async def no_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        name = "no-page.html" if status == 404 else "not-taken.html"
        answer = page(request, status, name, _WRONG.get(status, "There is no such page."))
        answer.headers.update(getattr(error, "headers", None) or {})  # Of a 405: what is allowed.
        return answer

    async def broken(request: Request, error: Exception) -> Response:
        _log.error("web.failed", exc_info=error)
        return page(request, 500, "broken.html", "Something went wrong on our side.")

    app.add_exception_handler(DeadLinkError, dead_link)
    app.add_exception_handler(UnavailableError, unavailable)
    app.add_exception_handler(ResidencyError, refused)
    app.add_exception_handler(HTTPException, no_page)
    return broken, said
