"""Links: signed, opaque, and good for one purpose. What each allows is a row of the store."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

from residency.errors import UnavailableError
from residency.settings import Settings
from store import Store
from store.grants import Grant, Purpose

PATHS: Final = {
    Purpose.TASK: "/t/{token}",
    Purpose.PERSON: "/me/{token}",
    Purpose.CALENDAR: "/calendar/{token}.ics",
    Purpose.APPLICATION: "/a/{token}",
}
LONGEST: Final = 512
"""Signs of a token; more is none of ours, and is not even looked at."""


class Links:
    """Makes and reads the links of one installation. `keys`: the newest first, which signs.

    `base` is the public address, without a slash at its end; never taken from a request.
    """

    def __init__(self, store: Store, *, keys: Sequence[str], base: str) -> None:
        self._store, self._base = store, base.rstrip("/")
        oldest_first = list(reversed(keys))
        self._serializers = {
            purpose: URLSafeTimedSerializer(oldest_first, salt=f"residency/{purpose.value}")
            for purpose in Purpose
        }

    @property
    def base(self) -> str:
        return self._base

    def of_mail(self, residency: str, task: str, person: str) -> str:
        """The link of a mail's button: to the task, or to all that waits on the person."""
        return self.task(residency, task, person) if task else self.person(person)

    def task(self, residency: str, task: str, person: str) -> str:
        return self._link(
            self._store.grants.give(Purpose.TASK, person, residency=residency, task=task, at=_now())
        )

    def person(self, person: str) -> str:
        return self._link(self._store.grants.give(Purpose.PERSON, person, at=_now()))

    def calendar(self, person: str) -> str:
        return self._link(self._store.grants.give(Purpose.CALENDAR, person, at=_now()))

    def application(self, application: str) -> str:
        return self._link(self._store.grants.give(Purpose.APPLICATION, application, at=_now()))

    def read(self, purpose: Purpose, token: str) -> Grant | None:
        """What a link allows now; None where it is forged, expired, revoked or for another purpose."""
        if len(token) > LONGEST:
            return None
        try:
            id_ = self._serializers[purpose].loads(token)
        except BadData:
            return None
        grant = self._store.grants.get(str(id_))
        if grant is None or grant.purpose is not purpose or not grant.allows(at=_now()):
            return None
        return grant

    def token(self, grant: Grant) -> str:
        return str(self._serializers[grant.purpose].dumps(grant.id))

    def _link(self, grant: Grant) -> str:
        return self._base + PATHS[grant.purpose].format(token=self.token(grant))


def unsigned(token: str) -> str:
    """The part of a token that says which grant it is for, which its time and signature follow.

    Every mail signs it anew. Nothing is checked here.
    """
    return token.rsplit(".", 2)[0]


def keys_of(settings: Settings) -> list[str]:
    """The keys that sign links: those of the settings, or the one of the data folder.

    Raises UnavailableError where that file can be neither read nor made.
    """
    if settings.link_keys:
        return [key.get_secret_value() for key in settings.link_keys]
    path = settings.data / "link.key"
    try:
        return [_kept(path)]
    except OSError as error:
        raise UnavailableError(
            f'The key that signs links, "{path}", can\'t be read or made: {error.strerror}.'
        ) from error


def _kept(path: Path) -> str:
    """The key in the file, made where there is none; of two that make it at once, one wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(token_urlsafe(48))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()


def _now() -> datetime:
    return datetime.now(UTC)
