"""`residency web`: pages and webhooks over HTTP, until it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import example, say

if TYPE_CHECKING:
    import uvicorn

    from wiring import House

app = typer.Typer()
HOST, PORT = "127.0.0.1", 8000
_PATIENCE = 5.0
"""Seconds that an answer on its way may take when all ends."""


@app.command(epilog=example("residency web --port 8000"))
def web(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = PORT,
) -> None:
    """Serve people's pages and the mail provider's webhook until Ctrl-C; put a proxy with TLS in front.

    RESIDENCY_PUBLIC_URL is the address that links in mails begin with; docs/door.md says more.
    """
    import asyncio  # noqa: PLC0415  # Help needs nothing.

    asyncio.run(_serve(host=host, port=port))


async def _serve(*, host: str, port: int) -> None:
    import logs  # noqa: PLC0415  # Help needs nothing.
    import ports  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    settings = load()
    logs.configure(settings)
    port = ports.free(port) if host in (HOST, "localhost") or port == 0 else port
    house = House(settings)
    try:
        server = _server(house, host=host, port=port)
        say(f"Listens on http://{host}:{port}; /healthz says whether it works.")
        await server.serve()
    finally:
        if (store := vars(house).get("store")) is not None:  # Closing must not make one.
            store.close()


@contextmanager
def beside(house: House, *, port: int) -> Iterator[None]:
    """Serves the pages of a house in a thread, beside whatever this process does else."""
    server = _server(house, host=HOST, port=port)
    thread = Thread(target=server.run, name="pages", daemon=True)  # Signals are for the main one.
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)


def _server(house: House, *, host: str, port: int) -> uvicorn.Server:
    import uvicorn  # noqa: PLC0415  # Help needs nothing.

    from web.app import make_app  # noqa: PLC0415  # As above.

    # No access log: an address in it may hold a token.
    config = uvicorn.Config(
        make_app(house),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return uvicorn.Server(config)
