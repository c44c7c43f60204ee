"""Calendar entries: invitations to meetings, their changes and their ends, as iCalendar (RFC 5545).

Times are UTC, so that no calendar has to know our zones. Everything is ASCII, because not every
provider carries other signs in an attached text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from icalendar import Calendar, Event, vCalAddress, vText

from mail.context import Facts, place_of, title_of
from mail.language import Language
from mail.message import Invite, is_address
from residency.dates import parse_instant
from residency.domains import ascii_domain
from residency.notices import DATED
from residency.wire import Letter

ENGLISH: Final = Language()
"""Without any words of its own, so that titles stay as they are."""

PRODUCT: Final = "-//Residency//Calendar//EN"
_DOMAIN: Final = "mail.residency.invalid"
_MINUTES: Final = 60  # Where a letter doesn't say how long a meeting is.
_PLAIN: Final = re.compile(r'[^\x20-\x7e]|["^]')
_SIGNS: Final = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": "'", "”": "'", "…": "..."}
)
LEFT: Final = "left"
"""What `data.party` says to whom a meeting does without."""
_CONFIRMED, _CANCELED = "CONFIRMED", "CANCELLED"  # The standard's spelling.


class Method(StrEnum):
    """What a calendar is to do with it (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


METHODS: Final = {
    f"{meeting}-{what}": method
    for meeting, first in (("interview", "invitation"), ("presentation", "scheduled"))
    for what, method in (
        (first, Method.REQUEST),
        ("moved", Method.REQUEST),
        ("canceled", Method.CANCEL),
    )
}
"""The notices that carry an invitation."""


def invite_of(
    facts: Facts, letter: Letter, *, organizer: tuple[str, str], language: Language = ENGLISH
) -> Invite | None:
    """The invitation that a letter carries; None where its notice has none, or no time is known.

    `organizer` is the name and address to which calendars send their answers; `language` is the
    reader's, in which it says what it is.
    """
    method = METHODS.get(letter.notice)
    if method is None:
        return _deadline_of(facts, letter, language)
    if not letter.data.get("at"):
        return None
    left = letter.data.get("party") == LEFT
    event = _event(facts, letter, language, canceled=method is Method.CANCEL)
    if left:
        del event["STATUS"]  # The meeting itself goes on (RFC 5546, 3.2.5).
    event["ORGANIZER"] = _person(*organizer)
    for someone in _attendees(facts, letter, alone=left):
        event.add("ATTENDEE", _guest(*someone), encode=False)
    return Invite(method=method.value, content=_octets([event], method=method))


def uid(subject: str, item: str) -> str:
    """The same for every version of one meeting or deadline, and opaque."""
    return f"{_ascii(subject)}-{_ascii(item).replace('/', '-')}@{_DOMAIN}"


def calendar_of(days: Iterable[tuple[str, date, str]], *, name: str, stamp: datetime) -> str:
    """One calendar of whole days, each with its UID's first part, its day and what is on it."""
    return _octets(
        [_whole_day(key, day, what, stamp) for key, day, what in days],
        method=Method.PUBLISH,
        name=name,
    )


def _event(facts: Facts, letter: Letter, language: Language, *, canceled: bool) -> Event:
    begins = parse_instant(str(letter.data["at"]))
    minutes = int(letter.data.get("minutes") or _MINUTES)
    event = Event()
    event.add("UID", uid(facts.residency, letter.item))
    event.add("SEQUENCE", int(letter.data.get("sequence") or 0))
    event.add("DTSTAMP", letter.at.astimezone(UTC))
    event.add("DTSTART", begins.astimezone(UTC))
    event.add("DTEND", begins.astimezone(UTC) + timedelta(minutes=minutes))
    event.add("SUMMARY", _summary(facts, letter, language))
    event.add("STATUS", _CANCELED if canceled else _CONFIRMED)
    event.add("TRANSP", "TRANSPARENT" if canceled else "OPAQUE")
    place = place_of(facts, letter)
    if where := _ascii(place["place"] or place["link"]):
        event.add("LOCATION", where)
    event.add("DESCRIPTION", "\n".join(_description(facts, place["link"], language)))
    if place["link"]:
        event.add("URL", place["link"])
    return event


def _deadline_of(facts: Facts, letter: Letter, language: Language) -> Invite | None:
    """What is due, as an entry of the receiver's own: only where the program wants that."""
    wanted = (facts.program.get("mail") or {}).get("deadlines")
    method = _method_of(letter)
    if not wanted or letter.due is None or method is None:
        return None
    due = letter.due.astimezone(UTC)
    event = Event()
    event.add("UID", uid(facts.residency, f"{letter.kind}-{letter.item}-{letter.round}"))
    event.add("SEQUENCE", _revision(letter))
    event.add("DTSTAMP", letter.at.astimezone(UTC))
    event.add("DTSTART", due - timedelta(minutes=30))
    event.add("DTEND", due)
    event.add("SUMMARY", _ascii(language.title(title_of(facts, letter))) or "Due")
    event.add("STATUS", _CANCELED if method is Method.CANCEL else _CONFIRMED)
    event.add("TRANSP", "TRANSPARENT")
    event.add("DESCRIPTION", "\n".join(_description(facts, "", language)))
    return Invite(method=method.value, content=_octets([event], method=method))


DEADLINES: Final = (*DATED, "due-date-moved", "task-reassigned")
"""The notices that always carry a deadline, where a program says `mail: {deadlines: true}`."""


def _method_of(letter: Letter) -> Method | None:
    """What calendars do with the date of a letter's task; None where they keep what they have.

    A receipt says what was handed in before its date, or that it was taken back. A reminder of what
    was moved sets right what another first day or an extension, which move many dates, told nobody.
    """
    match letter.notice:
        case notice if notice in DEADLINES:
            return Method.PUBLISH
        case "reminder" if letter.data.get("revision"):
            return Method.PUBLISH
        case "task-done-by-other":
            return Method.CANCEL
        case "receipt" if letter.data.get("outcome"):
            return Method.CANCEL
        case "receipt" if letter.data.get("verb") == "undo":
            return Method.PUBLISH
        case _:
            return None


def _revision(letter: Letter) -> int:
    """How often the due date was set anew.

    A letter of before that was told says it in its occurrence alone (key~revision~rung).
    """
    if (told := letter.data.get("revision")) is not None:
        return int(told)
    parts = letter.occurrence.split("~")
    return int(parts[1]) if letter.task and len(parts) > 1 and parts[1].isdigit() else 0


def _whole_day(key: str, day: date, what: str, stamp: datetime) -> Event:
    event = Event()
    event.add("UID", uid(key, day.isoformat()))
    event.add("DTSTAMP", stamp)
    event.add("DTSTART", day)
    event.add("DTEND", day + timedelta(days=1))
    event.add("SUMMARY", _ascii(what) or "Date")
    event.add("TRANSP", "TRANSPARENT")
    return event


def _summary(facts: Facts, letter: Letter, language: Language) -> str:
    """What it is and of whom; a name that has no ASCII sign is left out."""
    is_presentation = letter.item == "presentation"
    name_of_it = "Presentation" if is_presentation else title_of(facts, letter)
    title = _ascii(language.title(name_of_it))
    person = facts.people.get(facts.person)
    name = _ascii(person.name) if person else ""
    about = _ascii(language.text(str(facts.program["name"])))
    return ": ".join(each for each in (title or about, name) if each)


def _description(facts: Facts, link: str, language: Language) -> list[str]:
    program = language.text(str(facts.program["name"]))
    lines = [_ascii(program), _ascii(facts.program["organization"]), link]
    return [line for line in lines if line]


def _attendees(facts: Facts, letter: Letter, *, alone: bool) -> list[tuple[str, str]]:
    """Everybody who takes part, the person first; at least the receiver, or that one alone."""
    party: Sequence[str] = [] if alone else facts.parties.get(letter.item) or [facts.person]
    everybody = dict.fromkeys([*party, letter.to])
    known = [facts.people[each] for each in everybody if each in facts.people]
    return [(each.name, each.email) for each in known if is_address(each.email)]


def _person(name: str, address: str) -> vCalAddress:
    local, _, domain = address.rpartition("@")
    shown = vCalAddress(f"mailto:{local}@{ascii_domain(domain)}")
    if plain := _ascii(name).replace("\\", ""):  # Parsers differ on what it means there.
        shown.params["CN"] = vText(plain)
    return shown


def _guest(name: str, address: str) -> vCalAddress:
    shown = _person(name, address)
    shown.params["ROLE"] = vText("REQ-PARTICIPANT")
    shown.params["PARTSTAT"] = vText("NEEDS-ACTION")
    shown.params["RSVP"] = vText("TRUE")
    return shown


def _octets(events: Sequence[Event], *, method: Method, name: str = "") -> str:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method.value)
    if name:
        calendar.add("X-WR-CALNAME", _ascii(name))
    for event in events:
        calendar.add_component(event)
    octets: bytes = calendar.to_ical()
    return octets.decode("ascii")


def _ascii(value: Any) -> str:
    """The value in ASCII signs on one line: marks are taken off letters, other signs left out."""
    text = unicodedata.normalize("NFKD", str(value).translate(_SIGNS))
    kept = _PLAIN.sub(lambda found: " " if found[0].isspace() else "", text)
    return " ".join(kept.split())[:_LONGEST].rstrip()


_LONGEST: Final = 200
