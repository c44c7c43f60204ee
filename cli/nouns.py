"""The nouns of the command line, with their help: known without importing any of them."""

from dataclasses import dataclass
from typing import Final

BEGIN = "See it"
RUN = "Programs and people"
SERVE = "Run and look after"


@dataclass(frozen=True, kw_only=True)
class Noun:
    """`module` has a Typer `app`; `panel` is the heading in the list of commands."""

    module: str
    help: str
    panel: str


NOUNS: Final = {
    "demo": Noun(
        module="cli.demo",
        help="Watch a nine-month program run in about a minute.",
        panel=BEGIN,
    ),
    "rehearse": Noun(
        module="cli.rehearse",
        help="Run a program with made-up people on a clock of its own.",
        panel=BEGIN,
    ),
    "program": Noun(
        module="cli.program",
        help="List, check, show and schedule program definitions.",
        panel=RUN,
    ),
    "cohort": Noun(module="cli.cohort", help="Open, list and show cohorts.", panel=RUN),
    "apply": Noun(module="cli.apply", help="Take an application, or a file of them.", panel=RUN),
    "status": Noun(
        module="cli.status", help="Where everybody is, or everything about one.", panel=RUN
    ),
    "timeline": Noun(
        module="cli.timeline", help="What happened in a residency, and every mail.", panel=RUN
    ),
    "tasks": Noun(module="cli.tasks", help="What waits, for whom, until when.", panel=RUN),
    "act": Noun(
        module="cli.act",
        help="Do something to residencies: decide, extend, sign off, ...",
        panel=RUN,
    ),
    "link": Noun(
        module="cli.link", help="A link of somebody's to hand over, or the end of all.", panel=RUN
    ),
    "emails": Noun(
        module="cli.emails",
        help="The mails: list, show, preview, hold, edit, send, discard.",
        panel=RUN,
    ),
    "up": Noun(
        module="cli.up",
        help="Run everything here: a Temporal server, a worker, the pages.",
        panel=SERVE,
    ),
    "server": Noun(
        module="cli.server", help="Run a Temporal dev server on the data folder.", panel=SERVE
    ),
    "worker": Noun(
        module="cli.worker", help="Run a worker; the same as `python worker.py`.", panel=SERVE
    ),
    "web": Noun(
        module="cli.web", help="Serve people's pages, and what a mail provider calls.", panel=SERVE
    ),
    "doctor": Noun(
        module="cli.doctor", help="Say what works, what does not, and what to do.", panel=SERVE
    ),
    "bench": Noun(
        module="cli.bench", help="Measure against a plain hand-written workflow.", panel=SERVE
    ),
}
