"""What a stored definition calls its tasks, stages and items, for people to read."""

from collections.abc import Mapping
from typing import Any


def task_title(document: dict[str, Any], kind: str, *, item: str = "", round: int = 1) -> str:
    """`Report: Month 3: First results (round 2)`."""
    titles = document.get("titles", {})
    title = titles.get("kinds", {}).get(kind) or readable(kind)
    if turn := waitlist_turn(kind, item):
        title, item = f"{title}{turn}", ""
    named = titles.get("items", {}).get(item) or titles.get("rounds", {}).get(item) or item
    if item and not kind.endswith(item) and str(named) not in title:
        title = f"{title}: {named}"
    return f"{title} (round {round})" if round > 1 else title


def waitlist_turn(kind: str, item: str) -> str:
    """What follows the title of a selection from the waitlist; from the second on, with which."""
    turn = item.removeprefix("waitlist-")
    if kind != "select" or turn == item:
        return ""
    return " from the waitlist" if turn == "1" else f" from the waitlist ({turn})"


def item_title(document: dict[str, Any], item: str) -> str:
    """A milestone's, item's or round's name."""
    titles = document.get("titles", {})
    found = titles.get("items", {}).get(item) or titles.get("rounds", {}).get(item)
    return str(found or readable(item))


def key_title(document: dict[str, Any], key: str) -> str:
    """The title of a task by its key: stage/kind/item/round."""
    parts = [*key.split("/"), "", "", ""]
    number = int(parts[3]) if parts[3].isdigit() else 1
    return task_title(document, parts[1], item=parts[2], round=number)


def readable(code: str) -> str:
    """`first-day` -> `first day`."""
    return code.replace("-", " ").replace("_", " ")


def zone_of(document: Mapping[str, Any]) -> str:
    """The program's time zone; UTC where it says none, or the document isn't kept."""
    return str(document.get("program", {}).get("time_zone") or "UTC")
