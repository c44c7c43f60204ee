"""How commands write and read instants: local time of a zone, ends of days as 23:59."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from residency.dates import zone_named
from residency.errors import ResidencyError


def moment(instant: datetime | None, zone: str) -> str:
    """`2022-09-30 14:00`, in the zone."""
    return "" if instant is None else f"{_local(instant, zone):%Y-%m-%d %H:%M}"


def day(instant: datetime, zone: str) -> str:
    """`2022-09-30`, in the zone."""
    return f"{_local(instant, zone):%Y-%m-%d}"


def due(instant: datetime | None, zone: str) -> str:
    """Like `moment`; the end of a day is 23:59 of that day, as mails say it too."""
    if instant is None:
        return ""
    local = _local(instant, zone)
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return moment(instant - timedelta(minutes=1) if midnight else instant, zone)


def column(
    name: str,
    instants: Iterable[tuple[datetime | None, str]],
    *,
    written: Callable[[datetime | None, str], str] = moment,
) -> tuple[str, list[str]]:
    """A column's heading and cells, for instants with their zones.

    The zone that all share stands in the heading, as in `due (Europe/Paris)`; otherwise each cell
    has its own.
    """
    every = [(instant, zone or "UTC") for instant, zone in instants]
    zones = {zone for instant, zone in every if instant is not None}
    if len(zones) > 1:
        return name, [f"{written(at, zone)} {zone}" if at else "" for at, zone in every]
    return f"{name} ({zones.pop()})" if zones else name, [written(at, zone) for at, zone in every]


def read_moment(text: str, zone: str) -> datetime:
    """A local time of the zone, or one with its own offset."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ResidencyError(
            f'"{text}" is no time; write one like "2026-05-04 14:00" (in {zone}).'
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=zone_named(zone))


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zone_named(zone or "UTC"))
