"""Brings a database up to this version of the tables.

The version is read first, in one query: Alembic is imported only where there is something to do.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from residency.errors import ResidencyError, UnavailableError
from store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config  # As above.

HEAD = "0007"
"""The newest revision in `migrations/versions`; a test compares them."""

PATIENCE = 60.0
"""Seconds: another process may be migrating just now."""


def version(database: Database) -> str:
    """The revision a database is at; "" where it has no tables yet."""
    if database.is_sqlite and not Path(database.name).exists():
        return ""
    try:
        with database.reading() as connection:
            return _version(connection)
    except UnavailableError as error:
        cause = error.__cause__
        if isinstance(cause, DBAPIError) and _has_no_table(cause):
            return ""
        raise


def migrate(database: Database) -> None:
    """Raises UnavailableError where it can't be written, ResidencyError where it is newer."""
    if version(database) == HEAD:
        return
    if database.is_sqlite:
        _make_file(database)
    with database.writing(patience=PATIENCE) as connection:
        database.alone(connection, "migrate")
        _upgrade(connection, database.name)


def _version(connection: Connection) -> str:
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def _has_no_table(error: DBAPIError) -> bool:
    missing = getattr(error.orig, "sqlstate", "") == "42P01"
    return missing or "no such table" in str(error.orig)


def _make_file(database: Database) -> None:
    """The folder, and a write-ahead log: it stays with the file, so it is asked for only here."""
    try:
        Path(database.name).absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f'The folder of the database "{database.name}" can\'t be made: {error.strerror}.'
        ) from error
    database.keep_a_log(patience=PATIENCE)


def _upgrade(connection: Connection, name: str) -> None:
    from alembic import command  # noqa: PLC0415  # Half a second that only a migration is worth.
    from alembic.util import CommandError  # noqa: PLC0415  # As above.

    settings = alembic_config()
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise ResidencyError(
            f'The database "{name}" was made by a newer version of this program; use that one.'
        ) from error


def alembic_config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415  # As above.

    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
    )
    return settings
