"""Mails about an address that was changed: one to where mail went before, one to where it goes now."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from mail.direct import About, DirectMail
from mail.facts import somebody
from residency.documents import zone_of
from residency.errors import ResidencyError
from store.people import Person

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
