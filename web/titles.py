"""What pages and calendars call a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from residency.documents import readable, task_title

if TYPE_CHECKING:
    from store.shown import ResidencyRow

_UNNAMED: Final = ("hearing", "correct-address")
"""Kinds whose item is a number or an id, which says nothing to anybody; so is that of `handle-...`."""


def title_of(document: dict[str, Any], kind: str, *, item: str, round_: int) -> str:
    """With its item only where that has a name of its own."""
    if kind == "appoint":
        return f"Appoint {readable(item).replace('.', ' ')}"
    if kind.startswith("handle-") or kind in _UNNAMED:
        item = ""
    titles = document.get("titles", {})
    if kind != "select" and not any(
        item in (titles.get(group) or {}) for group in ("items", "rounds")
    ):
        item = readable(item)
    return task_title(document, kind, item=item, round=round_)


def cohort_called(row: ResidencyRow) -> str:
    """A cohort's name; that of a rehearsal without its program's id, which says nothing here."""
    return row.cohort_name.removeprefix(f"{row.program}-") if row.rehearsal else row.cohort_name
