"""Submissions: what people wrote into forms, and their reasons. Never changed."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from residency.errors import ResidencyError
from store.database import Database
from store.tables import AnyRow, submissions

# Built once: that takes longer than asking.
_GET = select(submissions).where(submissions.c.id == bindparam("of"))
_PUT = insert(submissions)


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A form's answers by field id, or a free text, or both."""

    id: str
    residency: str
    person: str
    form: str
    at: datetime  # the program's time
    answers: dict[str, Any] = field(default_factory=dict)
    text: str = ""


class Submissions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        id: str,  # The contract's name.
        residency: str,
        person: str,
        form: str,
        answers: dict[str, Any],
        at: datetime,
        *,
        text: str = "",
    ) -> None:
        """Keeps a submission; the same one again changes nothing.

        Raises ResidencyError where other answers are kept under this id.
        """
        new = Submission(
            id=id, residency=residency, person=person, form=form, answers=answers, at=at, text=text
        )
        with self._database.writing() as connection:
            self._database.alone(connection, f"submissions/{id}")
            if put(connection, new) != new:
                raise other_answers(id)

    def get(self, id: str) -> Submission | None:  # The contract's name.
        with self._database.reading() as connection:
            return get(connection, id)

    def of(self, residency: str) -> list[Submission]:
        """All of a residency, oldest first."""
        query = (
            select(submissions)
            .where(submissions.c.residency == residency)
            .order_by(submissions.c.at, submissions.c.id)
        )
        with self._database.reading() as connection:
            return [_submission(row) for row in connection.execute(query)]


def put(connection: Connection, new: Submission) -> Submission:
    """Keeps a submission, unless one is kept under its id; answers which is kept."""
    known = get(connection, new.id)
    if known is None:
        connection.execute(_PUT, asdict(new))
    return known or new


def other_answers(id: str) -> ResidencyError:  # As above.
    return ResidencyError(f'The submission "{id}" is kept already, with other answers.')


def get(connection: Connection, id: str) -> Submission | None:  # As above.
    row = connection.execute(_GET, {"of": id}).one_or_none()
    return _submission(row) if row is not None else None


def _submission(row: AnyRow) -> Submission:
    return Submission(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
