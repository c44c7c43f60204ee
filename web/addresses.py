"""A corrected address: whether it was taken, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mail.readdressing import tell_readdressed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store.people import Person
    from store.shown import ResidencyRow
    from web.door import Door


def tell(
    door: Door,
    before: Person,
    *,
    by: str,
    row: ResidencyRow,
    document: Mapping[str, Any],
    action: str,
) -> None:
    """Tells both addresses of somebody whose address has changed; `before` is they as they were."""
    now = door.store.people.get(before.id)
    if now is None or now.email == before.email:
        return
    tell_readdressed(
        door.house.direct,
        before,
        now,
        by=by,
        document=document,
        cohort=row.cohort,
        link=lambda: door.links.person(now.id) if door.links.base else "",
        occurrence=action,
    )
