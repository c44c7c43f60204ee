"""`residency rehearse`: a program from the first application to the end, on a clock of its own."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, example, say, show_json

if TYPE_CHECKING:
    from rehearsal.driver import Options
    from rehearsal.summary import Summary

app = typer.Typer()


@app.command(epilog=example("residency rehearse apple-aiml-internship --discard"))
def rehearse(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="An id, or a folder.")],
    *,
    cohort: Annotated[
        str, typer.Option(metavar="NAME", help="With the dates and seats of this cohort.")
    ] = "",
    people: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who applies; default: twelve made-up people."),
    ] = None,
    cast: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who does what when; default: all, at once.")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The first day."),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Days a second; default: as fast as it goes.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Stop on this day."),
    ] = None,
    discard: Annotated[
        bool, typer.Option("--discard", help="Delete an earlier rehearsal of it first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Rehearse a program: the same workflows and mails, on a clock that is moved.

    Its mails are files, dated in rehearsed time, and no list shows its people unless asked. A
    rehearsal that was broken off goes on where it was.
    """
    from rehearsal.driver import Options  # noqa: PLC0415  # Help needs nothing.

    options = Options(
        program=program,
        cohort=cohort or None,
        people=people,
        cast=cast,
        start=_day(start),
        speed=speed,
        until=_day(until),
        discard=discard,
    )
    try:
        summary = asyncio.run(_rehearse(options, as_json=as_json))
    except KeyboardInterrupt:
        same = "the same command without --discard" if discard else "the same command"
        say(f"Broken off; {same} goes on{'' if discard else ', --discard begins anew'}.")
        raise
    if as_json:
        show_json(summary)
    else:
        _show(summary)


def _show(summary: Summary) -> None:
    from cli.live import show_summary  # noqa: PLC0415  # As above.
    from cli.output import console  # noqa: PLC0415  # As above.

    show_summary(console(), summary)
    say(f"\nMails    {summary.mail_folder}")
    if summary.residencies:
        say(f"Next     residency timeline {summary.residencies[0]}")


async def _rehearse(options: Options, *, as_json: bool) -> Summary:
    from cli.rehearsing import rehearsed  # noqa: PLC0415  # As above.
    from cli.running import running_house  # noqa: PLC0415  # As above.
    from rehearsal.scene import scene  # noqa: PLC0415  # As above.
    from rehearsal.script import read_script  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.

    settings = load()
    # Before anything is started for it.
    script = read_script(
        options.program, settings.programs, people=options.people, cast=options.cast
    )
    scene(script, options)
    async with running_house(settings) as (house, client):
        return await rehearsed(house, client, options, as_json=as_json)


def _day(day: datetime | None) -> date | None:
    return day.date() if day else None
