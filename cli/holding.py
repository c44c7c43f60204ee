"""`residency emails held | hold | unhold`: which mails wait for a review, and which shall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Json, count, example, plain, say, show, show_json, show_table
from cli.reviewing import (
    As,
    CohortOption,
    Everything,
    NoticeOption,
    ResidencyOption,
    scope_of,
    who_of,
)
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from store import Store
    from store.holds import Scope
    from store.mails import Mail as Row


def held(*, residency: ResidencyOption = "", as_json: Json = False) -> None:
    """List what is on hold, and the mails that wait for a review."""
    from cli.lookup import open_store, residency_of  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        about = residency_of(store, residency).row.id if residency else ""
        holds = [] if about else store.holds.list()
        rows = store.outbox.list(state="held", residency=about, rehearsals=True)
        over = store.lists.ends({one.subject for one in rows})
        if as_json:
            mails = [
                {"key": one.key, **plain(one), "ended": over.get(one.subject, "")} for one in rows
            ]
            show_json({"holds": plain(holds), "mails": mails})
            return
        for one in holds:
            show(f"on hold: {_named(store, one.scope, one.name)}{_why(one.reason)}")
        _table(store, rows, over)
    if rows:
        say("Next: residency emails show KEY, then edit, send or discard it.")


def hold(
    *,
    notice: NoticeOption = "",
    cohort: CohortOption = "",
    everything: Everything = False,
    reason: Annotated[str, typer.Option(help="Why, for whoever wonders later.")] = "",
    as_: As = "",
) -> None:
    """Hold mails for a review: those of a notice, of a cohort, or all. Rehearsals only by cohort."""
    from cli.lookup import open_store  # noqa: PLC0415  # Help needs nothing.
    from store.holds import Hold  # noqa: PLC0415  # As above.
    from store.reviews import Did, Review  # noqa: PLC0415  # As above.

    with open_store() as store:
        scope, name = scope_of(store, notice=notice, cohort=cohort, everything=everything)
        by = who_of(store, as_, cohort=name if scope == "cohort" else "")
        made = Hold(scope=scope, name=name, by=by, reason=reason, since=datetime.now(UTC))
        what = _named(store, scope, name)
        if not store.holds.add(made):
            say(f"{what} was on hold already.")
            return
        store.reviews.add(
            Review(what=Did.HOLD, by=by, detail=reason, data={"scope": scope.value, "name": name})
        )
        say(f"On hold: {what}. `residency emails held` lists what waits for you.")


def unhold(
    *,
    notice: NoticeOption = "",
    cohort: CohortOption = "",
    everything: Everything = False,
    as_: As = "",
) -> None:
    """End a hold. Mails that are held already stay held, until you send or discard them."""
    from cli.lookup import open_store  # noqa: PLC0415  # Help needs nothing.
    from store.reviews import Did, Review  # noqa: PLC0415  # As above.

    with open_store() as store:
        scope, name = scope_of(store, notice=notice, cohort=cohort, everything=everything)
        by = who_of(store, as_, cohort=name if scope == "cohort" else "")
        what = _named(store, scope, name)
        if not store.holds.remove(scope, name):
            raise ResidencyError(f"{what} was not on hold; `residency emails held` lists what is.")
        data = {"scope": scope.value, "name": name}
        store.reviews.add(Review(what=Did.UNHOLD, by=by, data=data))
        left = store.outbox.counts(rehearsals=True).get("held", 0)
    say(f"No longer on hold: {what}.")
    if left:
        say(f"{count(left, 'mail')} still held: residency emails send KEY ...")


def _named(store: Store, scope: Scope, name: str) -> str:
    if scope == "cohort":
        row = store.cohorts.get(name)
        return f"the mails of {row.program} {row.name}" if row else f"the mails of {name}"
    return f'the notice "{name}"' if scope == "notice" else "every mail"


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _table(store: Store, rows: list[Row], over: Mapping[str, str]) -> None:
    """`over` is how those residencies ended that did."""
    from cli.lookup import names_of  # noqa: PLC0415  # Help needs nothing.
    from residency.documents import readable  # noqa: PLC0415  # As above.

    if not rows:
        say("No mail is held.")
        return
    names = names_of(store, {one.receiver for one in rows})
    ends = {id_: f"ended: {readable(how)}" for id_, how in over.items()}
    show_table(
        ("key", "at (UTC)", "notice", "to", "about", "why"),
        [
            (
                one.key,
                f"{one.at:%Y-%m-%d %H:%M}",
                one.notice,
                names[one.receiver],
                f"{one.subject} ({ends[one.subject]})" if one.subject in ends else one.subject,
                one.detail,
            )
            for one in rows
        ],
    )


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "held": (held, example("residency emails held")),
    "hold": (hold, example("residency emails hold --notice offer")),
    "unhold": (unhold, example("residency emails unhold --notice offer")),
}
"""Each command by its name, with the end of its help."""
