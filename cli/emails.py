"""`residency emails`: the mails, what became of them, and what they say."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import mailing, reviewing
from cli.output import Json, count, example, plain, say, show, show_json, show_table
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from store import Store
    from store.mails import Mail

app = typer.Typer(
    no_args_is_help=True,
    help="The mails: list, show, preview, and hold, edit, send or discard them.",
)


@app.command("list", epilog=example("residency emails list --notice offer"))
def list_mails(
    *,
    residency: Annotated[str, typer.Option(metavar="ID", help="Only about this residency.")] = "",
    cohort: Annotated[str, typer.Option(help="Only of this cohort: its name or id.")] = "",
    notice: Annotated[str, typer.Option(help="Only this notice, such as `offer`.")] = "",
    state: Annotated[
        str, typer.Option(help="Only in this state: queued, sent, held, skipped, failed, unknown.")
    ] = "",
    rehearsals: Annotated[bool, typer.Option("--rehearsals", help="Rehearsals, too.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="The newest so many; 0 is all.")] = 0,
    as_json: Json = False,
) -> None:
    """List the mails, oldest first."""
    from cli.lookup import cohort_of, open_store  # noqa: PLC0415  # Help needs nothing.

    _check(notice, state)
    with open_store() as store:
        found = store.outbox.list(
            residency=residency,
            cohort=cohort_of(store, cohort).id if cohort else "",
            notice=notice,
            state=state,
            rehearsals=rehearsals,
            limit=limit or None,
        )
        if as_json:
            show_json([{"key": one.key, **plain(one)} for one in found])
        elif found:
            _list(store, found)
        else:
            say("No mail to show.")


@app.command("show", epilog=example("residency emails show m-2x5jq7"))
def show_mail(
    mail: Annotated[str, typer.Argument(metavar="KEY|FILE", help="A mail's key, or an .eml file.")],
    *,
    html: Annotated[bool, typer.Option("--html", help="The HTML part.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The file as it is.")] = False,
) -> None:
    """Show what a mail says: a few headers and its text."""
    if Path(mail).is_file():
        octets = Path(mail).read_bytes()
    else:
        octets = reviewing.drafted(mail) or _file_of(mail).read_bytes()
    if raw:
        show(octets.decode(errors="replace"))
        return
    message = email.message_from_bytes(octets, policy=email.policy.default)
    part = message.get_body(preferencelist=("html",) if html else ("plain", "html"))
    if not html:
        for name in ("Date", "From", "To", "Reply-To", "Subject"):
            if message[name]:
                show(f"{name}: {message[name]}")
        show()
    show(str(part.get_content()).rstrip() if part else "")


def _check(notice: str, state: str) -> None:
    """A name that no mail can have gets a sentence, not an empty list."""
    if notice:
        from residency.notices import notice_named  # noqa: PLC0415  # Help needs nothing.

        notice_named(notice)
    if state:
        from store.posting import MailState  # noqa: PLC0415  # As above.

        allowed = [one.value for one in MailState]
        if state not in allowed:
            raise ResidencyError(f'"{state}" is no state of a mail; allowed: {", ".join(allowed)}.')


def _list(store: Store, found: list[Mail]) -> None:
    from cli.lookup import document_of, names_of  # noqa: PLC0415  # Help needs nothing.
    from cli.moments import column  # noqa: PLC0415  # As above.
    from residency.documents import zone_of  # noqa: PLC0415  # As above.

    names = names_of(store, {one.receiver for one in found})
    definitions = {row.id: row.definition for row in store.cohorts.list(rehearsals=True)}
    zones = {id_: zone_of(document_of(store, one)) for id_, one in definitions.items()}
    title, times = column("at", [(one.at, zones.get(one.cohort, "")) for one in found])
    rows = [
        (
            one.key,
            at,
            one.notice,
            names[one.receiver],
            _state(one, zones.get(one.cohort, "")),
            one.line,
        )
        for one, at in zip(found, times, strict=True)
    ]
    show_table(("key", title, "notice", "to", "state", "subject"), rows)


def _state(one: Mail, zone: str) -> str:
    """Its state, and what explains it."""
    if one.not_before is not None and one.state == "queued":
        from cli.moments import moment  # noqa: PLC0415  # As above.

        return f"queued until {moment(one.not_before, zone)}"
    reason = one.skip or one.detail
    return f"{one.state}: {reason}" if reason else str(one.state)


def _file_of(key: str) -> Path:
    """The file of a mail; a beginning of its key is enough."""
    from cli.lookup import open_store  # noqa: PLC0415  # Help needs nothing.
    from residency.settings import load  # noqa: PLC0415  # As above.

    with open_store() as store:
        row = row_of(store, key)
    folder = load().data
    if row.path and Path(row.path).is_file():
        return Path(row.path)
    found = sorted(folder.rglob(f"mail/*-{row.message_id[1:9]}.eml")) if row.message_id else []
    if not found:
        raise ResidencyError(
            f'The mail "{key}" ({row.notice}) is {row.state}; under {folder} is no file of it.'
        )
    return found[0]


def row_of(store: Store, key: str) -> Mail:
    """A mail by its key, or by a beginning of it that only one has."""
    return store.outbox.get(key) or _beginning(store, key)


def _beginning(store: Store, key: str) -> Mail:
    found = [one for one in store.outbox.list(rehearsals=True) if one.key.startswith(key)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ResidencyError(
            f'"{key}" is the beginning of {count(len(found), "mail")}; write more.'
        )
    raise ResidencyError(
        f'"{key}" is neither a file nor a mail\'s key; `residency emails list` shows the keys.'
    )


for _name, (_command, _epilog) in {**mailing.COMMANDS, **reviewing.COMMANDS}.items():
    app.command(_name, epilog=_epilog)(_command)
