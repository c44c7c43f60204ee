"""`residency emails edit | send | resend | discard`: mails in people's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.editing import in_editor, read, words_of
from cli.output import example, say, show
from cli.usage import misused
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from mail.byhand import ByHand
    from mail.message import Mail
    from store import Store
    from store.holds import Scope
    from store.mails import Mail as Row
    from store.mails import Settled

Key = Annotated[str, typer.Argument(metavar="KEY", help="A mail's key; its beginning is enough.")]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="PERSON",
        help="Who you are: an id or address; needed where several coordinate.",
    ),
]
NoticeOption = Annotated[str, typer.Option(help="Only this notice, such as `offer`.")]
ResidencyOption = Annotated[str, typer.Option(metavar="ID", help="Only about this residency.")]
CohortOption = Annotated[str, typer.Option(help="Only of this cohort: its name or id.")]
Everything = Annotated[bool, typer.Option("--all", help="Every mail.")]


def edit(
    key: Key,
    *,
    subject: Annotated[str, typer.Option(help="Another subject.")] = "",
    text: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Another text: Markdown, as in a template; a first line `Subject: ...` is that.",
        ),
    ] = None,
    as_: As = "",
) -> None:
    """Change the words of one mail that is held; without options, in your editor.

    Subject and text are as in its template, so what stands in {{ }} is filled in.
    """
    with desk_of() as (store, desk):
        row = _row(store, key)
        by = who_of(store, as_, cohort=row.cohort)
        was_subject, was_body = _words(store, desk, row)
        if subject or text is not None:
            words = words_of(read(text)) if text else ("", was_body)
            given: AbstractContextManager[tuple[str, str]] = nullcontext(
                (subject or words[0], words[1])
            )
        else:
            given = in_editor(was_subject, was_body, key=row.key)
        with given as (new, body):
            mail = desk.edit(row, subject=new or was_subject, body=body, by=by)
        _tell(mail)
    if row.state == "queued":
        say(f"Kept. It is held now, and leaves only by: residency emails send {row.key}")
        return
    say(f"Kept for {row.key}. Next: residency emails send {row.key}")


def send(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]...", help="Keys of mails that are held.")
    ] = None,
    *,
    notice: NoticeOption = "",
    cohort: CohortOption = "",
    residency: ResidencyOption = "",
    everything: Annotated[bool, typer.Option("--all", help="Every mail that is held.")] = False,
    as_: As = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
) -> None:
    """Send mails that are held, or wait for their time: now, under their own keys."""
    ways = sum(map(bool, (keys, notice, cohort, residency, everything)))
    if ways != 1:
        begin = "Say one of them: KEY," if ways else "Say what: KEY, or"
        raise misused(f"{begin} --notice, --cohort, --residency or --all.")
    with desk_of() as (store, desk):
        if keys:
            rows = [_row(store, key) for key in keys]
        elif residency:
            rows = _of_residency(store, residency)
        else:
            rows = _chosen(store, notice=notice, cohort=cohort, everything=everything)
        if dry_run:
            for row in rows:
                _foresee(desk, row)
            return
        # Whoever may not send one of them sends none.
        senders = [who_of(store, as_, cohort=row.cohort) for row in rows]
        lost = 0
        for row, by in zip(rows, senders, strict=True):
            try:
                settled = desk.send(row, by=by)
            except ResidencyError as error:
                say(str(error))
                lost += 1
                continue
            lost += _told(row.key, settled)
    if lost:
        raise typer.Exit(1)


def resend(
    key: Key,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    as_: As = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
) -> None:
    """Send a mail once more, rendered anew: after a correction, or where its fate is unknown."""
    with desk_of() as (store, desk):
        row = _row(store, key)
        if dry_run:
            _foresee(desk, row, again=True)
            return
        by = who_of(store, as_, cohort=row.cohort)
        again, settled = desk.resend(row, by=by, reason=reason)
        if _told(again, settled):
            raise typer.Exit(1)


def discard(
    key: Key,
    *,
    reason: Annotated[str, typer.Option(help="Why it is not sent.")],
    as_: As = "",
) -> None:
    """Discard a mail that is held or waits: it is never sent, and the record says why."""
    with desk_of() as (store, desk):
        row = _row(store, key)
        desk.discard(row, by=who_of(store, as_, cohort=row.cohort), reason=reason.strip())
    say(f"Discarded: {row.key} ({row.notice}).")


@contextmanager
def desk_of() -> Iterator[tuple[Store, ByHand]]:
    from mail.byhand import ByHand  # noqa: PLC0415  # Help needs nothing.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    house = House(load())
    try:
        yield house.store, ByHand(house.store, house.outbox)
    finally:
        house.store.close()


def _row(store: Store, key: str) -> Row:
    from cli.fate import row_of  # noqa: PLC0415  # It needs this file.

    return row_of(store, key)


def who_of(store: Store, text: str, *, cohort: str = "") -> str:
    """The id of the coordinator who does it: as they say, or the only one there is."""
    from cli.lookup import person_of  # noqa: PLC0415  # Help needs nothing.

    row = store.cohorts.get(cohort) if cohort else None
    rows = [row] if row else store.cohorts.list()
    coordinators = sorted({each for one in rows for each in one.coordinators})
    if text:
        person = person_of(store, text, rehearsal=cohort if row and row.rehearsal else "")
        if person.id in coordinators:
            return person.id
        raise ResidencyError(
            f"{person.name} ({person.id}) may not send mails; that is for a coordinator."
        )
    if len(coordinators) == 1:
        return coordinators[0]
    raise ResidencyError(
        f"{len(coordinators)} people could be doing this; say who you are with --as."
    )


def scope_of(store: Store, *, notice: str, cohort: str, everything: bool) -> tuple[Scope, str]:
    """What a hold, or a choice of mails, is about; a usage error where that is not said once."""
    from cli.lookup import cohort_of  # noqa: PLC0415  # Help needs nothing.
    from residency.notices import notice_named  # noqa: PLC0415  # As above.
    from store.holds import Scope  # noqa: PLC0415  # As above.

    if sum(map(bool, (notice, cohort, everything))) != 1:
        raise misused("Say what: one of --notice, --cohort and --all.")
    if notice:
        return Scope.NOTICE, notice_named(notice).name
    if cohort:
        return Scope.COHORT, cohort_of(store, cohort).id
    return Scope.ALL, ""


def _chosen(store: Store, *, notice: str, cohort: str, everything: bool) -> list[Row]:
    scope, name = scope_of(store, notice=notice, cohort=cohort, everything=everything)
    found = store.outbox.list(
        state="held",
        notice=name if scope == "notice" else "",
        cohort=name if scope == "cohort" else "",
    )
    return _some(found)


def _of_residency(store: Store, residency: str) -> list[Row]:
    from cli.lookup import residency_of  # noqa: PLC0415  # Help needs nothing.

    about = residency_of(store, residency).row.id
    return _some(store.outbox.list(state="held", residency=about, rehearsals=True))


def _some(found: list[Row]) -> list[Row]:
    if not found:
        raise ResidencyError("No such mail is held; `residency emails held` lists those that are.")
    return found


def _words(store: Store, desk: ByHand, row: Row) -> tuple[str, str]:
    """What the mail says by now: its edit's words, or its template's."""
    edited = store.reviews.edit_of(row.key)
    if edited is not None:
        return edited.data["subject"], edited.data["body"]
    source = desk.template(row)
    return str(source.front["subject"]), source.body


def _tell(mail: Mail) -> None:
    show(f"To: {mail.to[0]} <{mail.to[1]}>\nSubject: {mail.subject}\n\n{mail.text}")


def _foresee(desk: ByHand, row: Row, *, again: bool = False) -> None:
    """Shows what would be sent, or says that it would not be, and why."""
    outlook = desk.foresee(row, again=again)
    if outlook.skip:
        show(f"{row.key} ({row.notice}) would be skipped: {outlook.skip}")
        return
    if outlook.note:
        show(f"Note: {outlook.note}")
    _tell(outlook.mail)


def _told(key: str, settled: Settled) -> bool:
    """Says what came of it; true where it did not go."""
    if settled.state == "sent":
        say(f"Sent: {key}")
        return False
    say(f"{key} is {settled.state}: {settled.skip or settled.detail}")
    return True


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "edit": (edit, example("residency emails edit m-2x5jq7 --subject 'Your place with us'")),
    "send": (send, example("residency emails send m-2x5jq7")),
    "resend": (
        resend,
        example("residency emails resend m-2x5jq7 --reason 'the address was wrong'"),
    ),
    "discard": (discard, example("residency emails discard m-2x5jq7 --reason 'told by phone'")),
}
"""Each command by its name, with the end of its help."""
