"""What a task's page says first: what it is about where its title does not, and what silence means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from web.scenes import Scene

LEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "revise": "Change what is asked for, and send the application again.",
        "release": "Nobody is told before you release it.",
        "materials": "Whoever evaluates your presentation looks at these.",
        "publish": "Submit the work where it fits, then say here where that is.",
        "record-publication": "Once the work has appeared, say here where.",
        "check-date": "Dates have moved, and this one stayed. See whether it still suits everybody.",
        "decide-end": "The last day has come, and something that is required is missing.",
        "hearing": "It is proposed to end your {program} before its time. Nothing is decided yet: "
        "a coordinator reads what you say first.",
        "handle-terminate": "It is proposed to end this {program} before its time. It goes on unless "
        "you confirm it.",
    }
)
LAPSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "revise": "The application stays as it was",
        "offer": "The offer ends",
        "hearing": "It is decided without your side",
    }
)


def lead_of(scene: Scene) -> str:
    """Empty where the title and what is below say enough."""
    words = scene.program["words"]
    return LEADS.get(scene.task.kind, "").format(program=words["program"])


def lapse_of(scene: Scene) -> str:
    """What happens where nobody answers; empty where the task then waits on."""
    return LAPSES.get(scene.task.kind, "It lapses") if scene.kind.lapse else ""


def said_of(scene: Scene) -> dict[str, Any]:
    """What every page of a task says."""
    return {
        "document": scene.document,
        "zone": scene.zone,
        "now": scene.now,
        "visitor": scene.visitor,
        "scene": scene,
        "title": scene.title,
        "here": scene.here,
        "home": scene.home,
        "words": scene.program["words"],
        "lead": lead_of(scene),
        "lapse": lapse_of(scene),
    }
