"""The mails of the application page: the way back to an application, or that one is here already."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog

from mail.context import Somebody
from mail.direct import About
from mail.facts import somebody
from residency.dates import instant_text
from residency.errors import ResidencyError
from store.people import email_key
from web.calls import Call, languages
from web.limiting import Rate

if TYPE_CHECKING:
    from store.applications import Application
    from web.door import Door

LINK: Final = "application-link"
KNOWN: Final = "application-known"
_log: Any = structlog.get_logger("web")


def write_first(door: Door, call: Call, application: Application) -> None:
    """Sends the link of what was typed just now. Where its address has applied already, the mail
    says so, and what was typed goes.

    It runs after the answer, which takes as long and says the same for every address.
    """
    try:
        if door.house.intake.earlier(call.row, application.email) is None:
            if door.limits.takes(Rate.ADDRESS, email_key(application.email)):
                write_to(door, call, application)
            else:
                _log.info("web.application_link_limited")
            return
        if application.confirmed is None:
            door.store.applications.drop(application.id)
        write_again(door, call, application.email)
    except ResidencyError as error:
        _log.warning("web.application_mail_not_sent", why=type(error).__name__)


def write_to(door: Door, call: Call, application: Application) -> None:
    """Sends an application's link to its address. Until that is confirmed nobody is greeted by name:
    anybody may have typed it.
    """
    confirmed = application.confirmed is not None
    name = str(application.given.get("name") or "") if confirmed else ""
    receiver = Somebody(
        id=application.id,
        name=name,
        given_name=name.partition(" ")[0],
        email=application.email,
        zone=application.zone or call.zone,
        locale=application.locale if application.locale in languages() else "en",
    )
    closes = call.window.closes
    data = {
        "confirm": "" if confirmed else "yes",
        "closes": instant_text(closes) if closes else "",
    }
    link = door.links.application(application.id)
    _send(door, call, LINK, receiver, subject=application.id, link=link, data=data)


def write_again(door: Door, call: Call, email: str) -> None:
    """Writes to an address what there is of it: an application that was sent, or one that was begun.

    Where there is nothing, nothing is sent; whoever asked is told the same.
    """
    if not door.limits.takes(Rate.ADDRESS, email_key(email)):
        _log.info("web.application_link_limited")
        return
    try:
        scope = call.row.id if call.row.rehearsal else ""
        person = door.store.people.by_email(email, rehearsal=scope)
        if person is not None and door.store.lists.residencies(
            cohort=call.row.id, person=person.id
        ):
            receiver = somebody(person, zone=call.zone)
            link = door.links.person(person.id)
            _send(door, call, KNOWN, receiver, subject=person.id, link=link, data={})
            return
        found = door.store.applications.of_address(call.row.id, email)
        if found and found[0].sent is None:
            write_to(door, call, found[0])
        elif found:
            _tell(door, call, found[0])
    except ResidencyError as error:
        _log.warning("web.application_mail_not_sent", why=type(error).__name__)


def _tell(door: Door, call: Call, application: Application) -> None:
    """Says that an application was sent, whose residency has not begun yet."""
    receiver = Somebody(
        id=application.id,
        name="",
        given_name="",
        email=application.email,
        zone=application.zone or call.zone,
        locale=application.locale or "en",
    )
    link = door.links.application(application.id)
    _send(door, call, KNOWN, receiver, subject=application.id, link=link, data={})


def _send(
    door: Door,
    call: Call,
    notice: str,
    receiver: Somebody,
    *,
    subject: str,
    link: str,
    data: dict[str, str],
) -> None:
    about = About(subject=subject, document=call.document, cohort=call.row.id, link=link)
    occurrence = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        outcome = door.house.direct.send(
            notice, receiver, about, occurrence=occurrence, data=dict(data)
        )
    except ResidencyError as error:
        _log.warning("web.application_mail_not_sent", why=type(error).__name__)
        return
    _log.info("web.application_mail", notice=notice, outcome=type(outcome).__name__)
