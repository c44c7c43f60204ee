"""The house's values, in the shape of `program.yaml`: what a program neither states nor assumes."""

from typing import Any, Final

HOUSE: Final[dict[str, Any]] = {
    "stages": {
        "application": {
            "judge": {"due": "7 days"},
            "revise": {"due": "14 days", "lapse": "7 days after"},
            "release_task": {"due": "3 business days"},
        },
        "screening": {
            "reviews": 1,
            "form": "rubric",
            "due": "14 days",
            "decide": {"due": "7 days"},
        },
        "interviews": {
            "rounds": [{"id": "interview", "name": "Interview"}],
            "scorecard": {"form": "scorecard", "due": "3 days"},
            "schedule": {"due": "10 days"},
            "decide": {"due": "7 days"},
        },
        "selection": {"cooling_off": "15 minutes", "decide": {"due": "7 days"}},
        "offer": {
            "due": "14 days",
            "remind": ["7 days before", "2 days before"],
            "lapse": "0 days after",
            "form": "offer-answer",
        },
        "onboarding": {
            "mentors": 1,
            "appoint": {"due": "3 business days"},
            "items": [
                {"id": "contract", "name": "Contract signed", "by": "coordinators",
                 "due": "4 weeks before"},
                {"id": "access", "name": "Accounts and equipment ready", "by": "coordinators",
                 "due": "1 week before", "after": ["contract"]},
                {"id": "problem", "name": "Problem chosen", "by": "resident",
                 "due": "2 weeks after", "form": "problem"},
            ],
        },
        "milestones": {
            "every": "1 month",
            "report": {
                "form": "report",
                "opens": "7 days before",
                "remind": ["2 days before", "1 day after", "3 days after"],
                "escalate": {"mentor": "5 days after", "coordinator": "8 days after"},
            },
            "sign_off": {
                "form": "sign-off",
                "due": "5 days",
                "escalate": {"co-mentor": "2 days after", "coordinator": "4 days after"},
                "rework": "7 days",
                "rounds": 0,
            },
        },
        "presentation": {
            "before_end": "14 days",
            "materials": {"before": "3 days before", "form": "materials"},
            "offer": {"due": "14 days"},
            "evaluate": {"due": "3 days", "form": "evaluation"},
            "decide": {"due": "7 days"},
        },
        "publication": {
            "when": "never",
            "recommend": {"due": "7 days"},
            "submit": {"due": "30 days"},
            "record": {"due": "60 days", "form": "publication"},
        },
        "completion": {
            "require": ["milestones", "presentation"],
            "attestation": {"due": "7 days"},
            "decide": {"due": "7 days"},
        },
    },
}  # fmt: skip  # One line an item reads best.

FLAGS: Final[dict[str, dict[str, str]]] = {
    "handle-concern": {"due": "3 business days"},
    "handle-extend": {"due": "5 days"},
    "handle-date": {"due": "3 business days"},
    "hearing": {"due": "7 days", "lapse": "0 days after"},
    "handle-terminate": {"due": "5 days"},
    "correct-address": {"due": "3 business days"},
}
"""The tasks that flags, and mail that comes back, open; they are the same in every program."""

DECIDE: Final = {"due": "7 days"}
RELEASE: Final = {"due": "3 business days"}
"""A coordinator's decision, and the release of a prepared one, where no stage says otherwise."""

SCHEDULED_AHEAD: Final = "42 days before"
"""When a coordinator is asked to schedule the presentation, before it is due."""

REPLACED: Final = frozenset({"remind", "escalate", "by"})
"""Keys whose value, once written, replaces the house's as a whole."""

INSTEAD: Final[dict[tuple[str | int, ...], tuple[str, ...]]] = {
    ("stages", "milestones", "every"): ("stages", "milestones", "at"),
    ("stages", "presentation", "before_end"): ("stages", "presentation", "day"),
}
"""House values that fall away where the program writes the other key."""

REMIND: Final = ["1 day before", "1 day after"]
ESCALATE: Final = {"coordinator": "4 days after"}
OWN_REMIND: Final = ["0 days after"]
OWN_ESCALATE: Final = {"coordinator": "3 days after"}
"""The house ladder, and the one of a coordinator's own tasks."""

AGAIN: Final = "1w"
"""The last rung repeats every week, to the coordinator, until someone acts."""

ESSENTIAL: Final = {
    "application": ["time_zone"],
    "screening": ["stages.screening.reviews", "stages.screening.form"],
    "interviews": ["stages.interviews.rounds"],
    "selection": [],
    "offer": ["stages.offer.due"],
    "onboarding": [],
    "milestones": ["length", "stages.milestones.every or stages.milestones.at"],
    "presentation": ["length", "stages.presentation.before_end or stages.presentation.day"],
    "publication": ["stages.publication.when"],
    "completion": ["length"],
}
"""What each stage can't run without: `check --stated` says which of it is only assumed."""
