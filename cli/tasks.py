"""`residency tasks`: what waits, for whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, Limit, example, first, plain, reading, say, show_json, show_table

if TYPE_CHECKING:
    from store import Store
    from store.lists import TaskRow

app = typer.Typer()


@app.command(epilog=example("residency tasks --for colette.moreau@example.org"))
def tasks(
    *,
    person: Annotated[
        str, typer.Option("--for", metavar="PERSON", help="Only what waits on them: id or address.")
    ] = "",
    cohort: Annotated[str, typer.Option(help="Only this cohort: its name or id.")] = "",
    residency: Annotated[str, typer.Option(metavar="ID", help="Only this residency.")] = "",
    rehearsals: Annotated[bool, typer.Option("--rehearsals", help="Rehearsals, too.")] = False,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Show what is open, what is due first at the top."""
    from cli.lookup import cohort_of, open_store, person_of, residency_of  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        row = cohort_of(store, cohort) if cohort else None
        if residency:
            residency = residency_of(store, residency).row.id
        scope = row.id if row and row.rehearsal else ""
        read = reading(limit, as_json=as_json)
        found = store.lists.tasks(
            person=person_of(store, person, rehearsal=scope).id if person else "",
            cohort=row.id if row else "",
            residency=residency,
            rehearsals=rehearsals,
            limit=read,
        )
        found = first(found, read)
        if as_json:
            show_json([{**plain(task), "waiting": task.waiting} for task in found])
        elif found:
            _list(store, found)
        else:
            say("Nothing waits.")


def _list(store: Store, found: list[TaskRow]) -> None:
    from cli.lookup import document_of, names_of  # noqa: PLC0415  # Help needs nothing.
    from cli.moments import column, due  # noqa: PLC0415  # As above.
    from residency.documents import task_title, zone_of  # noqa: PLC0415  # As above.

    names = names_of(store, sorted({one for task in found for one in task.waiting}))
    documents = {one: document_of(store, one) for one in {task.definition for task in found}}
    dues = [(task.due, zone_of(documents[task.definition])) for task in found]
    heading, days = column("due", dues, written=due)
    rows = []
    for task, day in zip(found, days, strict=True):
        document = documents[task.definition]
        what = task_title(document, task.kind, item=task.item, round=task.round)
        who = ", ".join(names[one] for one in task.waiting)
        rows.append((task.residency, task.resident_name, what, day, who, task.key))
    headings = ("residency", "about", "what", heading, "waits for", "task")
    show_table(headings, rows, spare=("task",))
