"""What a template is given: the names, words and dates of one letter."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from mail.words import one_line, own_words
from residency.documents import waitlist_turn
from residency.notices import Audience, notice_named
from residency.wire import Letter, Line
from store.digests import Asked
from store.holds import Covered
from store.mails import Mail as Row
from store.scenes import Changed

DIGEST: Final = "digest"
"""The notice that lists tasks of several residencies."""
UNDELIVERABLE: Final = "mail-undeliverable"
"""The notice that lists mails which did not go, or may not have gone."""

_NOBODY: Final = {"id": "", "name": "", "given_name": "", "zone": "UTC", "locale": "en"}
_HTTPS: Final = re.compile(
    r"https://[\w.-]+(?::\d+)?(?:[/?#][\w.~:/?#@!$&'()*+,;=%-]{0,400})?", re.ASCII
)
_MOST_ANSWERS: Final = 12  # More would bury what the mail asks for.


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """What a mail needs of a person."""

    id: str
    name: str
    given_name: str
    email: str
    zone: str
    locale: str = "en"
    paused: str = ""  # why nothing is sent there

    def words(self) -> dict[str, str]:
        return {
            "id": self.id,
            "name": own_words(self.name),
            "given_name": own_words(self.given_name or self.name),
            "zone": self.zone,
            "locale": self.locale or "en",
        }


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the letters of one post can speak of."""

    residency: str
    person: str  # the id of whom the residency is about
    document: Mapping[str, Any]  # the definition
    people: Mapping[str, Somebody]
    coordinators: Sequence[str]
    mentors: Sequence[str] = ()  # lead first
    first_day: date | None = None
    last_day: date | None = None
    holidays: frozenset[date] = frozenset()
    cohort: str = ""  # its id
    rehearsal: str = ""  # the name of a rehearsed cohort
    closed: Mapping[str, datetime] = field(default_factory=dict)  # when a task was closed
    changed: Mapping[str, Sequence[Changed]] = field(default_factory=dict)  # by the task
    submissions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)  # submission -> form
    parties: Mapping[str, Sequence[str]] = field(default_factory=dict)  # item -> who meets
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # item -> place, link
    link: str = ""  # where the button of a mail leads that is about no task
    now: datetime | None = None  # the present of the post
    on_hold: Covered = field(default_factory=Covered)
    awaited: Mapping[str, datetime] = field(default_factory=dict)  # receiver -> until when
    known: Mapping[str, Row] = field(default_factory=dict)  # rows that a digest may have taken in
    asked: Mapping[str, Sequence[Asked]] = field(default_factory=dict)  # receiver -> their tasks

    @property
    def program(self) -> Mapping[str, Any]:
        program: Mapping[str, Any] = self.document["program"]
        return program

    @property
    def color(self) -> str:
        return str((self.program.get("look") or {}).get("color") or "")

    def coordinator_for(self, reader: str) -> Somebody | None:
        """Who answers that reader: the first coordinator, for a coordinator another one."""
        known = [self.people[each] for each in self.coordinators if each in self.people]
        return next((each for each in known if each.id != reader), known[0] if known else None)


def context_of(facts: Facts, letter: Letter | Line, *, to: str, at: datetime) -> dict[str, Any]:
    """The template's values for one letter, or for a line that it carries. Nobody else's words
    are in it as anything but one line of plain text.
    """
    notice = notice_named(letter.notice)
    data = {**dict.fromkeys(notice.data, ""), **letter.data}
    coordinator = facts.coordinator_for(to)
    program = _program(facts)
    milestone = _milestone(facts, letter.item)
    return {
        "residency": facts.residency,
        "person": _words(facts, facts.person),
        "reader": _words(facts, to),
        "coordinator": coordinator.words() if coordinator else _house(program),
        "mentors": [_words(facts, each) for each in facts.mentors],
        "about": [_words(facts, each) for each in _about(data) if each in facts.people],
        "words": dict(facts.program["words"]),
        "program": program,
        "organization": program["organization"],
        "milestone": milestone,
        "task": _task(facts, letter),
        "meeting": place_of(facts, letter),
        "first_day": facts.first_day,
        "last_day": facts.last_day,
        "due": letter.due,
        "at": at,
        "data": data,
        "asked": _asked(facts, str(data.get("about") or "")),
        "answers": _answers(facts, str(data.get("submission") or ""), notice.audience, to=to),
        "reason": _reason(facts, str(data.get("reason") or "")),
        "lines": [],
        "agenda": _agenda(facts, letter, at=at) if isinstance(letter, Letter) else [],
        "failures": _failures(facts, letter),
        "progress": _progress(facts, milestone, to=to),
        "by_list": to in facts.coordinators,
        "own_link": facts.link,
    }


def _agenda(facts: Facts, letter: Letter, *, at: datetime) -> list[dict[str, Any]]:
    """What a digest lists, the longest due first; the words around it are the renderer's."""
    if letter.notice != DIGEST:
        return []
    rows = [_point(facts, line, to=letter.to, at=at) for line in letter.lines]
    return sorted(rows, key=lambda row: (row["due"], row["person"], row["title"], row["task"]))


def _failures(facts: Facts, letter: Letter | Line) -> list[dict[str, Any]]:
    """What did not go in one moment: each mail by its notice, its receiver, state and key."""
    if letter.notice != UNDELIVERABLE:
        return []
    parts = parts_of(letter) if isinstance(letter, Letter) else [letter]
    return [
        {
            "notice": str(part.data.get("notice") or ""),
            "state": str(part.data.get("state") or ""),
            "mail": str(part.data.get("mail") or ""),
            "who": [_words(facts, each) for each in _about(part.data) if each in facts.people],
        }
        for part in parts
        if part.notice == UNDELIVERABLE
    ]


def _point(facts: Facts, line: Line, *, to: str, at: datetime) -> dict[str, Any]:
    """One task: whom it is about, and who has it, where that is neither the reader nor themselves."""
    about = str(line.data.get("person") or "")
    who = [each for each in _about(line.data) if each != about and each in facts.people]
    return {
        "residency": str(line.data.get("residency") or ""),
        "task": line.task,
        "title": title_of(facts, line),
        "person": _words(facts, about)["name"] if about != to else "",
        "who": [_words(facts, each)["name"] for each in who],
        "own": not line.data.get("who"),
        "due": line.due or at,
        "late": line.due is not None and line.due <= at,
    }


def people_in(letters: Iterable[Letter]) -> set[str]:
    """The ids of all persons that the letters name in their data."""
    return {
        each
        for letter in letters
        for part in parts_of(letter)
        for each in (*_about(part.data), str(part.data.get("person") or letter.to), letter.to)
    }


def submissions_in(letters: Iterable[Letter]) -> set[str]:
    """The ids of all submissions that the letters show something of."""
    return {
        str(part.data[key])
        for letter in letters
        for part in parts_of(letter)
        for key in ("submission", "reason")
        if part.data.get(key)
    }


def parts_of(letter: Letter) -> list[Letter | Line]:
    """The letter, and what the same moment told its reader besides."""
    return [letter, *letter.lines]


def _about(data: Mapping[str, Any]) -> list[str]:
    """Whom a letter is about: `who` (comma-joined), else who did it."""
    return [each for each in str(data.get("who") or data.get("by") or "").split(",") if each]


def _words(facts: Facts, person: str) -> dict[str, str]:
    known = facts.people.get(person)
    return known.words() if known else dict(_NOBODY)


def _house(program: Mapping[str, Any]) -> dict[str, str]:
    """Where a residency has no coordinator, the organization answers."""
    name = str(program["organization"])
    return {**_NOBODY, "name": name, "given_name": name}


def _program(facts: Facts) -> dict[str, Any]:
    program = facts.program
    mail = program.get("mail") or {}
    statements = (facts.document.get("titles") or {}).get("statements") or {}
    return {
        "id": program["id"],
        "name": program["name"],
        "organization": program["organization"],
        "description": program.get("description") or "",
        "logo": _logo((program.get("look") or {}).get("logo")),
        "signature": [mail.get("signature") or program["name"]],
        "statements": list(statements.values()),
        "statement_ids": list(statements),
    }


def _logo(logo: object) -> str:
    """Only an https address is an image that a mail program may fetch."""
    return str(logo) if str(logo or "").startswith("https://") else ""


def _titles(facts: Facts, group: str) -> Mapping[str, str]:
    titles = (facts.document.get("titles") or {}).get(group) or {}
    return titles if isinstance(titles, Mapping) else {}


def _milestone(facts: Facts, item: str) -> dict[str, Any] | None:
    titles = milestones_of(facts.document)
    if item not in titles:
        return None
    return {
        "id": item,
        "title": _titles(facts, "items").get(item, item),
        "number": titles.index(item) + 1,
        "of": len(titles),
    }


def milestones_of(document: Mapping[str, Any]) -> list[str]:
    """The ids of the milestones, in order."""
    stage = (document["program"].get("stages") or {}).get("milestones") or {}
    if stage.get("at"):
        return [str(each["id"]) for each in stage["at"]]
    items = (document.get("titles") or {}).get("items") or {}
    return [each for each in items if each[:1] == "m" and each[1:].isdigit()]


def place_of(facts: Facts, letter: Letter | Line) -> dict[str, str]:
    """Where a letter's meeting is, as far as somebody said it: its place and its https link."""
    said = facts.submissions.get(str(letter.data.get("submission") or "")) or {}
    if not (said.get("place") or said.get("link")):
        said = facts.places.get(letter.item) or {}
    link = str(said.get("link") or "").strip()
    return {
        "place": own_words(said.get("place") or "", limit=200),
        "link": link if _HTTPS.fullmatch(link) else "",
    }


def title_of(facts: Facts, letter: Letter | Line) -> str:
    """The task's title: the item's, beside what kind of task it is."""
    item = _titles(facts, "items").get(letter.item) or _titles(facts, "rounds").get(letter.item)
    kind = _titles(facts, "kinds").get(letter.kind, letter.kind.replace("-", " "))
    kind += waitlist_turn(letter.kind, letter.item)
    title = f"{item}: {kind}" if item and kind and item not in kind else kind or item
    return one_line(title or "")


def _task(facts: Facts, letter: Letter | Line) -> dict[str, Any]:
    return {
        "key": letter.task,
        "kind": letter.kind,
        "item": letter.item,
        "round": letter.round,
        "title": title_of(facts, letter),
    }


def _asked(facts: Facts, key: str) -> str:
    """The title of the task that another one is about; "" where it is about none."""
    if not key:
        return ""
    return title_of(facts, Line(notice="reminder", task=key))


def _progress(
    facts: Facts, milestone: Mapping[str, Any] | None, *, to: str
) -> dict[str, Any] | None:
    """Month 4 of 9, for whoever is on the way or goes along; nothing outside milestones."""
    if milestone is None or not (to == facts.person or to in facts.mentors):
        return None
    number, of = milestone["number"], milestone["of"]
    rule = ((facts.program.get("stages") or {}).get("milestones") or {}).get("every")
    single = str(rule or "").startswith("1 ")  # Every three months, the second is no "month 2".
    word = str(facts.program["words"]["period"]) if single else "milestone"
    dots = [place < number for place in range(of)] if of <= 24 else []
    return {"word": word, "number": number, "of": of, "dots": dots}


def _answers(facts: Facts, submission: str, audience: Audience, *, to: str) -> list[dict[str, str]]:
    """What a form's answers say, as far as this reader may read them."""
    form = (facts.document.get("forms") or {}).get(facts.forms.get(submission, "")) or {}
    given = facts.submissions.get(submission) or {}
    shown = [
        {"label": one_line(field.get("label") or field["id"]), "text": own_words(text, limit=600)}
        for field in form.get("fields") or []
        if _may_read(field, audience, own=to == facts.person)
        and (text := given.get(field["id"])) not in (None, "", [])
        and isinstance(text, str)
    ]
    return shown[:_MOST_ANSWERS]


def _may_read(field: Mapping[str, Any], audience: Audience, *, own: bool) -> bool:
    """A field without named readers is for everybody who has a part in the residency."""
    readers = {str(each) for each in field.get("readers") or []}
    return not readers or ("resident" if own else f"{audience}s") in readers


def _reason(facts: Facts, submission: str) -> str:
    return own_words((facts.submissions.get(submission) or {}).get("reason", ""), limit=600)
