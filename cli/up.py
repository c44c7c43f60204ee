"""`residency up`: a Temporal server, a worker and the pages in one, on the data folder."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from cli.alone import alone
from cli.output import example, say
from cli.server import MOST_PORT, UI_PORT, until_gone
from cli.server import PORT as SERVER_PORT
from cli.web import HOST, PORT

if TYPE_CHECKING:
    from residency.settings import Settings

app = typer.Typer()


@app.command(epilog=example("residency up"))
def up(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_PORT, help="Where the server listens: 7233, or any that is free."
        ),
    ] = None,
    ui_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_PORT, help="Where Temporal's pages are: 8233, or any that is free."
        ),
    ] = None,
    web_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_PORT, help="Where people's pages are: 8000, or any that is free."
        ),
    ] = None,
) -> None:
    """Run everything here until Ctrl-C: a Temporal server, a worker with its mail process, the pages.

    Everything that lasts is in the data folder; stopped and started again, everybody goes on.
    """
    try:
        asyncio.run(_up(port=port, ui_port=ui_port, web_port=web_port))
    except KeyboardInterrupt:
        say("Ended, and nothing is lost: with the next `residency up` everybody goes on.")
        raise


async def _up(*, port: int | None, ui_port: int | None, web_port: int | None) -> None:
    import logs  # noqa: PLC0415  # Help needs nothing.
    import ports  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from worker import work  # noqa: PLC0415  # As above.

    settings = load()
    logs.configure(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(alone(settings.data, command="residency up"))
        address = await _server(settings, stack, port=port, ui_port=ui_port)
        say(f"Data     {settings.data.resolve()}")
        say("Worker   in this process; mail in a second one")
        pages = ports.free(_preferred(PORT) if web_port is None else web_port)
        say(f"Pages    {_address(settings, pages)}, in a third one")
        if settings.sendgrid_webhook_key:
            say(f"Webhook  http://{HOST}:{pages}/webhooks/sendgrid, there too")
        say("Next     residency cohort open PROGRAM NAME, or residency demo; Ctrl-C ends it")
        working = asyncio.create_task(work(settings))
        beside = [asyncio.create_task(_web(pages))]
        parts = [working, *([asyncio.create_task(until_gone(address))] if address else [])]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in (*parts, *beside):
                part.cancel()
            ended = await asyncio.gather(*parts, *beside, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one


def _address(settings: "Settings", port: int) -> str:
    """Where the pages are; links in mails begin with the public address, where one is set."""
    here = f"http://{HOST}:{port}"
    return f"{here}, for all others {settings.public_url}" if settings.public_url else here


async def _web(port: int) -> None:
    """The pages, in a process of their own. Without it everything else goes on."""
    import sys  # noqa: PLC0415  # Help needs nothing.

    import tethered  # noqa: PLC0415  # As above.
    from worker import end  # noqa: PLC0415  # As above.

    command = [sys.executable, "-c", "from cli import main; main()", "web", "--port", str(port)]
    process, tie = tethered.spawn(command, log=sys.stderr.buffer)
    try:
        code = await asyncio.to_thread(process.wait)
        say(f"The pages have ended ({code}); `residency web` serves them again.")
    finally:
        await asyncio.to_thread(end, process, tie)


async def _server(
    settings: "Settings", stack: AsyncExitStack, *, port: int | None, ui_port: int | None
) -> str:
    """The address of the server that was started here; "" where there is one already."""
    from finding import find_binary, given_address  # noqa: PLC0415  # Help needs nothing.
    from server import DevServer, running  # noqa: PLC0415  # As above.

    if given := given_address(settings):
        say(f"Temporal {given.address}, from {given.source}")
        return ""
    if found := running(settings.data):
        say(f"Temporal {found.address}, running already (process {found.pid})")
        return ""
    binary = find_binary(settings)
    server = DevServer(
        binary.path,
        data=settings.data,
        port=_preferred(SERVER_PORT) if port is None else port,
        ui_port=_preferred(UI_PORT) if ui_port is None else ui_port,
        namespace=settings.temporal_namespace,
    )
    started = await stack.enter_async_context(server)
    say(
        f"Temporal {started.version} on {started.address}, pages on http://127.0.0.1:{started.ui_port}"
    )
    return started.address


def _preferred(port: int) -> int:
    """The usual port, or any where it is taken."""
    import ports  # noqa: PLC0415  # As above.
    from residency.errors import UnavailableError  # noqa: PLC0415  # As above.

    try:
        return ports.free(port)
    except UnavailableError:
        return 0
