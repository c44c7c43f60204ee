"""Clicks: what people did, kept from before it is sent until it is answered.

So a click whose answer was lost is sent again with its id, by the client or when a worker starts.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Text, bindparam, cast, insert, select, update

from residency.errors import UnavailableError
from residency.wire import Act
from store import submissions
from store.database import PATIENCE, Database
from store.gathered import Gathered
from store.submissions import Submission
from store.tables import clicks

# Built once: that takes longer than asking.
_PUT = insert(clicks)
_KNOWN = select(clicks.c.action).where(clicks.c.action == bindparam("of"))
_ANSWERED = (
    update(clicks)
    .where(clicks.c.action == bindparam("of"), clicks.c.answered.is_(None))
    .values(answered=bindparam("now"), code=bindparam("said"))
)


class Clicks:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers = Gathered(self._write_answers)

    def put(
        self,
        residency: str,
        act: Act,
        *,
        written: Sequence[Submission] = (),
        patience: float = PATIENCE,
    ) -> bool:
        """Keeps an action before it is sent, and what was written for it, in one transaction.

        The same again changes nothing, whenever it comes: False then. Waits at most `patience`
        seconds for the database. Raises ResidencyError where something else is kept under the id of
        what was written.
        """
        with self._database.writing(patience=patience) as connection:
            for one in written:
                self._database.alone(connection, f"submissions/{one.id}")
                kept = submissions.put(connection, one)
                if (kept.answers, kept.text) != (one.answers, one.text):
                    raise submissions.other_answers(one.id)
            self._database.alone(connection, f"clicks/{act.id}")
            return put(connection, residency, act)

    def answered(self, action: str, code: str = "") -> None:
        """The residency has answered, or refused: it is not sent again. Durable on return."""
        with self._database.writing() as connection:
            connection.execute(_ANSWERED, _answers({action: code}))

    def answered_soon(self, action: str, code: str = "") -> None:
        """As `answered`, together with the others of the moment; nobody waits for it.

        One that is lost, because the process or the database goes away, is found out again: the
        action is sent once more and answered as before.
        """
        self._answers.put(action, code)

    def flush(self) -> None:
        """Writes the answers that were gathered so far."""
        self._answers.flush()

    def _write_answers(self, answers: Mapping[str, str]) -> None:
        try:
            with self._database.writing() as connection:
                connection.execute(_ANSWERED, _answers(answers))
        except UnavailableError:
            _log().warning("store.answers_not_kept", number=len(answers))

    def is_answered(self, action: str) -> bool:
        """Whether an action was kept, and its residency has answered."""
        if action in self._answers:
            return True
        query = select(clicks.c.answered).where(clicks.c.action == action)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none() is not None

    def unanswered(self, residency: str, *, by: str) -> list[tuple[Act, datetime]]:
        """What somebody did there that was never answered, oldest first, and when."""
        query = (
            select(clicks.c.action, clicks.c.put, cast(clicks.c.act, Text).label("act"))
            .where(clicks.c.answered.is_(None), clicks.c.residency == residency)
            .order_by(clicks.c.put)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        open_ = [row for row in rows if row.action not in self._answers]
        read = ((_read(row.action, residency, row.act), row.put) for row in open_)
        return [(act, put) for act, put in read if act is not None and act.actor == by]

    def waiting(self) -> list[tuple[str, Act]]:
        """Residency and action of all that was never answered, oldest first.

        One that can't be read is left out and named in the log, so that the others still go.
        """
        self.flush()
        query = (
            # As text: read as JSON, one broken row would break the whole query.
            select(clicks.c.action, clicks.c.residency, cast(clicks.c.act, Text).label("act"))
            .where(clicks.c.answered.is_(None))
            .order_by(clicks.c.put)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        read = ((row.residency, _read(row.action, row.residency, row.act)) for row in rows)
        return [(residency, act) for residency, act in read if act is not None]


def _answers(answers: Mapping[str, str]) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [{"of": action, "now": now, "said": code} for action, code in answers.items()]


def _read(action: str, residency: str, text: str) -> Act | None:
    try:
        return Act.model_validate_json(text)
    except ValidationError:  # Its text holds values, so only the ids are told.
        _log().error("store.click_unreadable", action=action, residency=residency)
        return None


def put(connection: Connection, residency: str, act: Act) -> bool:
    """As `Clicks.put`, in a transaction that does more."""
    if connection.execute(_KNOWN, {"of": act.id}).first() is not None:
        return False
    connection.execute(
        _PUT,
        {
            "action": act.id,
            "residency": residency,
            "act": act.model_dump(mode="json", exclude_defaults=True),
            "put": datetime.now(UTC),
            "code": "",
        },
    )
    return True


def _log() -> Any:
    """The logger; made only where there is something to say, as its library is slow to import."""
    import structlog  # noqa: PLC0415  # See above.

    return structlog.get_logger("store")
