"""`residency doctor`: settings, data folder, server, database, mail: what works and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from cli.diagnosis import BROKEN, MARKS, NOTE, WORKS, Finding
from cli.output import Json, count, example, show, show_json
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from pathlib import Path

    from residency.settings import Settings

app = typer.Typer()
LITTLE = 500 * 1024 * 1024
"""Bytes; with less free space a year of records and mails may not fit."""

UNDELIVERED = {
    "failed": (
        "was not sent",
        "were not sent",
        "correct the address (act correct-address) or the transport, then emails resend, or settle",
    ),
    "unknown": (
        "may or may not have been sent",
        "may or may not have been sent",
        "ask its receiver, then emails settle --sent, emails resend, or emails settle --lost",
    ),
    "held": (
        "waits for a review",
        "wait for a review",
        "then residency emails send, edit or discard",
    ),
    "over": (
        "held is about a residency that has ended: nothing sends it by itself",
        "held are about residencies that have ended: nothing sends them by itself",
        "then residency emails send or discard each",
    ),
    "sending": (
        "has been on its way for long: whoever sent it is gone",
        "have been on their way for long: whoever sent them is gone",
        "the worker takes up most; ask the receiver of one that stays, then emails send",
    ),
    "overdue": (
        "is a digest whose time is long past",
        "are digests whose time is long past",
        "then residency emails send, or discard what is no news any more",
    ),
}
"""What is said of mails in states that a person must end, and what to do."""


@app.command(epilog=example("residency doctor"))
def doctor(*, as_json: Json = False) -> None:
    """Look at everything that is needed, and say what to do. Exits 1 where something is broken.

    Nothing is started, changed or mailed.
    """
    found = list(_findings())
    if as_json:
        show_json(found)
    else:
        for one in found:
            show(f"{MARKS[one.state]} {one.about}: {one.said}")
            if one.todo:
                for line in one.todo.splitlines():
                    show(f"{'':8}{line}")
    if any(one.state == BROKEN for one in found):
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    from cli.connected import temporal  # noqa: PLC0415  # Help needs nothing.
    from residency.settings import load, unknown  # noqa: PLC0415  # As above.

    try:
        settings = load()
    except ResidencyError as error:
        yield Finding(about="settings", state=BROKEN, said=str(error), todo="See docs/settings.md.")
        return
    yield from _settings(settings, unknown())
    looks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("programs", _programs),
        ("data folder", _data),
        ("database", _database),
        ("Temporal", temporal),
        ("mail", _mail),
        ("mail", _undelivered),
    )
    for about, look in looks:
        try:
            yield from look(settings)
        except ResidencyError as error:
            yield Finding(about=about, state=BROKEN, said=str(error))


def _settings(settings: Settings, unknown: list[str]) -> Iterator[Finding]:
    given = sorted(f"RESIDENCY_{name.upper()}" for name in settings.model_fields_set)
    said = f"{', '.join(given)} set" if given else "all at their defaults"
    yield Finding(about="settings", state=WORKS, said=said)
    for sentence in unknown:
        yield Finding(about="settings", state=NOTE, said=sentence, todo="See docs/settings.md.")


def _programs(settings: Settings) -> Iterator[Finding]:
    from residency.definition import program_ids  # noqa: PLC0415  # Help needs nothing.

    ids = program_ids(settings.programs)
    if ids:
        said = f"{len(ids)} in {settings.programs}"
        yield Finding(about="programs", state=WORKS, said=said)
    else:
        yield Finding(
            about="programs",
            state=BROKEN,
            said=f"there is none in {settings.programs}",
            todo="Set RESIDENCY_PROGRAMS to a folder of programs; see docs/programs.md.",
        )


def _data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.resolve()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not _takes_folders(there):
        yield Finding(
            about="data folder",
            state=BROKEN,
            said=f'"{there}" can\'t be written',
            todo="Allow this user to write it, or set RESIDENCY_DATA to another folder.",
        )
        return
    free = shutil.disk_usage(there).free
    made = "" if folder.exists() else " (made when it is first needed)"
    little = free < LITTLE
    yield Finding(
        about="data folder",
        state=NOTE if little else WORKS,
        said=f"{folder}{made}, {free / 1024**3:.1f} GiB free",
        todo="Free some space: a full disk stops everything." if little else "",
    )


def _takes_folders(there: Path) -> bool:
    """Whether a folder can be made there; permissions alone don't tell, as in `/proc`."""
    try:
        with TemporaryDirectory(dir=there, prefix=".residency-"):
            return True
    except OSError:
        return False


def _database(settings: Settings) -> Iterator[Finding]:
    from store import Store  # noqa: PLC0415  # Slow to import.
    from store.schema import HEAD, version  # noqa: PLC0415  # As above.

    store = Store(settings.database)
    try:
        at = version(store.database)
        waiting = len(store.clicks.waiting()) if at == HEAD else 0
    finally:
        store.close()
    yield _tables(store.database.name, at=at, head=HEAD)
    if waiting:
        yield _unconfirmed(settings, waiting)


def _unconfirmed(settings: Settings, number: int) -> Finding:
    """What people did and nobody answered: only a worker sends it again."""
    from cli.connected import is_carried  # noqa: PLC0415  # Only where something waits.
    from worker import RESENDING  # noqa: PLC0415  # As above.

    them = "it" if number == 1 else "them"
    todo = f"A worker sends {them} again; start one: residency worker (or residency up)"
    if is_carried(settings):
        todo = f"The worker that runs sends {them} again within {RESENDING / 60:g} minutes."
    taken = count(number, "action was", "actions were")
    said = f"{taken} taken and not confirmed yet"
    return Finding(about="database", state=NOTE, said=said, todo=todo)


def _tables(name: str, *, at: str, head: str) -> Finding:
    """Whether the tables are those of this program."""
    state, todo = NOTE, "Any command that reads brings it up: residency status (make a copy before)"
    said = f"{name} is at version {at}; this program needs {head}"
    if at == head:
        state, said, todo = WORKS, f"{name}, version {at}", ""
    elif at == "":
        said = f"{name} has no tables yet"
        todo = "The first command that needs them makes them: residency up"
    elif at > head:
        state, todo = BROKEN, "It was made by a newer version of this program; use that one."
    return Finding(about="database", state=state, said=said, todo=todo)


def _mail(settings: Settings) -> Iterator[Finding]:
    kind = settings.mail_transport
    if kind in ("file", "recording"):
        folder = (settings.data / "mail").resolve()
        said = f"written as files to {folder}; nobody is sent anything"
        yield Finding(about="mail", state=WORKS, said=said)
        return
    missing = {"smtp": settings.smtp_url, "sendgrid": settings.sendgrid_api_key}[kind] is None
    name = {"smtp": "RESIDENCY_SMTP_URL", "sendgrid": "RESIDENCY_SENDGRID_API_KEY"}[kind]
    if missing:
        yield Finding(
            about="mail",
            state=BROKEN,
            said=f"by {kind}, but {name} is not set",
            todo=f"Set {name}.",
        )
        return
    live = (
        "to real receivers" if settings.mail_live else "not live: only allowed addresses get mail"
    )
    yield Finding(about="mail", state=WORKS, said=f"by {kind}, from {settings.mail_from}, {live}")


def _undelivered(settings: Settings) -> Iterator[Finding]:
    """Mails that wait for a person; rehearsals have their own."""
    from mail.fate import ABANDONED  # noqa: PLC0415  # As above.
    from store import Store  # noqa: PLC0415  # As above.
    from store.schema import HEAD, version  # noqa: PLC0415  # As above.
    from store.stuck import left_mails  # noqa: PLC0415  # As above.

    store = Store(settings.database)
    try:
        now = datetime.now(UTC)
        counts = (
            store.mailbox.waiting()
            | left_mails(store.database, now=now, claimed_before=now - ABANDONED)
            if version(store.database) == HEAD
            else {}
        )
    finally:
        store.close()
    if over := counts.get("over", 0):  # They are held, too, and said once.
        counts["held"] = counts.get("held", 0) - over
    for state, (one, several, todo) in UNDELIVERED.items():
        if number := counts.get(state, 0):
            said = f"1 mail {one}" if number == 1 else f"{number} mails {several}"
            listed = {"overdue": "queued"}.get(state, state)
            see = f"residency emails {'held' if state == 'over' else f'list --state {listed}'}"
            yield Finding(about="mail", state=NOTE, said=said, todo=f"{see}; {todo}")
