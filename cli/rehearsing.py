"""What `rehearse` and `demo` have in common: a rehearsal with its log and its summary."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console

from cli.live import LiveLog
from rehearsal.driver import Options, Rehearsal
from rehearsal.summary import Summary
from residency.definition import load as load_definition

if TYPE_CHECKING:
    from temporalio.client import Client

    from wiring import House


async def rehearsed(
    house: House, client: Client, options: Options, *, as_json: bool = False
) -> Summary:
    """Runs a rehearsal and shows it on standard output; with `as_json` only its progress is shown,
    on standard error, where that is a terminal.
    """
    settings = house.settings
    rehearsal = Rehearsal(
        store=house.store,
        intake=house.intake,
        residencies=house.residencies(client),
        client=client,
        programs=settings.programs,
        data=settings.data,
        options=options,
    )
    definition = load_definition(options.program, settings.programs, forms=False)
    zone = definition.program.time_zone or "UTC"
    with LiveLog(log_console(as_json=as_json), zone=zone, quiet=as_json) as log:
        return await rehearsal.run(log.tell)


def log_console(*, as_json: bool) -> Console:
    """Where a person watches: standard output, unless that is for a program."""
    file = sys.stderr if as_json else sys.stdout
    return Console(file=file, highlight=False, emoji=False, markup=False)
