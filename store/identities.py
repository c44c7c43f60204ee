"""Answers to the questions about identity. They stand apart: this module writes, and nothing reads.

No rule, reviewer, ranking, mail or page may know them; whoever has to count them for a whole cohort
asks the database.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from store.database import Database
from store.tables import identities


class Identities:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, residency: str, cohort: str, answers: dict[str, Any], *, at: datetime) -> None:
        """Keeps what was answered; a second time changes nothing, and no answer leaves no row."""
        if not answers:
            return
        with self._database.writing() as connection:
            self._database.alone(connection, f"identities/{residency}")
            known = select(identities.c.residency).where(identities.c.residency == residency)
            if connection.execute(known).first() is None:
                connection.execute(
                    insert(identities),
                    {"residency": residency, "cohort": cohort, "answers": answers, "at": at},
                )
