"""Definitions, by the hash of their parsed model; each residency is pinned to one."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from residency.errors import DefinitionError, ResidencyError
from store.database import Database
from store.tables import definitions


class Definitions:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, dict[str, Any]] = {}

    def save(self, hash: str, program: str, version: int, document: dict[str, Any]) -> None:  # noqa: A002  # The contract's name.
        """Keeps a definition's document; the same one again changes nothing.

        Raises DefinitionError where another one was used under this program and version.
        """
        query = select(definitions.c.hash).where(
            definitions.c.program == program, definitions.c.version == version
        )
        with self._database.writing() as connection:
            self._database.alone(connection, f"definitions/{program}")
            known = connection.execute(query).scalar()
            if known is None:
                connection.execute(
                    insert(definitions),
                    {
                        "hash": hash,
                        "program": program,
                        "version": version,
                        "document": document,
                        "saved": datetime.now(UTC),
                    },
                )
            elif known != hash:
                raise DefinitionError(
                    f'{program}: version "{version}" was used before with another content; '
                    f"write `version: {version + 1}` in its program.yaml."
                )

    def get(self, hash: str) -> dict[str, Any]:  # noqa: A002  # The contract's name.
        """The document; read once and shared afterwards, so never change it.

        Raises ResidencyError where there is none.
        """
        if (kept := self._kept.get(hash)) is not None:
            return kept
        query = select(definitions.c.document).where(definitions.c.hash == hash)
        with self._database.reading() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            raise ResidencyError(f'There is no definition "{hash}" in the database.')
        document: dict[str, Any] = found
        self._kept[hash] = document
        return document
