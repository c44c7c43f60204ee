"""Clicks: what people did, kept from before it is sent until it is answered.

So a click whose answer was lost is sent again with its id, by the client or when a worker starts.
"""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Text, cast, insert, select, update

from residency.wire import Act
from store.database import PATIENCE, Database
from store.tables import clicks


class Clicks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, residency: str, act: Act, *, patience: float = PATIENCE) -> None:
        """Keeps an action before it is sent; the same id again changes nothing.

        Waits at most `patience` seconds for the database.
        """
        with self._database.writing(patience=patience) as connection:
            self._database.alone(connection, f"clicks/{act.id}")
            put(connection, residency, act)

    def answered(self, action: str, code: str = "") -> None:
        """The residency has answered, or refused: it is not sent again."""
        done = (
            update(clicks)
            .where(clicks.c.action == action, clicks.c.answered.is_(None))
            .values(answered=datetime.now(UTC), code=code)
        )
        with self._database.writing() as connection:
            connection.execute(done)

    def is_answered(self, action: str) -> bool:
        """Whether an action was kept, and its residency has answered."""
        query = select(clicks.c.answered).where(clicks.c.action == action)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none() is not None

    def waiting(self) -> list[tuple[str, Act]]:
        """Residency and action of all that was never answered, oldest first.

        One that can't be read is left out and named in the log, so that the others still go.
        """
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


def _read(action: str, residency: str, text: str) -> Act | None:
    try:
        return Act.model_validate_json(text)
    except ValidationError:  # Its text holds values, so only the ids are told.
        _log().error("store.click_unreadable", action=action, residency=residency)
        return None


def put(connection: Connection, residency: str, act: Act) -> None:
    """As `Clicks.put`, in a transaction that does more."""
    known = select(clicks.c.action).where(clicks.c.action == act.id)
    if connection.execute(known).first() is None:
        connection.execute(
            insert(clicks),
            {
                "action": act.id,
                "residency": residency,
                "act": act.model_dump(mode="json", exclude_defaults=True),
                "put": datetime.now(UTC),
                "code": "",
            },
        )


def _log() -> Any:
    """The logger; made only where there is something to say, as its library is slow to import."""
    import structlog  # noqa: PLC0415  # See above.

    return structlog.get_logger("store")
