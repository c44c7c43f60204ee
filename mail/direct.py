"""Mails that belong to no residency's story: a new link, the way back to an application.

Somebody has just asked for one on a page, so each is sent at once and nobody waits behind it; what
can't be sent now is kept as held, and the same request tries it again. No hold of a coordinator's
keeps these back: they are answers to whoever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import structlog

from mail.context import Facts, Somebody
from mail.draft import Drafts
from mail.facts import somebody
from mail.message import Mail
from mail.render import Renderer
from mail.transports.port import NotSent, Outcome, Refused, Sent, Transport, Unknown, Withheld
from mail.words import one_line
from residency.documents import zone_of
from residency.errors import ResidencyError
from residency.wire import Letter, Scalar
from store import Store
from store.cohorts import CohortRow
from store.mails import Mail as Row
from store.mails import Opened, Settled
from store.posting import MailState

HOUSE: Final[Mapping[str, Any]] = {
    "program": {
        "id": "",
        "name": "Residencies",
        "organization": "Residencies",
        "words": {"person": "resident", "program": "residency", "period": "month"},
    }
}
"""What stands for a program where somebody has part in none."""

_log: Final = structlog.get_logger()
_UNKNOWN: Final = "It was tried before, and nobody can say whether it went."


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


class DirectMail:
    """Sends one mail to one person, now. `transport` carries real ones, `rehearsal` those of rehearsals."""

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        *,
        transport: Transport,
        rehearsal: Transport,
        sender: str,
    ) -> None:
        self._store = store
        self._drafts = Drafts(renderer, sender=sender)
        self._transport, self._rehearsal = transport, rehearsal

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

        `occurrence` tells two requests apart: the same again is sent only where it never went.
        Raises UnavailableError where the store can't be reached; then nothing was sent.
        """
        cohort = self._store.cohorts.get(about.cohort) if about.cohort else None
        row = _row(notice, receiver, about, cohort, occurrence=occurrence, data=data or {})
        attempt = uuid4().hex
        opened = self._opened(row, attempt)
        if opened is None:
            return self._before(row.key)
        transport = self._rehearsal if row.rehearsal else self._transport
        facts = self._facts(receiver, about, cohort)
        outcome, line = self._carried(facts, opened, transport)
        settled = replace(_settled(row.key, outcome), transport=transport.name, line=line)
        self._store.outbox.settle_many(attempt, [settled])
        if settled.state is MailState.QUEUED:  # No workflow would come for it.
            self._store.outbox.move(row.key, MailState.HELD, detail=settled.detail)
        if not isinstance(outcome, Sent):
            _log.warning("mail.direct_not_sent", key=row.key, notice=notice, subject=about.subject)
        return outcome

    def _opened(self, row: Row, attempt: str) -> Opened | None:
        """The row, claimed: a new one, or one that was kept because it could not be sent."""
        opened = self._store.outbox.open_many([row], attempt)
        return opened[0] if opened else self._store.outbox.open_by_hand(row.key, attempt)

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
            case _:
                return Refused(row.detail if row else "")

    def _carried(self, facts: Facts, opened: Opened, transport: Transport) -> tuple[Outcome, str]:
        """What came of it, and its subject line."""
        receiver = facts.people[opened.row.receiver]
        if receiver.paused:
            return Withheld(f"the address is paused: {receiver.paused}"), ""
        try:
            mail = self._drafts.mail(facts, opened.row.letter, key=opened.row.key)
        except Exception as error:  # noqa: BLE001  # A template may fail in any way that Python may.
            return Refused(
                str(error) if isinstance(error, ResidencyError) else type(error).__name__
            ), ""
        return _sent(transport, mail), mail.subject

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


def _row(
    notice: str,
    receiver: Somebody,
    about: About,
    cohort: CohortRow | None,
    *,
    occurrence: str,
    data: Mapping[str, Scalar],
) -> Row:
    rehearsed = cohort is not None and cohort.rehearsal
    now = datetime.now(UTC).replace(microsecond=0)
    at = (cohort.clock or now) if cohort is not None and rehearsed else now
    letter = Letter(notice=notice, to=receiver.id, occurrence=occurrence, at=at, data=dict(data))
    return Row(
        subject=about.subject,
        notice=notice,
        occurrence=occurrence,
        receiver=receiver.id,
        at=at,
        letter=letter,
        cohort=about.cohort,
        rehearsal=rehearsed,
    )


def _sent(transport: Transport, mail: Mail) -> Outcome:
    try:
        return transport.send(mail)
    except Exception as error:  # noqa: BLE001  # A transport may fail in any way, after sending too.
        return Unknown(type(error).__name__)


def _settled(key: str, outcome: Outcome) -> Settled:
    match outcome:
        case Sent(message_id):
            return Settled(key=key, state=MailState.SENT, message_id=message_id)
        case Withheld(reason):
            return Settled(key=key, state=MailState.SKIPPED, skip=reason)
        case NotSent(_, detail, _):
            return Settled(key=key, state=MailState.QUEUED, detail=one_line(detail, limit=500))
        case Refused(detail):
            return Settled(key=key, state=MailState.FAILED, detail=one_line(detail, limit=500))
        case Unknown(detail):
            return Settled(key=key, state=MailState.UNKNOWN, detail=one_line(detail, limit=500))
