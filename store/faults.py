"""Says in one sentence why a database did not do what it was asked."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from residency.errors import UnavailableError

_SQLITE = {
    "SQLITE_BUSY": "is locked by another process (waited {patience:g} s); try again in a moment",
    "SQLITE_LOCKED": "is locked by another process (waited {patience:g} s); try again in a moment",
    "SQLITE_FULL": "could not be written: the disk is full; free some space",
    "SQLITE_READONLY": "could not be written: it is read-only; allow this user to write it",
    "SQLITE_CANTOPEN": "can't be opened; the folder must exist and this user must be allowed in it",
    "SQLITE_IOERR": "can't be read or written: the disk reports an error",
    "SQLITE_PERM": "can't be opened: this user is not allowed to",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_NOTADB": "is no SQLite database; move the file away or choose another",
    "SQLITE_INTERRUPT": "was interrupted; try again",
}
_POSTGRESQL = {
    "08": "can't be reached",
    "25006": "could not be written: it is read-only",
    "28": "refused the user name or password",
    "3D000": "does not exist on that server; create it",
    "40": "was too busy (another transaction came between); try again in a moment",
    "53100": "could not be written: its disk is full; free some space",
    "53": "is out of connections or memory; try again in a moment",
    "55P03": "is locked by another process (waited {patience:g} s); try again in a moment",
    "57014": "did not answer within {patience:g} s; try again in a moment",
    "57": "is shutting down or starting; try again in a moment",
}
NO_TABLES = "has not been set up by this version; `residency up` and `residency worker` do it"
AWAY = "can't be reached"


def locked(name: str, patience: float) -> UnavailableError:
    """Another thread of this process has been writing for too long."""
    return _unavailable(name, _SQLITE["SQLITE_BUSY"], patience)


def unavailable(error: Exception, *, name: str, patience: float) -> UnavailableError | None:
    """The sentence for a database that is locked, away, full or read-only; else None."""
    if isinstance(error, PoolTimeout):
        return _unavailable(name, "is busy: all its connections are in use; try again", patience)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if cause is None:
        return None
    what = _sqlite(cause) if isinstance(cause, sqlite3.Error) else _postgresql(cause)
    return _unavailable(name, what, patience) if what else None


def _unavailable(name: str, what: str, patience: float) -> UnavailableError:
    return UnavailableError(f'The database "{name}" {what.format(patience=patience)}.')


def _sqlite(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_ERROR" and "no such table" in str(error):
        return NO_TABLES
    return next((what for prefix, what in _SQLITE.items() if code.startswith(prefix)), "")


def _postgresql(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None) or ""
    if code == "42P01":
        return NO_TABLES
    if not code:
        # psycopg gives no state where no server has answered.
        return AWAY if type(error).__name__ in ("OperationalError", "ConnectionTimeout") else ""
    # The longest code that fits says most.
    fitting = [prefix for prefix in _POSTGRESQL if code.startswith(prefix)]
    return _POSTGRESQL[max(fitting, key=len)] if fitting else ""
