"""`residency demo`: a whole program in about a minute, in a data folder of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, example, show, show_json
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from rehearsal.driver import Options
    from rehearsal.summary import Summary
    from residency.settings import Settings

app = typer.Typer()
PROGRAM = "huggingface-ai-research-residency-2022"
FOLDER = Path("var/demo")
MARKER = "made-by-residency-demo"


@app.command(epilog=example("residency demo --exit"))
def demo(
    *,
    leave: Annotated[
        bool, typer.Option("--exit", help="End when the program has ended; leave nothing running.")
    ] = False,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Program days a second; default: all it can.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Watch a nine-month program run on a real Temporal server, in about a minute.

    People apply, are screened, interviewed, selected, onboarded, report every month, are late and
    reminded, present and complete. It has its own data folder, ./var/demo, which is emptied first.
    Without --exit it ends with their pages open in the web, and prints links to some of them; and
    to those of a second run, stopped midway, on whom something waits.
    """
    folder = (Path.cwd() / FOLDER).resolve()
    _empty(folder)
    asyncio.run(_demo(folder, leave=leave, speed=speed, as_json=as_json))


async def _demo(folder: Path, *, leave: bool, speed: float | None, as_json: bool) -> None:
    from cli.live import show_summary  # noqa: PLC0415  # Help needs nothing.
    from cli.output import console  # noqa: PLC0415  # As above.
    from cli.rehearsing import rehearsed  # noqa: PLC0415  # As above.
    from cli.running import running_house  # noqa: PLC0415  # As above.
    from cli.showing import open_door  # noqa: PLC0415  # As above.

    settings = _settings(folder)
    async with running_house(settings, own=True) as (house, client):
        summary = await rehearsed(house, client, _options(settings, speed), as_json=as_json)
        if as_json:
            show_json(summary)
        else:
            show_summary(console(), summary)
            _next(summary, leave=leave)
        if not leave:
            await open_door(house, client, summary, midway=not as_json)


def _settings(folder: Path) -> Settings:
    """Settings of the demo alone, also for the processes that it starts: no more."""
    from residency.settings import load  # noqa: PLC0415  # Help needs nothing.

    os.environ["RESIDENCY_DATA"] = str(folder)
    os.environ["RESIDENCY_DATABASE_URL"] = f"sqlite:///{folder / 'residency.db'}"
    os.environ["RESIDENCY_TEMPORAL_NAMESPACE"] = "default"
    os.environ["RESIDENCY_MAIL_TRANSPORT"] = "file"
    return load()


def _options(settings: Settings, speed: float | None) -> Options:
    from rehearsal.driver import Options  # noqa: PLC0415  # As above.
    from residency.settings import CHECKOUT  # noqa: PLC0415  # As above.

    cast = CHECKOUT / "programs" / "_house" / "casts" / "demo.yaml"
    program = CHECKOUT / "programs" / PROGRAM
    return Options(
        program=program if not (settings.programs / PROGRAM).is_dir() else PROGRAM,
        cast=cast if cast.is_file() else None,
        speed=speed,
    )


def _empty(folder: Path) -> None:
    """Empties the demo's own folder; one that it did not make is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise ResidencyError(
                f'"{folder}" is not empty and was not made by the demo, so it is left as it is; '
                "move it away, or start the demo in another folder."
            )
        _not_in_use(folder)
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("`residency demo` empties this folder when it starts.\n")
    except OSError as error:
        raise ResidencyError(f'"{folder}" can\'t be written: {error.strerror}.') from error


def _not_in_use(folder: Path) -> None:
    from server import running  # noqa: PLC0415  # Only where there was a demo before.

    if found := running(folder):
        raise ResidencyError(
            f"A demo runs there already (process {found.pid}, {found.address}); end it by Ctrl-C "
            f'first, or look at it: RESIDENCY_DATA="{folder}" residency status --rehearsals'
        )


def _next(summary: Summary, *, leave: bool) -> None:
    """What to look at next, as it can be typed."""
    data = f"RESIDENCY_DATA={FOLDER}"
    show()
    show(f"Mails      {summary.mail_folder}")
    show(f"Everybody  {data} residency status --rehearsals --ended")
    if summary.residencies:
        show(f"One        {data} residency timeline {summary.residencies[0]}")
    show(f"A mail     {data} residency emails list --rehearsals --notice offer")
    if leave:
        show("Go on      residency up, then residency cohort open PROGRAM NAME")
