"""Mails to look at before anybody gets one: from made-up people, or from a real residency."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mail.context import Facts
from mail.dating import Dates
from mail.draft import Drafts
from mail.message import Invite, Mail
from mail.render import Renderer
from mail.samples import reader_of, sample_facts, sample_letter, with_sample_form
from residency.errors import ResidencyError
from residency.notices import Audience, Notice
from residency.wire import Letter

SENDER: Final = "Residencies <mail@example.org>"
LINK: Final = "https://example.org/t/sample"
"""Where buttons lead in the gallery."""

_HREF: Final = re.compile(r'href="([^"]*)"')
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+")
_IN_ENTRY: Final = re.compile(r"https?://[^\s\\]+")
_TEXT: Final = re.compile(r">[^<]+<")
_TEST: Final = "TEST: "
_INERT: Final = "https://example.invalid/"


@dataclass(frozen=True)
class Previews:
    """Draws mails without sending; `sender` is the From where a program has none."""

    renderer: Renderer
    sender: str = SENDER

    def sample(
        self,
        notice: Notice,
        document: Mapping[str, Any],
        *,
        locale: str = "en",
        dates: Dates | None = None,
    ) -> Mail:
        """The mail that the template's own sample makes, with made-up people.

        With the `dates` of its program it is of a day on which the program would send it.
        """
        facts = _in(locale, with_sample_form(sample_facts(document, locale=locale)))
        if dates is None:
            return self.of(facts, notice)
        letter = dates.letter(self._letter(facts, notice))
        return self.draw(replace(facts, last_day=dates.last), letter)

    def of(self, facts: Facts, notice: Notice, *, to: str | None = None) -> Mail:
        """The sample's letter in these facts; `to` is its reader, by default whom it is for."""
        return self.draw(facts, self._letter(facts, notice, to=to))

    def _letter(self, facts: Facts, notice: Notice, *, to: str | None = None) -> Letter:
        source = self.renderer.check(notice.name, program=str(facts.program["id"]))
        return sample_letter(notice, source, document=facts.document, to=to)

    def draw(self, facts: Facts, letter: Letter) -> Mail:
        key = f"preview/{letter.notice}"
        return Drafts(self.renderer, sender=self.sender).mail(facts, letter, key=key)


def reader_in(facts: Facts, notice: Notice) -> str:
    """Who of a real residency reads that notice: its person, its lead mentor or a coordinator."""
    held: Mapping[Audience, list[str]] = {
        Audience.MENTOR: list(facts.mentors),
        Audience.COORDINATOR: list(facts.coordinators),
    }
    people = held.get(notice.audience, [facts.person])
    if not people:
        raise ResidencyError(
            f'{facts.residency} has no {notice.audience} yet, so nobody gets "{notice.name}" there.'
        )
    return people[0]


def made_up_reader(notice: Notice) -> str:
    """The id of the made-up person that a sample is for."""
    return reader_of(notice)


def as_test(mail: Mail, *, to: str, key: str) -> Mail:
    """The mail for whoever tests it: marked, under a key of its own, with links that lead nowhere."""
    return replace(
        mail,
        key=key,
        to=("", to),
        subject=f"{_TEST}{mail.subject}",
        text=_ADDRESS.sub(_INERT, mail.text),
        html=_TEXT.sub(
            lambda found: _ADDRESS.sub(_INERT, found[0]),
            _HREF.sub(f'href="{_INERT}"', mail.html),
        ),
        invite=_inert(mail.invite),
        rehearsal="",
    )


def links_of(mail: Mail) -> list[str]:
    """Every address that the mail leads to, once each, in order."""
    return list(dict.fromkeys([*_HREF.findall(mail.html), *_ADDRESS.findall(mail.text)]))


def _in(locale: str, facts: Facts) -> Facts:
    people = {each: replace(person, locale=locale) for each, person in facts.people.items()}
    return replace(facts, people=people)


def _inert(invite: Invite | None) -> Invite | None:
    """An entry that asks nobody anything and replaces nothing in a calendar."""
    if invite is None:
        return None
    lines = invite.content.replace("\r\n ", "").split("\r\n")
    kept = [
        _changed(line) for line in lines if not line.startswith(("ATTENDEE", "ORGANIZER", "URL"))
    ]
    return replace(invite, method="PUBLISH", content="\r\n".join(kept))


def _changed(line: str) -> str:
    name, colon, value = line.partition(":")
    match name:
        case "METHOD":
            return "METHOD:PUBLISH"
        case "UID":
            return f"UID:test-{value}"
        case "SUMMARY":
            return f"SUMMARY:{_TEST}{value}"
        case "DESCRIPTION" | "LOCATION":
            return f"{name}:{_IN_ENTRY.sub(_INERT, value)}"
        case _:
            return f"{name}{colon}{value}"
