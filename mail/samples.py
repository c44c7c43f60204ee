"""Made-up people, and letters from a template's own sample: for previews and tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from mail.context import Facts, Somebody, milestones_of
from mail.source import Source
from residency.documents import zone_of
from residency.notices import Audience, Notice
from residency.wire import Letter, Line

AT: Final = datetime(2022, 9, 23, 7, tzinfo=UTC)
_ROUND: Final = "research"  # What samples call a round of interviews.
# Who has no zone lives in the program's.
_PEOPLE: Final = {
    "p-person": ("Ada Lovelace", "Ada", ""),
    "p-mentor": ("Grace Hopper", "Grace", "America/New_York"),
    "p-second": ("Lin Wei", "Lin", "Asia/Shanghai"),
    "p-coordinator": ("Noor Haddad", "Noor", ""),
    "p-other": ("Sam Okafor", "Sam", ""),
}
_READERS: Final = {
    Audience.RESIDENT: "p-person",
    Audience.MENTOR: "p-mentor",
    Audience.COORDINATOR: "p-coordinator",
    Audience.OWNER: "p-person",
    Audience.ASSIGNEE: "p-mentor",
}


_SAYS: Final = {
    "en": {
        "comment": "The second experiment lacks a baseline; add one.",
        "reason": "The place is not funded as we were told.",
    },
    "fr": {
        "comment": "Il manque une référence à la deuxième expérience\u00a0; ajoutez-en une.",
        "reason": "La place n’est pas financée comme on nous l’avait dit.",
    },
}
"""What the people of a sample write, each in their own language."""


def sample_facts(document: Mapping[str, Any], *, locale: str = "en") -> Facts:
    """A residency of that definition with made-up people who read that language."""
    says, home = _SAYS.get(locale[:2], _SAYS["en"]), zone_of(document)
    return Facts(
        residency="r-sample",
        person="p-person",
        document=document,
        people={
            each: Somebody(
                id=each,
                name=name,
                given_name=given,
                email=f"{each}@example.org",
                zone=zone or home,
                locale=locale,
            )
            for each, (name, given, zone) in _PEOPLE.items()
        },
        coordinators=["p-coordinator"],
        mentors=["p-mentor", "p-second"],
        first_day=date(2022, 6, 1),
        last_day=date(2023, 2, 28),
        submissions={
            "s-verdict": {"comment": says["comment"]},
            "s-reason": {"reason": says["reason"]},
        },
        forms={"s-verdict": "sample"},
        parties={
            "research": ["p-person", "p-other"],
            "presentation": ["p-person", "p-other", "p-mentor", "p-second"],
        },
        places={
            "presentation": {
                "place": "Room 4, 7 rue Nationale",
                "link": "https://meet.example.org/room-4",
            }
        },
    )


def with_sample_form(facts: Facts) -> Facts:
    """The facts with a form for the sample's answers."""
    field = {"id": "comment", "label": "What should change?", "readers": []}
    forms = {**(facts.document.get("forms") or {}), "sample": {"fields": [field]}}
    return replace(facts, document={**facts.document, "forms": forms})


def reader_of(notice: Notice) -> str:
    """The made-up person whom a notice is for."""
    return _READERS.get(notice.audience, "p-other")


def sample_letter(
    notice: Notice, source: Source, *, document: Mapping[str, Any], to: str | None = None
) -> Letter:
    """The letter that a template's `sample` describes, at a milestone that the program has."""
    sample = dict(source.front["sample"] or {})
    item, kind = _at_home(str(sample.get("item", "")), str(sample.get("kind", "")), document)
    round_ = int(sample.get("round", 1))
    return Letter(
        notice=notice.name,
        to=to or reader_of(notice),
        occurrence="sample",
        at=sample.get("at") or _moment(sample.get("due")),
        task=f"sample/{kind}/{item}/{round_}" if kind else "",
        kind=kind,
        item=item,
        round=round_,
        due=sample.get("due"),
        data=_data(sample),
        lines=[_line(line, document) for line in sample.get("lines") or []],
    )


def _line(sample: Mapping[str, Any], document: Mapping[str, Any]) -> Line:
    item, kind = _at_home(str(sample.get("item", "")), str(sample.get("kind", "")), document)
    return Line(
        notice=str(sample["notice"]),
        kind=kind,
        item=item,
        task=f"sample/{kind}/{item}/1",
        due=sample.get("due"),
        data=_data(sample),
    )


def _data(sample: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _scalar(value) for key, value in (sample.get("data") or {}).items()}


def _at_home(item: str, kind: str, document: Mapping[str, Any]) -> tuple[str, str]:
    """The sample's item and kind, at a milestone or round that the program has."""
    own = milestones_of(document)
    if item[:1] == "m" and item[1:].isdigit() and item not in own:
        return (own[-1] if own else ""), kind
    rounds = list((document.get("titles") or {}).get("rounds") or {})
    if item == _ROUND and rounds and item not in rounds:
        return rounds[0], kind.replace(f"-{item}", f"-{rounds[0]}")
    return item, kind


def _moment(due: datetime | None) -> datetime:
    """A week before what is asked for is due."""
    return due - timedelta(days=7) if due else AT


def _scalar(value: Any) -> Any:
    """YAML reads dates as dates; a letter carries them as ISO text."""
    return value.isoformat() if isinstance(value, date) else value
