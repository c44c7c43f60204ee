"""`residency emails show | settle`: what became of one mail, and how a person ends what stays open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import example, say
from cli.reviewing import As, Key, desk_of, who_of
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from datetime import datetime

    from mail.byhand import ByHand
    from mail.message import Mail
    from store import Store
    from store.mails import Mail as Row

AS_IT_IS = "This is what was sent:"
WAITS = "This is how it would go now:"
ANEW = "Its body is not kept here; this is rendered anew, from today's template, names and dates:"
NEVER = "It was not sent; this is how it would read now:"


def settle(
    key: Key,
    *,
    sent: Annotated[bool, typer.Option("--sent", help="It has arrived.")] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="It has not, and need not be sent any more.")
    ] = False,
    reason: Annotated[str, typer.Option(help="How you know, for the record.")] = "",
    as_: As = "",
) -> None:
    """End a mail that is unknown or failed: say whether it arrived; nothing is sent."""
    from mail.ending import end  # noqa: PLC0415  # Help needs nothing.

    if sent == lost:
        raise ResidencyError("Say which: one of --sent and --lost.")
    with desk_of() as (store, _desk):
        row = row_of(store, key)
        end(store, row, sent=sent, by=who_of(store, as_, cohort=row.cohort), reason=reason.strip())
    say(f"Settled: {row.key} ({row.notice}) {'arrived' if sent else 'is not sent any more'}.")


def shown(key: str, *, tell: Callable[[str], None]) -> bytes | None:
    """A mail as it is or would be, after `tell` was given all that is known of it, line by line.

    None where nobody can say any more how it read.
    """
    with desk_of() as (store, desk):
        row = row_of(store, key)
        for line in head(store, row):
            tell(line)
        if path := _file_of(row):
            tell(f"\n{AS_IT_IS}")
            return path.read_bytes()
        try:
            mail, mark = _drawn(desk, row)
            octets = mail.as_bytes()
        except ResidencyError as error:
            tell(f"\nIts body is not kept, and can't be rendered anew: {error}")
            return None
        tell(f"\n{mark}")
        return octets


def _drawn(desk: ByHand, row: Row) -> tuple[Mail, str]:
    """The mail as it reads now, and what that is; of one that waits, what would come of it, too."""
    if row.state not in ("held", "queued"):
        return desk.draft(row), ANEW if row.state in ("sent", "unknown", "sending") else NEVER
    outlook = desk.foresee(row)
    if outlook.skip:
        return outlook.mail, f"Now it would be skipped ({outlook.skip}); this is how it would read:"
    return outlook.mail, f"Note: {outlook.note}\n{WAITS}" if outlook.note else WAITS


def head(store: Store, row: Row) -> Iterator[str]:
    """What became of a mail: our part, the provider's, and people's."""
    from cli.lookup import names_of  # noqa: PLC0415  # Help needs nothing.

    names = names_of(store, {row.receiver})
    yield f"key: {row.key}"
    yield f"notice: {row.notice}, to {names[row.receiver]} ({row.receiver}), about {row.subject}"
    yield f"state: {_state(row, _zone(store, row))}"
    yield f"delivery: {row.delivery if row.delivery != 'none' else 'nothing was told'}"
    if row.attempts:
        again = f", {row.again} of them while its fate was unknown" if row.again else ""
        yield f"tries: {row.attempts}{again}"
    if row.digest:
        yield f"in the digest: {row.digest}"
    for event in store.webhooks.of_mail(row.key):
        yield f"provider: {_utc(event.at)}: {event.event}{_why(event.detail)}"
    for one in store.reviews.of(row.key):
        later = f", as {one.data['mail']}" if one.data.get("mail") else ""
        yield f"by hand: {_utc(one.at)}: {one.what}{later} by {one.by or 'nobody'}{_why(one.detail)}"


def _zone(store: Store, row: Row) -> str:
    """The zone of the mail's program, as the list of mails says its times; UTC where it has none."""
    from cli.lookup import document_of  # noqa: PLC0415  # Help needs nothing.
    from residency.documents import zone_of  # noqa: PLC0415  # As above.

    cohort = store.cohorts.get(row.cohort) if row.cohort else None
    return zone_of(document_of(store, cohort.definition)) if cohort else "UTC"


def _state(row: Row, zone: str) -> str:
    from cli.moments import moment  # noqa: PLC0415  # Help needs nothing.

    said = str(row.state)
    if row.state == "sent":
        when = f" at {_utc(row.sent)}" if row.sent else ""
        return f"{said}{f' by {row.transport}' if row.transport else ''}{when}"
    if row.state in ("queued", "unknown") and row.not_before:
        said += f" until {moment(row.not_before, zone)} {zone}"
    reason = row.skip or row.detail
    return f"{said}: {reason}" if reason else said


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _file_of(row: Row) -> Path | None:
    """The file of a mail that was written as one."""
    from residency.settings import load  # noqa: PLC0415  # Help needs nothing.

    if row.state in ("held", "queued"):
        return None
    if not row.message_id:
        return None
    return next(iter(sorted(load().data.rglob(f"mail/*-{row.message_id[1:9]}.eml"))), None)


def row_of(store: Store, key: str) -> Row:
    """A mail by its key, or by a beginning of it that only one has."""
    if found := store.outbox.get(key):
        return found
    keys = store.mailbox.beginning(key) if key else []
    if len(keys) > 1:
        raise ResidencyError(f'"{key}" is the beginning of several mails\' keys; write more.')
    if keys and (found := store.outbox.get(keys[0])):
        return found
    raise ResidencyError(
        f'"{key}" is neither a file nor a mail\'s key; `residency emails list` shows the keys.'
    )


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "settle": (settle, example("residency emails settle m-2x5jq7 --sent --reason 'she has it'")),
}
"""Each command by its name, with the end of its help."""
