"""The nouns of the command line, with their help: known without importing any of them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Noun:
    """`module` has a Typer `app`; `panel` is the heading in the list of commands."""

    module: str
    help: str
    panel: str


def _under(panel: str, **helps: str) -> dict[str, Noun]:
    """The nouns of a heading; the module of each has its name."""
    return {
        name: Noun(module=f"cli.{name}", help=text, panel=panel) for name, text in helps.items()
    }


NOUNS: Final = {
    **_under(
        "See it",
        demo="Watch a nine-month program run in about a minute.",
        rehearse="Run a program with made-up people on a clock of its own.",
    ),
    **_under(
        "Programs and people",
        program="List, check, show and schedule program definitions.",
        cohort="Open, list and show cohorts.",
        apply="Take an application, or a file of them.",
        status="Where everybody is, or everything about one.",
        timeline="What happened in a residency, and every mail.",
        tasks="What waits, for whom, until when.",
        act="Do something to residencies: decide, extend, sign off, ...",
        link="A link of somebody's to hand over, or the end of all.",
        emails="The mails: list, show, preview, hold, edit, send, discard.",
    ),
    **_under(
        "Run and look after",
        up="Run everything here: a Temporal server, a worker, the pages.",
        server="Run a Temporal dev server on the data folder.",
        worker="Run a worker; the same as `python worker.py`.",
        web="Serve people's pages, and what a mail provider calls.",
        doctor="Say what works, what does not, and what to do.",
        bench="Measure against a plain hand-written workflow.",
    ),
}
