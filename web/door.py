"""What every page needs: the store, the links, the templates, and the running residencies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from residency.errors import ResidencyError
from store.grants import Grant, Purpose
from web.limiting import Limits
from web.links import PATHS, Links
from web.pages import Pages
from wiring import House

if TYPE_CHECKING:
    from client import Residencies
    from store import Store
    from store.people import Person


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
        self._connecting = asyncio.Lock()

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def links(self) -> Links:
        return self.house.links

    async def residencies(self) -> Residencies:
        """The running residencies. Raises UnavailableError where the Temporal server is away."""
        async with self._connecting:
            if self._residencies is None:
                self._residencies = self.house.residencies(await self.house.connect())
            return self._residencies

    def visitor(self, purpose: Purpose, token: str) -> Visitor:
        """Who holds this link. Raises DeadLinkError where it allows nothing."""
        grant = self.links.read(purpose, token)
        person = self.store.people.get(grant.person) if grant else None
        if grant is None or person is None:
            raise DeadLinkError
        return Visitor(person=person, grant=grant, path=PATHS[purpose].format(token=token))
