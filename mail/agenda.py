"""What is asked of a reader, in words: by when, and what a digest lists."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from babel.lists import format_list

from mail.language import Language
from mail.words import when_text


def asked_by(context: Mapping[str, Any], due: datetime, language: Language) -> str:
    """By when it is asked for, or since when it is late."""
    words = when_text(
        due,
        phrases=language.phrases,
        zone=context["reader"]["zone"],
        locale=language.locale,
        year=context["at"].year,
    )
    early = due > context["at"]
    return (language.phrases.by if early else language.phrases.late).format(when=words)


def sections(
    context: Mapping[str, Any],
    language: Language,
    *,
    link: Callable[[str, str, str], str] | None,
) -> list[dict[str, Any]]:
    """A digest's list, what the reader has to do apart from what others have; empty ones left out."""
    rows = [_worded(context, row, language, link=link) for row in context["agenda"]]
    parts = [
        {"own": own, "rows": [row for row in rows if row["own"] is own]} for own in (True, False)
    ]
    return [part for part in parts if part["rows"]]


def _worded(
    context: Mapping[str, Any],
    row: Mapping[str, Any],
    language: Language,
    *,
    link: Callable[[str, str, str], str] | None,
) -> dict[str, Any]:
    names = format_list(row["who"], locale=language.locale) if row["who"] else ""
    waits = language.phrases.waits.format(names=names) if names else ""
    address = link(row["residency"], row["task"], context["reader"]["id"]) if link else ""
    return {
        **row,
        "about": " · ".join(each for each in (row["person"], waits) if each),
        "by": asked_by(context, row["due"], language),
        "link": address if row["own"] else "",
    }
