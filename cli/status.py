"""`residency status`: where everybody is, or everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import (
    Json,
    Limit,
    count,
    example,
    first,
    heading,
    reading,
    say,
    show,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from residency.wire import View
    from store import Store
    from store.lists import ResidencyRow, Wait, Whole

app = typer.Typer()
FEW = 1000
"""So many ids are named in a query at most."""
SOME = 2
"""So many people are named in a list at most; `residency status ID` has all."""


@app.command(epilog=example("residency status", "residency status --json"))
def status(
    residency: Annotated[
        str,
        typer.Argument(metavar="[ID]", help="A residency, or its person's address; default: all."),
    ] = "",
    *,
    cohort: Annotated[str, typer.Option(help="Only this cohort: its name or id.")] = "",
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended, too.")] = False,
    rehearsals: Annotated[bool, typer.Option("--rehearsals", help="Rehearsals, too.")] = False,
    limit: Limit = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the running workflow of one, not the record.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show where everybody is: stage, next date, who is waited for and why; or everything about one.

    This reads the record, so it works without a server too.
    """
    from cli.lookup import cohort_of, open_store  # noqa: PLC0415  # Help needs nothing.
    from cli.usage import misused  # noqa: PLC0415  # As above.

    if live and not residency:
        raise misused("--live asks one residency; say which one: residency status ID --live")
    with open_store() as store:
        if live:
            _live(store, residency, as_json=as_json)
        elif residency:
            _one(store, residency, as_json=as_json)
        else:
            chosen = cohort_of(store, cohort).id if cohort else ""
            read = reading(limit, as_json=as_json)
            over = None if ended else False
            found = store.lists.residencies(
                cohort=chosen, ended=over, rehearsals=rehearsals, limit=read
            )
            if found or as_json:
                _all(store, first(found, read), as_json=as_json)
            else:
                _nobody(store, chosen, ended=ended, rehearsals=rehearsals)


# All


def _all(store: Store, rows: list[ResidencyRow], *, as_json: bool) -> None:
    # Asked for by their ids where these are few.
    waits = store.lists.waits([row.id for row in rows] if len(rows) <= FEW else None)
    if as_json:
        show_json([_as_json(row, waits.get(row.id, [])) for row in rows])
    else:
        _list(store, rows, waits)


def _as_json(row: ResidencyRow, waits: list[Wait]) -> dict[str, Any]:
    from cli.output import plain  # noqa: PLC0415  # Beside the rest of it.

    waits_for = [
        {"task": one.key, "due": one.due, "since": one.opened, "who": list(one.who)}
        for one in waits
    ]
    return {**plain(row), "waits_for": plain(waits_for)}


def _list(store: Store, rows: list[ResidencyRow], waits: dict[str, list[Wait]]) -> None:
    from cli.lookup import document_of  # noqa: PLC0415  # Help needs nothing.
    from cli.moments import column, due  # noqa: PLC0415  # As above.
    from residency.documents import zone_of  # noqa: PLC0415  # As above.

    documents = {one: document_of(store, one) for one in {row.definition for row in rows}}
    instants = [
        (None if row.ended else row.next_due or row.next_at, zone_of(documents[row.definition]))
        for row in rows
    ]
    title, dates = column("next date", instants, written=due)
    lines = []
    for row, next_date in zip(rows, dates, strict=True):
        state = f"{row.ended} ({row.stage})" if row.ended else row.stage
        waiting = _waiting(row, waits.get(row.id, []), documents[row.definition])
        lines.append((row.id, row.name, row.cohort_name, state, next_date, waiting))
    headings = ("residency", "name", "cohort", "stage", title, "waits for")
    show_table(headings, lines, spare=("cohort", "stage"))


def _waiting(row: ResidencyRow, waits: list[Wait], document: dict[str, Any]) -> str:
    """`Ines Duarte: Sign-off: Month 4, since 2026-05-29`: what is due first, and how much more."""
    from cli.moments import day  # noqa: PLC0415  # Help needs nothing.
    from residency.documents import task_title, zone_of  # noqa: PLC0415  # As above.

    if row.ended:
        return ""
    if not waits:
        return "nobody: it goes on by itself" if row.next_at else ""
    one = waits[0]
    names = ["themselves" if id_ == row.person else name for id_, name in one.who.items()]
    who = ", ".join(names[:SOME]) + (f" and {len(names) - SOME} more" if names[SOME:] else "")
    what = task_title(document, one.kind, item=one.item, round=one.round)
    since = day(one.opened, zone_of(document))
    more = f"; and {count(len(waits) - 1, 'more task')}" if waits[1:] else ""
    return f"{who or 'nobody'}: {what}, since {since}{more}"


def _nobody(store: Store, cohort: str, *, ended: bool, rehearsals: bool) -> None:
    """That nobody is shown, and how many the same command shows with an option that it lacks."""
    lacks = [] if ended else ["--ended"]
    lacks += [] if rehearsals or cohort else ["--rehearsals"]

    def shown(*options: str) -> int:
        over = None if ended or "--ended" in options else False
        others = rehearsals or "--rehearsals" in options
        return len(store.lists.residencies(cohort=cohort, ended=over, rehearsals=others))

    found = {option: number for option in lacks if (number := shown(option))}
    if not found and (number := shown(*lacks)):
        found = {" ".join(lacks): number}
    if found:
        (option, number), *more = found.items()
        told = [f"{count(number, 'residency is', 'residencies are')} shown with {option}"]
        told += [f"{number} with {option}" for option, number in more]
        say(f"Nobody to show; {', '.join(told)}.")
    elif cohort:
        say("Nobody is in this cohort yet: residency apply.")
    else:
        say("Nobody is here yet: residency cohort open PROGRAM NAME, then residency apply.")


# One


def _one(store: Store, residency: str, *, as_json: bool) -> None:
    from cli.lookup import residency_of  # noqa: PLC0415  # Help needs nothing.

    whole = residency_of(store, residency)
    if as_json:
        show_json(whole)
        return
    _head(store, whole)
    _tasks(store, whole)
    _people(whole)
    _decisions(store, whole)
    _meetings(store, whole)


def _head(store: Store, whole: Whole) -> None:
    row = whole.row
    document, zone = _document(store, whole)
    person = whole.people.get(row.person)
    heading(f"{row.name} ({row.id})")
    show(f"{document.get('program', {}).get('name', row.program)}, {row.cohort_name}")
    if person is not None:
        paused = f"; no mail goes there: {person.paused}" if person.paused else ""
        show(f"{person.email} ({row.person}){paused}")
    show(f"ended: {row.ended}, at {row.stage}" if row.ended else f"stage: {row.stage}")
    if row.first_day and row.last_day:
        show(f"first day {row.first_day}, last day {row.last_day}; times are {zone}")
    if row.held:
        ends = "" if row.ended else f": residency act resume {row.id}"
        show(f"notices are on hold{ends}")
    if held := len(store.outbox.list(residency=row.id, state="held")):
        show(f"{count(held, 'mail')} held: residency emails held --residency {row.id}")


def _tasks(store: Store, whole: Whole) -> None:
    from cli.moments import due, moment  # noqa: PLC0415  # Help needs nothing.
    from residency.documents import readable, task_title  # noqa: PLC0415  # As above.
    from residency.wire import State  # noqa: PLC0415  # As above.

    document, zone = _document(store, whole)
    still_open = [task for task in whole.tasks if task.state is State.OPEN]
    heading(f"\n{count(len(still_open), 'open task')}")
    rows = [
        (
            task.key,
            task_title(document, task.kind, item=task.item, round=task.round),
            due(task.due, zone),
            ", ".join(_name(whole, one) for one in task.waiting),
        )
        for task in still_open
    ]
    if rows:
        show_table(("task", "what", "due", "waits for"), rows)
    elif whole.row.next_at and not whole.row.ended:
        show(f"{readable(whole.row.stage)} goes on at {moment(whole.row.next_at, zone)}")


def _people(whole: Whole) -> None:
    active = [one for one in whole.appointments if one.active]
    if active:
        heading("\nPeople")
        rows = [(f"{one.role} {one.item}".strip(), _name(whole, one.person)) for one in active]
        show_table(("role", "who"), rows)


def _decisions(store: Store, whole: Whole) -> None:
    from cli.moments import moment  # noqa: PLC0415  # Help needs nothing.

    _, zone = _document(store, whole)
    if whole.decisions:
        heading("\nDecisions")
        rows = [
            (
                f"{one.stage} {one.item}".strip(),
                one.outcome,
                one.state,
                _name(whole, one.by) if one.by else "the program",
                moment(one.tells_at or one.at, zone),
            )
            for one in whole.decisions
        ]
        show_table(("at", "outcome", "state", "by", "when"), rows)


def _meetings(store: Store, whole: Whole) -> None:
    from cli.moments import moment  # noqa: PLC0415  # Help needs nothing.

    _, zone = _document(store, whole)
    if whole.meetings:
        heading("\nMeetings")
        rows = [
            (one.item, moment(one.at, zone), one.minutes, "canceled" if one.canceled else "")
            for one in whole.meetings
        ]
        show_table(("meeting", "when", "minutes", ""), rows)


def _document(store: Store, whole: Whole) -> tuple[dict[str, Any], str]:
    from cli.lookup import document_of  # noqa: PLC0415  # Help needs nothing.
    from residency.documents import zone_of  # noqa: PLC0415  # As above.

    document = document_of(store, whole.row.definition)
    return document, zone_of(document)


def _name(whole: Whole, person: str) -> str:
    found = whole.people.get(person)
    return found.name if found else person


# Live


def _live(store: Store, residency: str, *, as_json: bool) -> None:
    import asyncio  # noqa: PLC0415  # As above.

    from cli.lookup import residency_of  # noqa: PLC0415  # As above.

    whole = residency_of(store, residency)
    view = asyncio.run(_view(whole.row.id))
    if as_json:
        show_json(view)
        return
    _show_view(store, whole, view)


async def _view(residency: str) -> View:
    from residency.settings import load  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    house = House(load())
    return await house.residencies(await house.connect()).view(residency)


def _next(document: dict[str, Any], what: str, *, stage: str) -> str:
    """What happens next; a workflow of an older version does not say it."""
    from residency.documents import key_title, readable  # noqa: PLC0415  # As above.

    name, _, key = what.partition(" ")
    match name:
        case "mail":
            return ", mail goes out"
        case "reminder":
            return f", a reminder: {key_title(document, key)} ({key})"
        case "lapse":
            return f", {key_title(document, key)} lapses ({key})"
        case "stage":
            return f", {readable(stage)} goes on"
    return ""


def _show_view(store: Store, whole: Whole, view: View) -> None:
    from cli.moments import due, moment  # noqa: PLC0415  # As above.

    _, zone = _document(store, whole)
    heading(f"{whole.row.name} ({view.residency}), as the workflow says")
    show(f"ended: {view.ended}" if view.ended else f"stage: {view.stage}")
    show(f"its time is {moment(view.now, zone)} ({zone})")
    show(f"first day {view.first_day}, last day {view.last_day}")
    if view.next_at:
        document, _ = _document(store, whole)
        what = _next(document, view.next_what, stage=view.stage)
        show(f"next: {moment(view.next_at, zone)}{what}")
    show(
        f"{count(view.unrecorded, 'event')} not recorded, {count(view.unsent, 'mail')} not sent yet"
    )
    rows = [
        (task.key, due(task.due, zone), ", ".join(_name(whole, one) for one in task.who))
        for task in view.open
    ]
    if rows:
        show_table(("task", "due", "waits for"), rows)
