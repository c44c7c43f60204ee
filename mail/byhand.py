"""What a person does with single mails: look at one, change it, send it, send it again, discard it.

Each is kept with who did it. A mail keeps its key and its Message-ID through all of that; only one
that surely went, or surely did not, is sent again under a new key, as a mail of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from mail.direct import DIRECT
from mail.draft import edit_of
from mail.fate import ABANDONED
from mail.message import Mail
from mail.outbox import Outbox
from mail.render import Edit
from mail.source import Source
from residency.errors import ResidencyError
from residency.wire import Post
from store import Store
from store.mails import Mail as Row
from store.mails import Opened, Settled
from store.posting import MailState
from store.reviews import Did, Review

_AGAIN: Final = "~again"
_GIVEN_BACK: Final = "not sent, and held again"


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What would come of a mail, were it sent now."""

    mail: Mail  # as it would read
    skip: str  # why it would be skipped; "" where it would go
    note: str  # what whoever sends it should know


@dataclass(frozen=True)
class ByHand:
    """The desk of whoever reviews mails; `now` is the real time."""

    store: Store
    outbox: Outbox
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def draft(self, row: Row) -> Mail:
        """The mail with all that it was to say, whatever is done since, and with its edit."""
        return self.outbox.draft(self._post(row), edit=self._edit(row.key))

    def foresee(self, row: Row, *, again: bool = False) -> Outlook:
        """What would come of sending a mail now (`again`: once more); nothing is sent or kept.

        Raises ResidencyError where it is not to be sent so.
        """
        copied = again and row.state is not MailState.UNKNOWN
        post = self._post(self._copy(row) if copied else row)
        if again:
            _check_again(row)
        elif row.state not in (MailState.HELD, MailState.QUEUED, MailState.SENDING):
            raise _not_waiting(row)
        return Outlook(
            mail=self.outbox.draft(post, edit=self._edit(row.key), trim=True),
            skip=self.outbox.superseded(post),
            note=self._unedited(row, post) or self._outdated(row),
        )

    def _unedited(self, row: Row, post: Post) -> str:
        """That the words which somebody wrote are not used any more."""
        if self._edit(row.key) is None or not self.outbox.begins_otherwise(post):
            return ""
        return "what it was edited for is done by now; the rest of it goes, in its own words"

    def _outdated(self, row: Row) -> str:
        """That it says another date than its task has by now."""
        whole = self.store.lists.residency(row.residency) if row.letter.task else None
        task = (
            next((one for one in whole.tasks if one.key == row.letter.task), None)
            if whole
            else None
        )
        if task is None or None in (task.due, row.letter.due) or task.due == row.letter.due:
            return ""
        return "its task is due at another date by now; `residency emails edit` changes its words"

    def template(self, row: Row) -> Source:
        """The template that the mail is made from."""
        return self.outbox.template(self._post(row))

    def edit(self, row: Row, *, subject: str, body: str, by: str) -> Mail:
        """Keep other words for a mail that waits; they are tried first. The mail comes back.

        Raises TemplateError where they have a fault, ResidencyError where it waits no more.
        """
        if row.state not in (MailState.HELD, MailState.QUEUED):
            raise ResidencyError(
                f"{row.key} is {row.state}; only a mail that is held can be edited."
            )
        post, words = self._post(row), Edit(subject, body)
        if self.outbox.begins_otherwise(post):
            raise ResidencyError(
                f"What {row.key} begins with is done by now, and the rest of it goes in its own words; "
                "discard it, and write to its receiver yourself, where they are not enough."
            )
        mail = self.outbox.draft(post, edit=words)
        if row.state is MailState.QUEUED and not self.store.outbox.move(row.key, MailState.HELD):
            raise ResidencyError(f"{row.key} was sent just now; look at it with `emails show`.")
        data = {"subject": subject, "body": body}
        self.store.reviews.add(Review(mail=row.key, what=Did.EDITED, by=by, data=data))
        return mail

    def send(self, row: Row, *, by: str) -> Settled:
        """Send a mail that is held, waits, or was left by whoever sent it; under its own key.

        What did not go is held again, and says why. Raises ResidencyError where it is none of that.
        """
        attempt, post = uuid4().hex, self._post(row)  # Before the row is claimed: it may be gone.
        opened = self.store.outbox.open_by_hand(row.key, attempt) or self._left(row, attempt)
        if opened is None:
            raise _not_waiting(row)
        return self._carry(post, opened, attempt, Review(mail=row.key, what=Did.SENT, by=by))

    def resend(self, row: Row, *, by: str, reason: str = "") -> tuple[str, Settled]:
        """Send a mail once more, rendered anew; answers under which key.

        One of unknown fate goes under its own key, with the same Message-ID; one that was sent,
        failed or was skipped goes as a new mail. Doing it twice at once does it once.
        """
        attempt, post = uuid4().hex, self._post(row)  # As in `send`.
        _check_again(row)
        did = Review(mail=row.key, what=Did.RESENT, by=by, detail=reason)
        if row.state is MailState.UNKNOWN:
            opened = self.store.outbox.open_unknown(row.key, attempt)
            if opened is None:
                raise ResidencyError(f"{row.key} is no longer unknown; look at it again.")
            return row.key, self._carry(post, opened, attempt, did)
        again = self._copy(row)
        claimed = self.store.outbox.open_many([again], attempt)
        if not claimed:
            raise ResidencyError(
                f"{row.key} was sent once more already, as {again.key}; that one can be resent."
            )
        did = replace(did, data={"mail": again.key})
        post = post.model_copy(update={"letters": [again.letter]})
        return again.key, self._carry(post, claimed[0], attempt, did, edited=row.key)

    def discard(self, row: Row, *, by: str, reason: str) -> None:
        """A mail that is held or waits never goes; ResidencyError where it is neither."""
        if not self.store.outbox.move(row.key, MailState.DISCARDED, detail=reason):
            raise ResidencyError(
                f"{row.key} is {row.state}; only a mail that is held or waits can be discarded."
            )
        self.store.reviews.add(Review(mail=row.key, what=Did.DISCARDED, by=by, detail=reason))

    def _carry(
        self, post: Post, opened: Opened, attempt: str, did: Review, *, edited: str = ""
    ) -> Settled:
        row = opened.row
        self.store.reviews.add(did)  # Before it goes: what is recorded first can't be forgotten.
        edit = self._edit(edited or row.key)
        settled = self.outbox.send_by_hand(post, opened, attempt, edit=edit)
        if settled.state is MailState.QUEUED:  # No workflow would come for it.
            detail = f"{_GIVEN_BACK}: {settled.detail}"
            self.store.outbox.move(row.key, MailState.HELD, detail=detail)
            return replace(settled, state=MailState.HELD, detail=detail, not_before=None)
        return settled

    def _left(self, row: Row, attempt: str) -> Opened | None:
        """A mail in `sending` whose attempt is long over."""
        if row.state is not MailState.SENDING or row.claimed is None:
            return None
        if self.now() - row.claimed < ABANDONED:
            raise ResidencyError(
                f"{row.key} is being sent since {row.claimed:%H:%M:%S} UTC; if whoever sends it "
                f"is gone, it can be taken over {ABANDONED.seconds // 60} minutes after that."
            )
        return next(iter(self.store.outbox.open_many([row], attempt, dead={row.attempt})), None)

    def _copy(self, row: Row) -> Row:
        """A new row for the same letter; the same one until that is settled."""
        stem, _, number = row.occurrence.partition(_AGAIN)
        next_number = int(number or 0) + 1
        occurrence = f"{stem}{_AGAIN}{next_number}"
        letter = row.letter.model_copy(
            update={"occurrence": occurrence, "skip": "", "not_before": None}
        )
        return Row(
            subject=row.subject,
            notice=row.notice,
            occurrence=occurrence,
            receiver=row.receiver,
            at=row.at,
            letter=letter,
            cohort=row.cohort,
            rehearsal=row.rehearsal,
            carrier=row.carrier,
        )

    def _edit(self, mail: str) -> Edit | None:
        found = self.store.reviews.edit_of(mail)
        return edit_of(found) if found else None

    def _post(self, row: Row) -> Post:
        """The post of one letter, by the definition that its residency is pinned to.

        Raises ResidencyError where that is gone, or it is an answer to somebody on a page.
        """
        if row.notice in DIRECT:
            raise ResidencyError(
                f'{row.key} ("{row.notice}") answers somebody who asked for it on a page: the worker '
                "sends it as soon as it can, and they may ask again there; nobody sends it by hand."
            )
        whole = self.store.lists.residency(row.residency)
        if whole is None:
            raise ResidencyError(f'The residency "{row.residency}" of {row.key} is gone.')
        now = row.at if row.rehearsal else self.now()
        return Post(
            residency=row.residency,
            definition=whole.row.definition,
            now=now,
            letters=[row.letter.model_copy(update={"to": row.receiver})],
        )


def _not_waiting(row: Row) -> ResidencyError:
    return ResidencyError(
        f"{row.key} is {row.state}; `residency emails resend` sends a mail once more."
    )


def _check_again(row: Row) -> None:
    if row.state in (MailState.HELD, MailState.QUEUED, MailState.SENDING):
        raise ResidencyError(
            f"{row.key} is {row.state}; `residency emails send` sends a mail that waits."
        )
