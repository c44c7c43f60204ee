"""What every page needs: the store, the links, the templates, and the running residencies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from residency.errors import ResidencyError, UnavailableError
from store.grants import Grant, Purpose
from web.limiting import Limits
from web.links import PATHS, Links
from web.pages import Pages
from wiring import House

if TYPE_CHECKING:
    from client import Residencies
    from store import Store
    from store.people import Person


DOUBT: Final = 2.0
"""Seconds that a click waits before it is asked whether the server is there at all."""

QUIET: Final = 3.0
"""Seconds after a connection that failed, in which nobody else waits for the next."""


class DeadLinkError(ResidencyError):
    """A link that is unknown, forged, expired or revoked: they all get the same answer."""

    def __init__(self) -> None:
        super().__init__("This link does not work any more.")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who holds a link, and what it allows. `path` is the link's own path, without a slash at its end."""

    person: Person
    grant: Grant
    path: str


class Door:
    """One web process. Nothing here changes anything by itself; routes do."""

    def __init__(self, house: House, *, limits: Limits) -> None:
        self.house = house
        self.limits = limits
        self.pages = Pages()
        self._residencies: Residencies | None = None
        self._connecting: asyncio.Task[Residencies] | None = None
        self._failed: tuple[float, str] | None = None

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def links(self) -> Links:
        return self.house.links

    async def residencies(self) -> Residencies:
        """The running residencies. Raises UnavailableError where the Temporal server is away.

        All who ask meanwhile wait for one attempt, and none of them longer than the settings say.
        """
        if self._residencies is not None:
            return self._residencies
        if self._connecting is None or self._connecting.done():
            if self._failed is not None and monotonic() < self._failed[0] + QUIET:
                raise UnavailableError(self._failed[1])
            self._connecting = asyncio.create_task(self._connected())
            self._connecting.add_done_callback(_heard)
        # Whoever goes away does not take the attempt from the others.
        return await asyncio.shield(self._connecting)

    async def _connected(self) -> Residencies:
        patience = self.house.settings.record_timeout
        try:
            async with asyncio.timeout(patience):
                client = await self.house.connect()
                self._residencies = self.house.residencies(client, doubt=DOUBT)
        except TimeoutError as error:
            sentence = f"The Temporal server has not answered within {patience:g} s."
            self._failed = (monotonic(), sentence)
            raise UnavailableError(sentence) from error
        except UnavailableError as error:
            self._failed = (monotonic(), str(error))
            raise
        return self._residencies

    def visitor(self, purpose: Purpose, token: str) -> Visitor:
        """Who holds this link. Raises DeadLinkError where it allows nothing."""
        grant = self.links.read(purpose, token)
        person = self.store.people.get(grant.person) if grant else None
        if grant is None or person is None:
            raise DeadLinkError
        return Visitor(person=person, grant=grant, path=PATHS[purpose].format(token=token))


def _heard(task: asyncio.Task[Residencies]) -> None:
    """Whoever waited was told why it failed; where nobody did any more, nothing is to be said of it."""
    if not task.cancelled():
        task.exception()
