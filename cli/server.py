"""`residency server`: a Temporal dev server on the data folder, until it is ended."""

import asyncio
from typing import Annotated

import typer

from cli.output import example, say

app = typer.Typer()
MOST_PORT = 65535
Port = Annotated[
    int,
    typer.Option(min=0, max=MOST_PORT, help="Where the server listens; 0 is any free port."),
]
UiPort = Annotated[
    int,
    typer.Option(min=0, max=MOST_PORT, help="Where Temporal's own pages are; 0 is any free port."),
]

PORT = 7233
UI_PORT = 8233


@app.command(epilog=example("residency server --port 7233"))
def server(*, port: Port = PORT, ui_port: UiPort = UI_PORT) -> None:
    """Run a Temporal dev server, with its file in the data folder, until Ctrl-C."""
    asyncio.run(_serve(port=port, ui_port=ui_port))


async def _serve(*, port: int, ui_port: int) -> None:
    from finding import find_binary  # noqa: PLC0415  # Help needs nothing.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from server import DevServer  # noqa: PLC0415  # As above.

    settings = load()
    binary = find_binary(settings)
    async with DevServer(
        binary.path,
        data=settings.data,
        port=port,
        ui_port=ui_port,
        namespace=settings.temporal_namespace,
    ) as running:
        say(
            f"Temporal {running.version} on {running.address}, pages on http://127.0.0.1:{running.ui_port}"
        )
        say(f"Its file is {settings.data / 'temporal.db'}. Next: residency worker")
        await until_gone(running.address)


async def until_gone(address: str) -> None:
    """Returns never; raises UnavailableError when the server at `address` has ended by itself."""
    import ports  # noqa: PLC0415  # As above.
    from residency.errors import UnavailableError  # noqa: PLC0415  # As above.

    missed = 0
    while missed < 5:
        await asyncio.sleep(1)
        missed = 0 if await asyncio.to_thread(ports.accepts, address) else missed + 1
    raise UnavailableError(
        f"The Temporal dev server at {address} has ended by itself; the file temporal.log beside "
        "its temporal.db says why."
    )
