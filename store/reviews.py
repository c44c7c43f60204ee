"""What people did with mails by hand: who held, edited, sent or discarded what, when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select

from store.database import Database
from store.tables import AnyRow, reviews


class Did(StrEnum):
    """What was done. The first two are holds, the last is of a person, the others are of one mail."""

    HOLD = "hold"
    UNHOLD = "unhold"
    EDITED = "edited"
    SENT = "sent"
    DISCARDED = "discarded"
    RESENT = "resent"
    SETTLED = "settled"
    READDRESSED = "readdressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One line. `data` of an edit are its `subject` and `body`; of a resending its new `mail`."""

    mail: str = ""
    what: Did
    by: str = ""
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Reviews:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, review: Review) -> None:
        """Keeps a line; none is ever changed."""
        values = {name: getattr(review, name) for name in _FIELDS}
        with self._database.writing() as connection:
            connection.execute(insert(reviews), values)

    def of(self, mail: str) -> list[Review]:
        """What was done with a mail, oldest first; with "": all holds."""
        query = select(reviews).where(reviews.c.mail == mail).order_by(reviews.c.id)
        with self._database.reading() as connection:
            return [_review(row) for row in connection.execute(query)]

    def edit_of(self, mail: str) -> Review | None:
        """The newest edit of a mail."""
        return self.edits_of([mail]).get(mail)

    def edits_of(self, mails: Sequence[str]) -> dict[str, Review]:
        """The newest edit of each of these mails that has one."""
        query = (
            select(reviews)
            .where(reviews.c.mail.in_(mails), reviews.c.what == Did.EDITED)
            .order_by(reviews.c.id)
        )
        with self._database.reading() as connection:
            return {row.mail: _review(row) for row in connection.execute(query)}


_FIELDS = tuple(Review.__dataclass_fields__)


def _review(row: AnyRow) -> Review:
    return Review(**{name: getattr(row, name) for name in _FIELDS} | {"what": Did(row.what)})
