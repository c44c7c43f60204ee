"""`residency emails readdress`: a right address for somebody whose residencies are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.output import example, say
from cli.reviewing import As, who_of
from residency.errors import ResidencyError


def readdress(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Their id, or their address.")],
    *,
    address: Annotated[str, typer.Option(help="The right address.")],
    reason: Annotated[str, typer.Option(help="How you know, for the record.")] = "",
    as_: As = "",
) -> None:
    """Correct the address of somebody whose residencies have all ended; then mails can be resent.

    While one goes on, `residency act correct-address` does it, and keeps it in its record.
    """
    from cli.lookup import document_of, person_of  # noqa: PLC0415  # Help needs nothing.
    from intake import address_faults  # noqa: PLC0415  # As above.
    from mail.direct import HOUSE  # noqa: PLC0415  # As above.
    from mail.readdressing import right_address, tell_readdressed  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from store.ids import new  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    if faults := address_faults(address):
        raise ResidencyError(f"--address: {faults[0]}.")
    house = House(load())
    store = house.store
    try:
        before = person_of(store, person)
        last = next(iter(store.lists.residencies(person=before.id)[::-1]), None)
        by = who_of(store, as_, cohort=last.cohort if last else "")
        right_address(
            store, before, email=address, by=by, reason=reason.strip(), now=datetime.now(UTC)
        )
        now = store.people.get(before.id)
        if now is not None and now.email != before.email:
            tell_readdressed(
                house.direct,
                before,
                now,
                by=by,
                document=document_of(store, last.definition) if last else HOUSE,
                cohort=last.cohort if last else "",
                link=lambda: house.links.person(now.id) if house.links.base else "",
                occurrence=new("a"),
            )
    finally:
        store.close()
    say(
        f"Mail to {before.name} goes to {address} now; links in earlier mails have ended, and both "
        "addresses are told. Next: residency emails list, then residency emails resend KEY"
    )


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "readdress": (
        readdress,
        example("residency emails readdress p-5wq1n8rc --address new@example.org"),
    ),
}
"""Each command by its name, with the end of its help."""
