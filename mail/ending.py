"""How a person ends a mail that went nowhere, or of which nobody can say whether it went."""

from residency.errors import ResidencyError
from store import Store
from store.mailbox import ENDED_BY_HAND
from store.mails import Mail as Row
from store.posting import MailState
from store.reviews import Did, Review


def end(store: Store, row: Row, *, sent: bool, by: str, reason: str = "") -> None:
    """Keep that a mail arrived (`sent`), or that it did not and is not sent any more; and who said so.

    Raises ResidencyError where its fate is known, or changes just now.
    """
    if row.state not in ENDED_BY_HAND:
        raise ResidencyError(
            f"{row.key} is {row.state}; only a mail that is unknown or failed can be settled."
        )
    if sent and row.state is MailState.FAILED:
        raise ResidencyError(
            f"{row.key} failed, so it surely did not arrive; --lost ends it, "
            "`residency emails resend` sends it once more."
        )
    what = "a person says that it arrived" if sent else "a person says that it is not needed"
    if not store.mailbox.settle(row.key, sent=sent, detail=reason or what):
        raise ResidencyError(f"{row.key} has changed just now; look at it with `emails show`.")
    detail = f"{'sent' if sent else 'lost'}{f': {reason}' if reason else ''}"
    store.reviews.add(Review(mail=row.key, what=Did.SETTLED, by=by, detail=detail))
