"""Mails that belong to no residency's story: a new link, the way back to an application.

Somebody has just asked for one on a page, so each is sent at once and nobody waits behind it. What
can't go then waits on its row, and the mail process looks for such rows every minute; after a day
nobody waits for it any more. No hold of a coordinator's keeps these back: they are answers to
whoever asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import uuid4

import structlog

from mail.context import Facts, Somebody
from mail.draft import Drafts
from mail.facts import somebody
from mail.fate import ABANDONED, WAIT, may_go_again
from mail.render import Renderer
from mail.settling import IN_DOUBT, Result, fault_of, hand_over, settled, unsent
from mail.transports.port import NotSent, Outcome, Refused, Sent, Transport, Unknown, Withheld
from residency.documents import zone_of
from residency.errors import ResidencyError, UnavailableError
from residency.wire import Letter, Scalar
from store import Store
from store.applications import Application
from store.cohorts import CohortRow
from store.mails import Mail as Row
from store.mails import Opened
from store.posting import MailState

ONCE: Final = "address-changed"
"""The notice that goes to an address which nobody has any more, so it can't be tried again."""
DIRECT: Final = ("new-link", "application-link", "application-known", "address-corrected", ONCE)
"""The notices that are sent so."""
HOUSE: Final[Mapping[str, Any]] = {
    "program": {
        "id": "",
        "name": "Residencies",
        "organization": "Residencies",
        "words": {"person": "resident", "program": "residency", "period": "month"},
    }
}
"""What stands for a program where somebody has part in none."""
OLD: Final = timedelta(days=1)
"""Whoever asked so long ago has asked again, or waits no more."""

_log: Final = structlog.get_logger()
_UNKNOWN: Final = "It was tried before, and nobody can say whether it went."
_OLD: Final = Withheld("it was asked for a day ago, and could not be sent since")
_GONE: Final = Withheld("whom it was for is not kept any more")
_LOST: Final = Refused("the address that it was for is not kept any more")
_NOT_YET: Final = NotSent(timedelta(minutes=1), "it waits to be tried again")


@dataclass(frozen=True, kw_only=True)
class About:
    """What a mail is about: its `subject` (a person's or application's id) is what its row is kept
    under, `link` is where its button leads ("": the mail says how to answer), `cohort` is the one it
    belongs to, if any: a rehearsal's mails stay in it.
    """

    subject: str
    document: Mapping[str, Any] = field(default_factory=lambda: HOUSE)
    cohort: str = ""
    link: str = ""


class Links(Protocol):
    """Gives the links that these mails are about, by whose they are: no row keeps one."""

    def person(self, person: str) -> str: ...

    def application(self, application: str) -> str: ...


class DirectMail:
    """Sends one mail to one person, now. `transport` carries real ones, `rehearsal` those of rehearsals.

    `links` is for what is tried again: without it, such a mail says how to answer. `wait` and `now`
    are as for the outbox.
    """

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        *,
        transport: Transport,
        rehearsal: Transport,
        sender: str,
        links: Links | None = None,
        wait: timedelta = WAIT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._links = store, links
        self._drafts = Drafts(renderer, sender=sender)
        self._transport, self._rehearsal = transport, rehearsal
        self._wait, self._now = wait, now

    def send(
        self,
        notice: str,
        receiver: Somebody,
        about: About,
        *,
        occurrence: str,
        data: Mapping[str, Scalar] | None = None,
    ) -> Outcome:
        """Writes the row, sends, settles it, and says what came of it; `Sent` also where it went before.

        `occurrence` tells two requests apart: the same again sends nothing, and says what came of it.
        Raises UnavailableError where the store can't be reached; then nothing was sent.
        """
        cohort = self._store.cohorts.get(about.cohort) if about.cohort else None
        row = self._row(notice, receiver, about, cohort, occurrence=occurrence, data=data or {})
        attempt = uuid4().hex
        opened = self._store.outbox.open_many([row], attempt, now=self._now())
        if not opened:
            return self._before(row.key)
        return self._carry(opened[0], attempt, self._facts(receiver, about, cohort))

    def send_waiting(self) -> int:
        """Tries again what could not go when somebody asked for it; how many went.

        Several processes may do so at once. Raises UnavailableError where the store can't be reached.
        """
        now, went = self._now(), 0
        for row in self._store.outbox.left_over(DIRECT, now=now, claimed_before=now - ABANDONED):
            outcome = self._again(row, now=now)
            went += isinstance(outcome, Sent)
            if isinstance(outcome, NotSent) and outcome.everybody:
                break
        return went

    def _again(self, row: Row, *, now: datetime) -> Outcome | None:
        """What came of one more try; None where another one has it, or nobody may try."""
        attempt = uuid4().hex
        opened = self._opened(row, attempt)
        if opened is None:
            return None
        facts = self._facts_again(row)
        if facts is None or row.notice == ONCE:
            instead = _LOST if row.notice == ONCE else _GONE
            result = Result(outcome=unsent(opened, instead))
            return self._settle(opened, attempt, result, self._transport)
        return self._carry(
            opened, attempt, facts, instead=_OLD if now - row.created > OLD else None
        )

    def _opened(self, row: Row, attempt: str) -> Opened | None:
        match row.state:
            case MailState.SENDING:
                return next(
                    iter(self._store.outbox.open_many([row], attempt, dead={row.attempt})), None
                )
            case MailState.UNKNOWN:
                again = may_go_again(row)
                return self._store.outbox.open_unknown(row.key, attempt) if again else None
            case _:
                return self._store.outbox.open_by_hand(row.key, attempt)

    def _before(self, key: str) -> Outcome:
        """What came of the same request before."""
        row = self._store.outbox.get(key)
        match row.state if row else None:
            case MailState.SENT:
                return Sent(row.message_id if row else "")
            case MailState.SENDING | MailState.UNKNOWN:
                return Unknown(_UNKNOWN)
            case MailState.SKIPPED:
                return Withheld(row.skip if row else "")
            case MailState.QUEUED | MailState.HELD:
                return _NOT_YET
            case _:
                return Refused(row.detail if row else "")

    def _carry(
        self, opened: Opened, attempt: str, facts: Facts, *, instead: Outcome | None = None
    ) -> Outcome:
        row, transport = opened.row, self._rehearsal if opened.row.rehearsal else self._transport
        if paused := facts.people[row.receiver].paused:
            instead = Withheld(f"the address is paused: {paused}")
        if instead and opened.previous not in IN_DOUBT:
            return self._settle(opened, attempt, Result(outcome=instead), transport)
        try:
            mail = self._drafts.mail(facts, row.letter, key=row.key)
        except Exception as error:  # noqa: BLE001  # A template may fail in any way that Python may.
            result = Result(outcome=unsent(opened, Refused(fault_of(error))))
            return self._settle(opened, attempt, result, transport)
        outcome = hand_over(transport, mail, opened, instead=instead)
        return self._settle(
            opened, attempt, Result(outcome=outcome, subject=mail.subject), transport
        )

    def _settle(
        self, opened: Opened, attempt: str, result: Result, transport: Transport
    ) -> Outcome:
        said = settled(opened.row, result, now=self._now(), wait=self._wait)
        said = replace(said, transport=transport.name)
        self._store.outbox.settle_many(attempt, [said])
        if isinstance(result.outcome, NotSent):
            row = opened.row
            _log.warning("mail.direct_waits", key=row.key, notice=row.notice, subject=row.subject)
        return result.outcome

    def _facts(self, receiver: Somebody, about: About, cohort: CohortRow | None) -> Facts:
        coordinators = list(cohort.coordinators) if cohort else []
        zone = zone_of(about.document)
        people = self._store.people.many(coordinators)
        return Facts(
            residency=about.subject,
            person=receiver.id,
            document=about.document,
            people={each: somebody(one, zone=zone) for each, one in people.items()}
            | {receiver.id: receiver},
            coordinators=coordinators,
            cohort=about.cohort,
            rehearsal=(cohort.name or cohort.id) if cohort and cohort.rehearsal else "",
            link=about.link,
        )

    def _facts_again(self, row: Row) -> Facts | None:
        """What a mail is about, from what is kept; None where its receiver is gone."""
        cohort = self._store.cohorts.get(row.cohort) if row.cohort else None
        document = self._document(cohort)
        person = self._store.people.get(row.receiver)
        begun = None if person else self._store.applications.get(row.receiver)
        if person:
            receiver = somebody(person, zone=zone_of(document))
            link = self._links.person(person.id) if self._links else ""
        elif begun:
            receiver = _applicant(begun, row.letter, zone=zone_of(document))
            link = self._links.application(begun.id) if self._links else ""
        else:
            return None
        about = About(subject=row.subject, document=document, cohort=row.cohort, link=link)
        return self._facts(receiver, about, cohort)

    def _document(self, cohort: CohortRow | None) -> Mapping[str, Any]:
        try:
            return self._store.definitions.get(cohort.definition) if cohort else HOUSE
        except UnavailableError:
            raise
        except ResidencyError:  # It was never kept: nothing of this cohort has begun.
            return HOUSE

    def _row(
        self,
        notice: str,
        receiver: Somebody,
        about: About,
        cohort: CohortRow | None,
        *,
        occurrence: str,
        data: Mapping[str, Scalar],
    ) -> Row:
        rehearsed = cohort is not None and cohort.rehearsal
        now = self._now().replace(microsecond=0)
        at = (cohort.clock or now) if cohort is not None and rehearsed else now
        return Row(
            subject=about.subject,
            notice=notice,
            occurrence=occurrence,
            receiver=receiver.id,
            at=at,
            letter=Letter(
                notice=notice, to=receiver.id, occurrence=occurrence, at=at, data=dict(data)
            ),
            cohort=about.cohort,
            rehearsal=rehearsed,
        )


def _applicant(begun: Application, letter: Letter, *, zone: str) -> Somebody:
    """Whoever began an application. Until its address is confirmed nobody is greeted by name:
    anybody may have typed it.
    """
    is_own = letter.notice == "application-link" and begun.confirmed is not None
    name = str(begun.given.get("name") or "") if is_own else ""
    return Somebody(
        id=begun.id,
        name=name,
        given_name=name.partition(" ")[0],
        email=begun.email,
        zone=begun.zone or zone,
        locale=begun.locale or "en",
    )
