"""Made-up definitions, and an outbox on a real store, for the tests of mail."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mail.render import Renderer

CHECKOUT = Path(__file__).resolve().parents[2]
WORDS = {
    "residency": ("🤗 AI Research Residency Program", ("resident", "residency", "month"), "#ff9d00"),
    "plain": ("AI/ML Residency", ("resident", "residency", "month"), "#0066cc"),
    "internship": ("AI/ML Internship", ("intern", "internship", "week"), "#0a7d33"),
}


def made_document(which: str) -> dict[str, Any]:
    """A definition document with the words of one of the three programs."""
    name, (person, program, period), color = WORDS[which]
    months = {f"m{number}": f"Month {number}" for number in range(1, 10)}
    return {
        "program": {
            "id": which,
            "name": name,
            "organization": "Analytical Engines",
            "words": {"person": person, "program": program, "period": period},
            "time_zone": "Europe/Paris",
            "look": {"color": color, "logo": None},
            "mail": {"sender": None, "reply_to": None, "signature": None},
            "send_window": {"opens": "08:00", "closes": "18:00"},
            "stages": {"milestones": {"every": "1 month"}},
        },
        "titles": {
            "items": {**months, "contract": "Sign the contract"},
            "kinds": {"report": "Report", "sign-off": "Sign-off", "item-contract": "Sign it"},
            "rounds": {"research": "Research conversation"},
            "statements": {"all": "All backgrounds are welcome."},
        },
        "forms": {},
    }


@pytest.fixture(params=sorted(WORDS))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return made_document(request.param)


@pytest.fixture
def one_document() -> dict[str, Any]:
    return made_document("residency")


@pytest.fixture
def make_renderer(tmp_path: Path) -> Callable[..., Renderer]:
    def make(**options: Any) -> Renderer:
        return Renderer(
            templates=CHECKOUT / "templates", programs=tmp_path / "programs", **options
        )

    return make
