"""`residency tasks`: what waits, for whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, example, plain, say, show_json, show_table

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
    as_json: Json = False,
) -> None:
    """Show what is open, what is due first at the top."""
    from cli.lookup import cohort_of, open_store, residency_of  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        row = cohort_of(store, cohort) if cohort else None
        if residency:
            residency = residency_of(store, residency).row.id
        found = _found(
            store,
            person,
            cohort=row.id if row else "",
            scope=row.id if row and row.rehearsal else "",
            residency=residency,
            rehearsals=rehearsals,
        )
        if as_json:
            show_json([{**plain(task), "waiting": task.waiting} for task in found])
        elif found:
            _list(store, found)
        else:
            say("Nothing waits.")


def _found(
    store: Store, person: str, *, cohort: str, scope: str, residency: str, rehearsals: bool
) -> list[TaskRow]:
    from cli.lookup import person_of  # noqa: PLC0415  # Help needs nothing.

    asked = person_of(store, person, rehearsal=scope).id if person else ""
    return store.lists.tasks(
        person=asked, cohort=cohort, residency=residency, rehearsals=rehearsals
    )


def _list(store: Store, found: list[TaskRow]) -> None:
    from cli.lookup import document_of, names_of, zone_of  # noqa: PLC0415  # Help needs nothing.
    from cli.moments import column, due  # noqa: PLC0415  # As above.
    from residency.documents import task_title  # noqa: PLC0415  # As above.

    names = names_of(store, sorted({one for task in found for one in task.waiting}))
    documents = [document_of(store, task.definition) for task in found]
    zones = [zone_of(document) for document in documents]
    dues = [(task.due, zone) for task, zone in zip(found, zones, strict=True)]
    heading, days = column("due", dues, written=due)
    rows = []
    for task, document, day in zip(found, documents, days, strict=True):
        what = task_title(document, task.kind, item=task.item, round=task.round)
        who = ", ".join(names[one] for one in task.waiting)
        rows.append((task.residency, task.resident_name, what, day, who, task.key))
    show_table(("residency", "about", "what", heading, "waits for", "task"), rows)
