"""Another address for somebody: where no action takes it any more, and the mails about it, one to where
mail went before, one to where it goes now.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import structlog

from mail.direct import About, DirectMail
from mail.facts import somebody
from residency.documents import zone_of
from residency.errors import ResidencyError
from store import Store
from store.people import Person
from store.reviews import Did, Review

CHANGED: Final = "address-changed"
CORRECTED: Final = "address-corrected"
_log: Final = structlog.get_logger()


def tell_readdressed(
    direct: DirectMail,
    before: Person,
    now: Person,
    *,
    by: str,
    document: Mapping[str, Any],
    cohort: str,
    link: Callable[[], str],
    occurrence: str,
) -> None:
    """Tells the old address, so that whoever holds somebody's link can't move their mail unseen.

    Where somebody else (`by`) corrected it, the links in the wrong mailbox have ended, and the new
    address is told one that works. What can't be sent is kept with the mails.
    """
    try:
        _tell(direct, CHANGED, before, document, cohort, "", occurrence)
        if by != now.id:
            _tell(direct, CORRECTED, now, document, cohort, link(), occurrence)
    except ResidencyError as error:
        _log.warning("mail.address_not_told", person=now.id, why=type(error).__name__)


def _tell(
    direct: DirectMail,
    notice: str,
    receiver: Person,
    document: Mapping[str, Any],
    cohort: str,
    link: str,
    occurrence: str,
) -> None:
    about = About(subject=receiver.id, document=document, cohort=cohort, link=link)
    direct.send(notice, somebody(receiver, zone=zone_of(document)), about, occurrence=occurrence)


def right_address(
    store: Store, person: Person, *, email: str, by: str, reason: str, now: datetime
) -> None:
    """Keep another address of somebody none of whose residencies goes on, end a pause and the links in
    the wrong mailbox, and keep who did it.

    Raises ResidencyError where a residency goes on, whose record must have it, and where the address
    is somebody else's.
    """
    if residency := _going_on(store, person.id):
        raise ResidencyError(
            f"{person.name} has a part in {residency}, which goes on; its record keeps the address: "
            f"residency act correct-address {residency} --address {email} --who {person.id}"
        )
    store.people.correct_email(person.id, email)
    store.grants.revoke(person.id, at=now)
    store.reviews.add(
        Review(what=Did.READDRESSED, by=by, detail=reason, data={"person": person.id}, at=now)
    )


def _going_on(store: Store, person: str) -> str:
    """A residency that somebody has a part in: their own, or by a role, or as one of its cohort's people."""
    own = [row.id for row in store.lists.residencies(person=person, ended=False)]
    parts = [part.residency for part in store.agenda.parts(person)]
    if found := next(iter([*own, *parts]), ""):
        return found
    for cohort in store.cohorts.list():
        pool = {member.person for member in store.cohorts.members(cohort.id)}
        if person in pool.union(cohort.coordinators):
            going_on = store.lists.residencies(cohort=cohort.id, ended=False, limit=1)
            if going_on:
                return going_on[0].id
    return ""
