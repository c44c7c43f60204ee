"""The application: which route is where, and how every error is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool

from residency.errors import ResidencyError, UnavailableError
from web.telling import Telling
from web.webhooks import routes
from wiring import House

_log = structlog.get_logger("web")


def make_app(house: House) -> FastAPI:
    """The application of one installation. Raises ResidencyError for a setting that can't be used."""
    telling = Telling(house)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await telling.begin()
        try:
            yield
        finally:
            await telling.end()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(UnavailableError, _unavailable)
    app.add_exception_handler(ResidencyError, _refused)
    app.include_router(routes(house, telling))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """Whether this process can do its work: it needs the database."""
        await run_in_threadpool(_look, house)
        return JSONResponse({"status": "ok"})

    return app


def _look(house: House) -> None:
    with house.store.database.reading() as connection:
        connection.exec_driver_sql("SELECT 1")


async def _unavailable(_request: Request, error: Exception) -> Response:
    """The sender tries again; the sentence may name a file of ours, so it is only logged."""
    _log.warning("web.unavailable", why=str(error))
    return PlainTextResponse("Not available just now; please try again.\n", status_code=503)


async def _refused(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", status_code=400)
