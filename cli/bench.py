"""`residency bench`: what a residency costs, beside a plain workflow that does as much."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, example, say, show, show_json, show_table

if TYPE_CHECKING:
    from bench.result import Result
    from bench.rounds import Tell

app = typer.Typer()


@app.callback(
    invoke_without_command=True, epilog=example("residency bench --journeys 4 --rounds 1")
)
def bench(
    context: typer.Context,
    *,
    journeys: Annotated[
        int, typer.Option(min=1, metavar="N", help="Residencies in each round.")
    ] = 20,
    concurrency: Annotated[
        int, typer.Option(min=1, metavar="C", help="Residencies under way at a time.")
    ] = 10,
    rounds: Annotated[
        int, typer.Option(min=1, metavar="R", help="Rounds of each side, in turns.")
    ] = 3,
    late: Annotated[
        bool, typer.Option("--late", help="Nobody acts before three reminders were due.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure nine-month residencies against a plain hand-written workflow, in turns.

    Both run on one Temporal server in memory, with two worker processes each; ours with its real
    database and real mail files, the plain one with neither. Nothing is left behind.
    """
    if context.invoked_subcommand:
        return
    from bench.rounds import Options, run  # noqa: PLC0415  # Help needs nothing.

    options = Options(journeys=journeys, concurrency=concurrency, rounds=rounds, late=late)
    with _progress() as tell:
        result = asyncio.run(run(options, tell=tell))
    if as_json:
        show_json(result)
    else:
        _show(result)
    if not result.verified:
        raise typer.Exit(1)


@app.command("mail", epilog=example("residency bench mail --mails 500"))
def mail(
    *,
    mails: Annotated[int, typer.Option(min=1, metavar="N", help="Mails to render.")] = 2000,
    as_json: Json = False,
) -> None:
    """Measure how fast complete mails are made, sent, and told of.

    They are made on one core: text, HTML and MIME; sent by one worker's threads through a provider
    that takes 50 ms for each; and told of by signed events in batches. Nothing leaves this machine.
    """
    from bench import posting  # noqa: PLC0415  # Help needs nothing.
    from bench.mail import LEAST, run  # noqa: PLC0415  # As above.
    from bench.usage import own_peak_rss_mb  # noqa: PLC0415  # As above.

    with _progress() as tell:
        made = run(mails=mails, tell=lambda done, of: tell("rendering", done, of))
        sent = posting.run(mails=mails, tell=lambda done, of: tell("sending", done, of))
    peak = round(own_peak_rss_mb(), 1)
    if as_json:
        show_json({**asdict(made), **asdict(sent), "peak_rss_mb": peak})
    else:
        show(
            f"{made.rendered_per_s:g} mails a second and core (allowed: {LEAST} or more); "
            f"the largest, {made.largest}, has {made.largest_kb:g} KB; "
            f"{made.compiled_s:g} s to compile every template once.\n"
            f"{sent.delivered_per_s:g} mails a second through a provider that takes "
            f"{posting.DELAY * 1000:g} ms, {sent.sent} in {sent.delivered_s:g} s; "
            f"{sent.webhook_events_per_s:g} events a second; peak memory {peak:g} MB"
        )
    if made.rendered_per_s < LEAST or sent.sent < mails // posting.A_POST * posting.A_POST:
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar on a terminal, a line for each part elsewhere; on standard error."""
    if not sys.stderr.isatty():
        told: list[str] = []

        def line(what: str, _done: int, _of: int) -> None:
            if told[-1:] != [what]:
                told.append(what)
                say(f"{what} ...")

        yield line
        return
    from rich.console import Console  # noqa: PLC0415  # As above.
    from rich.progress import Progress  # noqa: PLC0415  # As above.

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(
            task, description=what, completed=done, total=of or None
        )


def _show(result: Result) -> None:
    from bench.result import budgets  # noqa: PLC0415  # As above.

    ours, twin = result.cpu_s_per_journey, result.twin_cpu_s_per_journey
    show_table(
        ("A journey", "ours", "plain twin"),
        [
            ("journeys a second", result.journeys_per_s, result.twin_journeys_per_s),
            ("history events", result.history_events, result.twin_history_events),
            ("history bytes", result.history_bytes, result.twin_history_bytes),
            ("cloud actions", result.cloud_actions, result.twin_cloud_actions),
            *((f"CPU seconds, {name}", ours[name], twin[name]) for name in ours),
            ("CPU seconds in all", round(sum(ours.values()), 3), round(sum(twin.values()), 3)),
        ],
    )
    show(
        f"\n{result.human_steps} human steps, {result.rungs} rungs, {result.records} records, "
        f"{result.mails} mails, {result.moves} moves of the clock; "
        f"{result.rounds} rounds of {result.journeys}, {result.concurrency} at a time; "
        f"server {result.server_version}; peak memory {result.peak_rss_mb:g} MB\n"
    )
    show_table(
        ("Budget", "measured", "allowed", ""),
        [
            (one.name, one.measured, one.allowed, "✓" if one.kept else "over")
            for one in budgets(result)
        ],
    )
    if result.verified:
        show("\nVerified: everybody completed; every record and every mail is there exactly once.")
    else:
        show("\nNot verified: " + "; ".join(result.faults))
