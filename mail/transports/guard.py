"""Until an installation is live, only who was named gets real mail."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from mail.message import Mail
from mail.transports.port import Outcome, Transport, Withheld

REASON: Final = (
    "mail is not live: set RESIDENCY_MAIL_LIVE=true, or name the address in RESIDENCY_MAIL_ALLOW"
)


class GuardedTransport:
    """Lets pass what may go before `RESIDENCY_MAIL_LIVE` is on, and withholds the rest.

    With an `override` every mail goes there instead, its subject naming whom it was for, by id;
    else those whose address or `@domain` is in `allow` get theirs.
    """

    def __init__(
        self, inner: Transport, *, allow: Collection[str] = (), override: str | None = None
    ) -> None:
        self._inner = inner
        self._allow = {entry.strip().casefold() for entry in allow}
        self._override = override

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def looks(self) -> bool:
        return self._inner.looks

    def send(self, mail: Mail) -> Outcome:
        guarded = self._guarded(mail)
        return Withheld(REASON) if guarded is None else self._inner.send(guarded)

    def has(self, mail: Mail) -> bool | None:
        return self._inner.has(mail)

    def close(self) -> None:
        self._inner.close()

    def _guarded(self, mail: Mail) -> Mail | None:
        """The mail as it may go; None where it may not."""
        if self._override:
            subject = f"[for {mail.receiver}] {mail.subject}"
            return replace(mail, to=(mail.to[0], self._override), subject=subject)
        return mail if self._is_allowed(mail.to[1]) else None

    def _is_allowed(self, address: str) -> bool:
        whole = address.strip().casefold()
        return whole in self._allow or f"@{whole.rpartition('@')[2]}" in self._allow
