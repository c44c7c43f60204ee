"""Makes docs/demo.svg, the picture of the README: `python docs/picture.py`.

The demo's program is run on a real server, in a folder that is thrown away; a part of its log and its
summary are drawn as a terminal shows them.
"""

import asyncio
import io
import os
import re
import tempfile
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.demo import _options, _settings
from cli.live import LiveLog, show_summary
from cli.running import running_house
from leaving import run_main
from rehearsal.driver import Rehearsal

FOLDER = Path(__file__).resolve().parent
WIDTH = 116
SHOWN = {"application": 5, "interviews": 5, "offer": 6, "milestones": 16, "presentation": 5}
"""How many moments of a stage are in the picture; it shows no stage that is not here."""


async def rehearsed(folder: Path) -> tuple[list[Any], Any]:
    """All moments of the demo, and its summary."""
    settings = _settings(folder)
    moments: list[Any] = []
    async with running_house(settings, own=True) as (house, client):
        rehearsal = Rehearsal(
            store=house.store,
            intake=house.intake,
            residencies=house.residencies(client),
            client=client,
            programs=settings.programs,
            data=settings.data,
            options=_options(settings, None),
        )
        return moments, await rehearsal.run(moments.append)


def chosen(moments: list[Any]) -> list[list[Any]]:
    """A few moments of each stage, those that lie closest together."""
    found = []
    by_stage = sorted(
        moments, key=lambda one: list(SHOWN).index(one.stage) if one.stage in SHOWN else 99
    )
    for stage, group in groupby(by_stage, key=lambda one: one.stage):
        if stage in SHOWN:
            found.append(_densest(list(group), SHOWN[stage]))
    return found


def _densest(moments: list[Any], number: int) -> list[Any]:
    """So many in a row with the most people and the most different things, rare ones above all."""
    often = Counter(one.text for one in moments)
    places = range(max(1, len(moments) - number + 1))

    def variety(place: int) -> float:
        part = moments[place : place + number]
        return len({one.name for one in part}) + sum(
            2 / often[text] for text in {one.text for one in part}
        )

    place = max(places, key=variety)
    return moments[place : place + number]


def picture(moments: list[Any], summary: Any, *, zone: str) -> str:
    """The SVG; it loads nothing from elsewhere."""
    console = Console(
        record=True, force_terminal=True, width=WIDTH, file=io.StringIO(), color_system="truecolor"
    )
    console.print(Text("$ bin/demo", style="bold"))
    log = LiveLog(console, zone=zone)
    for part in chosen(moments):
        for moment in part:
            log.tell(moment)
        console.print(Text("  ...", style="dim"))
    show_summary(console, summary)
    svg = console.export_svg(title="bin/demo", unique_id="demo")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main() -> None:
    """Writes the picture beside this script."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        os.chdir(folder)
        moments, summary = asyncio.run(rehearsed(Path(folder) / "demo"))
        os.chdir(here)
    svg = picture(moments, summary, zone="Europe/Paris")
    (FOLDER / "demo.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
