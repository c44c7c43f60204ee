"""Clicks: what people did, kept from before it is sent until it is answered.

So a click whose answer was lost is sent again with its id, by the client or when a worker starts.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from residency.wire import Act
from store.database import Database
from store.tables import clicks


class Clicks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, residency: str, act: Act) -> None:
        """Keeps an action before it is sent; the same id again changes nothing."""
        with self._database.writing() as connection:
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

    def waiting(self) -> list[tuple[str, Act]]:
        """Residency and action of all that was never answered, oldest first."""
        query = (
            select(clicks.c.residency, clicks.c.act)
            .where(clicks.c.answered.is_(None))
            .order_by(clicks.c.put)
        )
        with self._database.reading() as connection:
            return [(row.residency, Act(**row.act)) for row in connection.execute(query)]


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
