"""`residency emails`: the mails, what became of them, and what they say."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import fate, holding, mailing, readdressing, reviewing
from cli.output import PAGE, Json, Limit, example, plain, say, show, show_json, show_table
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from store import Store
    from store.mailbox import Entry

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
        str,
        typer.Option(
            help="Only in this state: held, queued, sending, sent, failed, unknown, skipped or discarded."
        ),
    ] = "",
    rehearsals: Annotated[bool, typer.Option("--rehearsals", help="Rehearsals, too.")] = False,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List the newest mails, oldest first."""
    from cli.lookup import cohort_of, open_store  # noqa: PLC0415  # Help needs nothing.

    _check(notice, state)
    with open_store() as store:
        only: dict[str, Any] = {
            "residency": residency,
            "cohort": cohort_of(store, cohort).id if cohort else "",
            "notice": notice,
            "state": state,
            "rehearsals": rehearsals,
        }
        if as_json:
            rows = store.outbox.list(**only, limit=limit or None)
            show_json([{"key": one.key, **plain(one)} for one in rows])
            return
        found, there_are = store.mailbox.newest(
            **only, limit=(PAGE if limit is None else limit) or None
        )
        if len(found) < there_are:
            say(f"The newest {len(found)} of {there_are} mails; --limit 0 shows all.")
        if found:
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
    """Show what became of a mail, by us, its provider and people; then a few headers and its text."""
    octets: bytes | None
    if Path(mail).is_file():
        octets = Path(mail).read_bytes()
    else:
        octets = fate.shown(mail, tell=say if raw or html else show)
    if octets is None:
        return
    message = email.message_from_bytes(octets, policy=email.policy.default)
    if not message["From"]:  # Every mail has it; any other text is parsed without complaint.
        raise ResidencyError(f'"{mail}" is no mail; give an .eml file or the key of one.')
    if raw:
        show(octets.decode(errors="replace"))
        return
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
            from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

            hint = did_you_mean(state, allowed) or f"; allowed: {', '.join(allowed)}."
            raise ResidencyError(f'"{state}" is no state of a mail{hint}')


def _list(store: Store, found: list[Entry]) -> None:
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
    headings = ("key", title, "notice", "to", "state", "subject")
    # What still waits has no subject yet; its notice says what it is.
    show_table(headings, rows, spare=(title, "subject"))


def _state(one: Entry, zone: str) -> str:
    """Its state, what its provider said of it, and what explains it."""
    if one.not_before is not None and one.state == "queued":
        from cli.moments import moment  # noqa: PLC0415  # As above.

        return f"queued until {moment(one.not_before, zone)}"
    state = str(one.state) if one.delivery == "none" else f"{one.state}, {one.delivery}"
    reason = one.skip or one.detail
    return f"{state}: {reason}" if reason else state


for _name, (_command, _epilog) in {
    **mailing.COMMANDS,
    **holding.COMMANDS,
    **reviewing.COMMANDS,
    **fate.COMMANDS,
    **readdressing.COMMANDS,
}.items():
    app.command(_name, epilog=_epilog)(_command)
