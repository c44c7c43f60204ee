"""What people did with mails by hand: who held, edited, sent or discarded what, when, and why."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select

from store.database import Database
from store.tables import reviews


class Did(StrEnum):
    """What was done. The first two are holds, the others are of one mail."""

    HOLD = "hold"
    UNHOLD = "unhold"
    EDITED = "edited"
    SENT = "sent"
    DISCARDED = "discarded"
    RESENT = "resent"


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
            return [
                Review(**{name: getattr(row, name) for name in _FIELDS} | {"what": Did(row.what)})
                for row in connection.execute(query)
            ]

    def edit_of(self, mail: str) -> Review | None:
        """The newest edit of a mail."""
        edits = [one for one in self.of(mail) if one.what is Did.EDITED]
        return edits[-1] if edits else None


_FIELDS = tuple(Review.__dataclass_fields__)
