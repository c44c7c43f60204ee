"""`residency link`: a link of somebody's, to hand over when their mail is lost; or the end of all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, example, say, show, show_json
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from store import Store
    from store.people import Person
    from web.links import Links

app = typer.Typer()
HERE = "http://127.0.0.1:8000"
"""Where `residency web` and `residency up` serve the pages, unless told otherwise."""


@app.command(epilog=example("residency link colette.moreau@example.org"))
def link(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id or address.")],
    *,
    task: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="RESIDENCY TASK", help="To one task; `residency tasks` has its key."),
    ] = None,
    calendar: Annotated[bool, typer.Option("--calendar", help="To their calendar.")] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="End all links of theirs, instead of giving one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a link of somebody's: to their page, to one task, or to their calendar.

    Whoever has it can act in their name, so give it to nobody else.
    With --revoke all links that they have end at once; those in later mails work.
    """
    from residency.settings import load  # noqa: PLC0415  # Help needs nothing.
    from wiring import House  # noqa: PLC0415  # As above.

    if task and calendar:
        raise ResidencyError("--task and --calendar are two links; ask for one of them.")
    if revoke and (task or calendar):
        raise ResidencyError(
            "--revoke ends all links of somebody; leave --task and --calendar out."
        )
    house = House(load())
    try:
        someone = _person(house.store, person)
        if revoke:
            _revoke(house.store, someone, as_json=as_json)
            return
        address = _address(house.links, house.store, someone, task, calendar=calendar)
    finally:
        house.store.close()
    if not house.links.base:
        address = HERE + address
        say(f"RESIDENCY_PUBLIC_URL is not set; this is for `residency web` on {HERE}.")
    if as_json:
        show_json({"person": someone.id, "link": address})
    else:
        show(address)


def _address(
    links: Links, store: Store, person: Person, task: tuple[str, str] | None, *, calendar: bool
) -> str:
    if calendar:
        return links.calendar(person.id)
    if task is None:
        return links.person(person.id)
    residency, key = task
    found = [
        one for one in store.lists.tasks(residency=residency, open_only=False) if one.key == key
    ]
    if not found:
        raise ResidencyError(
            f'"{residency}" has no task "{key}"; `residency tasks --residency {residency}` lists '
            "what is open."
        )
    if person.id not in found[0].who:
        names = ", ".join(one.name for one in store.people.many(found[0].who).values()) or "nobody"
        raise ResidencyError(f'"{key}" is not for {person.name}; it is for: {names}.')
    return links.task(residency, key, person.id)


def _revoke(store: Store, person: Person, *, as_json: bool) -> None:
    ended = store.grants.revoke(person.id, at=datetime.now(UTC))
    if as_json:
        show_json({"person": person.id, "revoked": ended})
    else:
        show(f"{person.name}: {ended} {'link' if ended == 1 else 'links'} ended.")


def _person(store: Store, text: str) -> Person:
    """Somebody by id or address; a rehearsal's people too, where nobody else has the address."""
    from cli.lookup import person_of  # noqa: PLC0415  # Help needs nothing.

    found = store.people.all_by_email(text) if "@" in text else []
    if not found:
        return person_of(store, text)
    real = [one for one in found if not one.rehearsal]
    if len(found) > 1 and not real:
        ids = ", ".join(f"{one.id} ({one.rehearsal})" for one in found)
        raise ResidencyError(
            f'"{text}" is somebody in several rehearsals: {ids}. Give one of these ids.'
        )
    return (real or found)[0]
