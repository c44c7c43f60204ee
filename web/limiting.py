"""How often one client, and one link, may ask; counted in this process's memory alone."""

import time
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from types import MappingProxyType
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Rate(StrEnum):
    """What is counted."""

    READ = "read"  # requests that change nothing, of one client
    WRITE = "write"  # forms sent by one client
    LINK = "link"  # forms sent with one link
    DEAD = "dead"  # links that don't work, tried by one client
    MAIL = "mail"  # mails that one client asks us to send
    ADDRESS = "address"  # mails that anybody asks us to send to one address


RATES: Final[Mapping[Rate, RateLimitItem]] = MappingProxyType(
    {
        # A whole institute may sit behind one address.
        Rate.READ: RateLimitItemPerMinute(600),
        Rate.WRITE: RateLimitItemPerMinute(120),
        Rate.LINK: RateLimitItemPerMinute(30),
        Rate.DEAD: RateLimitItemPerMinute(30),
        Rate.MAIL: RateLimitItemPerHour(20),
        Rate.ADDRESS: RateLimitItemPerHour(3),
    }
)

TOO_MANY_MAILS: Final = (
    "Too many mails were asked for from where you are. What you typed is still on this page; please "
    "try again in an hour."
)
"""What a page says where `Rate.MAIL` is used up."""


class Limits:
    """Counts what came within the last minute or hour, to the second; each process for itself."""

    def __init__(self, rates: Mapping[Rate, RateLimitItem] = RATES) -> None:
        self._rates = rates
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def takes(self, rate: Rate, who: str) -> bool:
        """Whether one more is taken; it is counted then. `who` is kept as a digest only."""
        item = self._rates.get(rate)
        return item is None or self._counter.hit(item, rate.value, _digest(who))

    def is_open(self, rate: Rate, who: str) -> bool:
        """Whether one more would be taken; nothing is counted."""
        item = self._rates.get(rate)
        return item is None or self._counter.test(item, rate.value, _digest(who))

    def wait(self, rate: Rate, who: str) -> int:
        """Seconds until there is room again, at least 1."""
        stats = self._counter.get_window_stats(self._rates[rate], rate.value, _digest(who))
        return max(ceil(stats.reset_time - time.time()), 1)


def client_of(host: str) -> str:
    """Whom an address is counted for: of IPv6 the network, since a household has billions of addresses.

    A server that listens on both writes an IPv4 address as ::ffff:192.0.2.1; it is meant as itself.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped) if address.ipv4_mapped else address.exploded[:19]


def _digest(who: str) -> str:
    return sha256(who.encode("utf-8", "replace")).hexdigest()[:24]
