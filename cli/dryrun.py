"""A dry run in sentences: what would move, who would be told, what would be left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from cli.lookup import document_of
from cli.output import count
from cli.telling import sentence
from residency.documents import zone_of

if TYPE_CHECKING:
    from residency.wire import DateMove, Preview
    from store import Store
    from store.lists import Whole

NAMED = {
    "presentation": "the presentation",
    "last-day": "the last day",
    "first-day": "the first day",
}
SINGULAR = {
    "mentors": "mentor",
    "coordinators": "coordinator",
    "reviewers": "reviewer",
    "interviewers": "interviewer",
    "panelists": "panelist",
}
NOTHING = "Nothing was done."


def sentences(store: Store, whole: Whole, found: Preview) -> list[str]:
    """A few lines; the last one says that nothing was done."""
    if found.code in ("again", "thanked"):
        return [f"It was done before. {NOTHING}"]
    today = datetime.now(UTC).date()
    lines = [moves(found.moves, today=today)] if found.moves else []
    if not found.moves:
        lines += _events(store, whole, found)
    told = told_sentence(_roles(store, whole), found.told)
    left = _left(store, whole, found.data)
    return [*lines, " ".join(part for part in (told, left, NOTHING) if part)]


def moves(found: Iterable[DateMove], *, today: date) -> str:
    """`2 milestones move: m8 (Oct 31 -> Nov 21), ...; the last day moves from Nov 30 to Dec 21`.

    Days have their year where one of them is not in this year.
    """
    every = list(found)
    years = {day.year for one in every for day in (one.was, one.will_be)} != {today.year}
    days = [
        (
            one,
            _day(one.was, year=years and one.was.year != one.will_be.year),
            _day(one.will_be, year=years),
        )
        for one in every
    ]
    many = [f"{one.what} ({was} -> {will_be})" for one, was, will_be in days if _is_many(one)]
    rest = [each for each in days if not _is_many(each[0])]
    single = [
        f"{NAMED[one.what]}{' moves' if n == 0 else ''} from {was} to {will_be}"
        for n, (one, was, will_be) in enumerate(rest)
    ]
    verb = "moves" if len(many) == 1 else "move"
    first = [f"{count(len(many), 'milestone')} {verb}: {', '.join(many)}"] if many else []
    return "; ".join([*first, *([", ".join(single)] if single else [])])


def told_sentence(roles: dict[str, str], told: Iterable[str]) -> str:
    """As in: 4 people would be told: the resident, 2 mentors, 1 coordinator."""
    people = dict.fromkeys(one.partition(":")[2] for one in told)
    if not people:
        return "Nobody would be told."
    counts = Counter(roles.get(person, "other") for person in people)
    parts = [_counted(role, number) for role, number in counts.items()]
    verb = "person would" if len(people) == 1 else "people would"
    return f"{len(people)} {verb} be told: {', '.join(parts)}."


def _counted(role: str, number: int) -> str:
    if role.startswith("the "):
        return role
    return count(number, role)


def _is_many(move: DateMove) -> bool:
    return move.what not in NAMED


def _day(day: date, *, year: bool) -> str:
    return f"{day:%b} {day.day}{f', {day.year}' if year else ''}"


def _roles(store: Store, whole: Whole) -> dict[str, str]:
    """What each person is to the residency; the resident as the program calls them."""
    document = document_of(store, whole.row.definition)
    word = document.get("program", {}).get("words", {}).get("person") or "resident"
    roles = {one.person: SINGULAR.get(one.role, one.role) for one in whole.appointments}
    roles |= {one.person: "mentor" for one in whole.appointments if one.role == "mentors"}
    cohort = store.cohorts.get(whole.row.cohort)
    for person in cohort.coordinators if cohort else []:
        roles[person] = "coordinator"
    roles[whole.row.person] = f"the {word}"
    return roles


def _left(store: Store, whole: Whole, data: dict[str, Any]) -> str:
    if "left" not in data:
        return ""
    cohort = store.cohorts.get(whole.row.cohort)
    allowed = (cohort.plan if cohort else {}).get("extension_weeks", "?")
    return f"{data['left']} of {allowed} extension weeks would be left."


def _events(store: Store, whole: Whole, found: Preview) -> list[str]:
    """What would be recorded, where no date moves."""
    document = document_of(store, whole.row.definition)

    zone = zone_of(document)

    def name(person: str) -> str:
        known = whole.people.get(person) or store.people.get(person)
        return known.name if known else person

    return [
        f"Would be recorded: {sentence(event, name=name, document=document, zone=zone)}"
        for event in found.events
    ]
