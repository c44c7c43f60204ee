"""What is asked of a reader, in words: by when, and what a digest lists."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from babel.lists import format_list

from mail.language import Language
from mail.words import when_text

MOST: Final = 60
"""Rows of a digest: more would be read by nobody, and mail programs cut long mails off."""
ROOM: Final = 56 * 1024
"""Octets that the rows may take, in HTML as it goes out; the rest of a mail takes less than 20 KB."""
_FRAME: Final = 400  # Octets around a row's words, with its styles.


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
    """A digest's list, what the reader has to do apart from what others have; empty ones left out.

    Of a very long one the rest is counted, and stands on the reader's page.
    """
    first = sorted(context["agenda"], key=lambda row: not row["own"])
    rows, room = list[dict[str, Any]](), ROOM
    for row in first[:MOST]:
        worded = _worded(context, row, language, link=link)
        room -= _size(worded)
        if rows and room < 0:
            break
        rows.append(worded)
    left = len(first) - len(rows)
    if left:  # Below whatever was listed last.
        more = _more(context, left, language, link=link)
        rows.append(more | {"own": rows[-1]["own"]})
    parts: list[dict[str, Any]] = [
        {"own": own, "rows": [row for row in rows if row["own"] is own]} for own in (True, False)
    ]
    return [part for part in parts if part["rows"]]


def _more(
    context: Mapping[str, Any],
    left: int,
    language: Language,
    *,
    link: Callable[[str, str, str], str] | None,
) -> dict[str, Any]:
    page = link("", "", context["reader"]["id"]) if link else ""
    title = language.phrases.more.format(number=left)
    by = language.phrases.elsewhere if page else ""
    return {"title": title, "about": "", "by": by, "late": False, "link": page}


def _size(row: Mapping[str, Any]) -> int:
    texts = "".join(str(row[name]) for name in ("title", "about", "by", "link"))
    return len(texts.encode("ascii", "xmlcharrefreplace")) + _FRAME


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
