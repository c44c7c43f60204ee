"""Every part of a page in every state, on one page: for eyes, for axe, and for the tests of a part."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, DictLoader
from starlette.requests import Request

from residency.forms import FormField
from web.pages import STATIC, Pages

NOW: Final = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
_LONG: Final = (
    "The first experiments ran and their results are written up.\n\nThe second data set is larger "
    "than we thought, so the comparison with earlier work moves to next month."
)
_CHOICES: Final = {
    "continue": "Continue as planned",
    "adapt": "Continue with a changed plan, which we agree on in our next meeting",
    "stop": "Stop",
}

FIELDS: Final = [
    FormField(id="line", label="Title of your work", help="As it should be announced."),
    FormField(
        id="text",
        label="What was done",
        type="text",
        help="A few sentences are enough.",
        readers=["mentors", "coordinators"],
    ),
    FormField(id="choice", label="How it goes on", type="choice", values=_CHOICES),
    FormField(
        id="choices",
        label="What would help",
        type="choices",
        values={"time": "More time", "machines": "More machines", "people": "Somebody to talk to"},
        required=False,
        help="Choose as many as you like.",
    ),
    FormField(id="number", label="Hours a week", type="number", least=1, most=40),
    FormField(
        id="scale",
        label="How sure you are of finishing in time",
        type="scale",
        help="From 1 (not at all) to 5 (certain)",
    ),
    FormField(id="tens", label="Clarity", type="scale", least=0, most=10, readers=["resident"]),
    FormField(id="date", label="Last day of work", type="date"),
    FormField(id="link", label="Link to your report", type="link", required=False),
    FormField(id="yes", label="May we publish the recording?", type="yes-no"),
    FormField(
        id="attest",
        label="I have done this work myself, and what is not mine is named as somebody else's",
        type="attestation",
    ),
]

ANSWERS: Final[dict[str, Any]] = {
    "line": "How small a model can be that still answers well",
    "text": _LONG,
    "choice": "adapt",
    "choices": ["time", "people"],
    "number": 32,
    "scale": 4,
    "tens": 7,
    "date": "2026-09-30",
    "link": "https://example.org/reports/2026/a-rather-long-address-that-has-no-place-to-break-it-at-all",
    "yes": False,
    "attest": True,
}

FAULTS: Final = {
    field.id: f"“{field.label}” is not answered; {what}"
    for field, what in zip(
        FIELDS,
        [
            "write a line of at most 200 characters.",
            "write a text.",
            "choose one.",
            "choose among these.",
            "give a number from 1 to 40.",
            "choose a number from 1 to 5.",
            "choose a number from 0 to 10.",
            "write a date like 2022-04-03.",
            "write an address that begins with https://.",
            "answer yes or no.",
            "agree to it.",
        ],
        strict=True,
    )
}

TASKS: Final = [
    {
        "title": "Sign-off: Month 3",
        "who": "Ada Lovelace",
        "due": NOW + timedelta(days=3),
        "href": "#a",
        "note": "Waits on you and Grace Hopper",
    },
    {
        "title": "Review",
        "who": "Lin Chen",
        "due": NOW - timedelta(days=2),
        "late": True,
        "href": "#b",
    },
    {"title": "Scorecard: Conversation about research", "href": "#c"},
]

PAGE: Final = Path(__file__).with_suffix(".html").read_text()


def render(source: str, *, color: str = "#3b5bdb", **context: Any) -> str:
    """A page of that source, outside of any server; its files are addressed as /static/..."""
    pages = Pages()
    loader = pages._environment.loader  # Only tests render from a text.
    assert loader is not None
    pages._environment.loader = ChoiceLoader([DictLoader({"it.html": source}), loader])
    document = {"program": {"name": "Research Residency", "look": {"color": color}}}
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "state": {}})
    shown = pages.show(request, "it.html", document=document, now=NOW, **context)
    return bytes(shown.body).decode()


def gallery(color: str = "#3b5bdb") -> str:
    """The page of all parts."""
    return render(
        PAGE,
        color=color,
        fields=FIELDS,
        answers=ANSWERS,
        faults=FAULTS,
        tasks=TASKS,
        said=[
            ("Title of your work", ANSWERS["line"]),
            ("What was done", _LONG),
            ("How it goes on", _CHOICES["adapt"]),
            ("What would help", ["More time", "Somebody to talk to"]),
            ("Hours a week", 32),
            ("Last day of work", date(2026, 9, 30)),
            ("Link to your report", ANSWERS["link"]),
            ("May we publish the recording?", False),
            ("Anything else", None),
        ],
        tomorrow=NOW + timedelta(days=1),
        day=date(2026, 2, 2),
    )


def standing(html: str) -> str:
    """The page as a file that needs no server: its style is in it, and nothing else of ours."""
    style = (STATIC / "style.css").read_text()
    lines = [
        f"<style>{style}</style>" if line.startswith('<link rel="stylesheet"') else line
        for line in html.splitlines()
        if not line.startswith(('<link rel="icon"', "<script "))
    ]
    return "\n".join(lines)


def write(folder: Path, *, colors: dict[str, str]) -> list[Path]:
    """A gallery in each color, as files."""
    paths = []
    for name, color in colors.items():
        path = folder / f"gallery-{name}.html"
        path.write_text(standing(gallery(color)))
        paths.append(path)
    return paths
