"""`residency web`: pages and webhooks over HTTP, until it is ended."""

from typing import Annotated

import typer

from cli.output import example, say

app = typer.Typer()
HOST, PORT = "127.0.0.1", 8000


@app.command(epilog=example("residency web --port 8000"))
def web(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = PORT,
) -> None:
    """Serve the webhook of the mail provider until Ctrl-C; put a proxy with TLS in front of it."""
    import asyncio  # noqa: PLC0415  # Help needs nothing.

    asyncio.run(_serve(host=host, port=port))


async def _serve(*, host: str, port: int) -> None:
    import uvicorn  # noqa: PLC0415  # Help needs nothing.

    import logs  # noqa: PLC0415  # As above.
    import ports  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from web.app import make_app  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    settings = load()
    logs.configure(settings)
    port = ports.free(port) if host in (HOST, "localhost") or port == 0 else port
    house = House(settings)
    try:
        # No access log: an address in it may hold a token.
        config = uvicorn.Config(
            make_app(house),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        say(f"Listens on http://{host}:{port}; /healthz says whether it works.")
        await uvicorn.Server(config).serve()
    finally:
        if (store := vars(house).get("store")) is not None:  # Closing must not make one.
            store.close()
