"""`residency worker`: carries residencies, their record and their mail, until it is ended."""

from typing import Annotated

import typer

from cli.output import example
from cli.usage import misused, near, quoted

app = typer.Typer()


@app.command(epilog=example("residency worker"))
def worker(
    only: Annotated[
        str, typer.Option(metavar="PART", help="Only `workflows` (with records) or only `mail`.")
    ] = "",
) -> None:
    """Run a worker until Ctrl-C; as many as wanted, on as many machines.

    Mail has a process of its own, which is started and watched from here.
    """
    import asyncio  # noqa: PLC0415  # Help needs nothing.

    import worker as working  # noqa: PLC0415  # As above.

    if only not in ("", *working.ONLY):
        hint = near(only, working.ONLY) or f"; allowed: {', '.join(working.ONLY)}."
        raise misused(f"{quoted(only)} is no part of a worker{hint}")
    asyncio.run(working.main(only=only))
