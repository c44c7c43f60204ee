"""`residency timeline`: what happened in a residency and what was mailed, in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Json, example, plain, show_json, show_table

if TYPE_CHECKING:
    from store import Store
    from store.lists import Moment, Whole

app = typer.Typer()


@app.command(epilog=example("residency timeline r-7f3akq2m"))
def timeline(
    residency: Annotated[
        str, typer.Argument(metavar="ID", help="A residency, or its person's address.")
    ],
    *,
    mails: Annotated[bool, typer.Option(help="The mails, too.")] = True,
    as_json: Json = False,
) -> None:
    """Show the record of a residency and its mails, oldest first."""
    from cli.lookup import open_store, residency_of  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        whole = residency_of(store, residency)
        moments = [one for one in store.lists.timeline(whole.row.id) if mails or one.event]
        if as_json:
            show_json([_as_json(one) for one in moments])
        else:
            _list(store, whole, moments)


def _as_json(one: Moment) -> dict[str, Any]:
    kind = "event" if one.event else "mail"
    found: dict[str, Any] = plain(one.event or one.mail)
    return {"kind": kind, **found}


def _list(store: Store, whole: Whole, moments: list[Moment]) -> None:
    from cli.lookup import document_of, names_of  # noqa: PLC0415  # Help needs nothing.
    from cli.moments import column  # noqa: PLC0415  # As above.
    from cli.telling import sentence  # noqa: PLC0415  # As above.
    from residency.documents import zone_of  # noqa: PLC0415  # As above.

    document = document_of(store, whole.row.definition)
    zone = zone_of(document)
    names = names_of(store, sorted(_people(moments)))

    def name(person: str) -> str:
        return names.get(person) or person

    texts = {each.id: each.text for each in store.submissions.of(whole.row.id) if each.text}
    rows = []
    for one in moments:
        if one.event is not None:
            told = sentence(one.event, name=name, document=document, zone=zone)
            why = texts.get(one.event.submission)
            rows.append(("", f'{told}: "{why}"' if why else told))
        elif one.mail is not None:
            told = f"{one.mail.notice} to {name(one.mail.receiver)}"
            line = f": {one.mail.line}" if one.mail.line else ""
            state = "" if one.mail.state == "sent" else f" ({one.mail.state})"
            rows.append(("mail", f"{told}{line}{state}"))
    heading, times = column("when", [(one.at, zone) for one in moments])
    show_table((heading, "", "what"), [(at, *row) for at, row in zip(times, rows, strict=True)])


def _people(moments: list[Moment]) -> set[str]:
    """Everybody whom the moments name."""
    found = set()
    for one in moments:
        if one.mail is not None:
            found.add(one.mail.receiver)
        if one.event is not None:
            found |= {one.event.actor, one.event.name_of}
            for key in ("who", "to", "by", "person"):
                found |= set(str(one.event.data.get(key) or "").split(","))
    return found - {""}
