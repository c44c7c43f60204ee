"""A letter becomes a mail: its words, whom it comes from, who reads the answers, its calendar part."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final

from mail.context import DIGEST, UNDELIVERABLE, Facts, Somebody, context_of
from mail.invite import invite_of
from mail.message import Mail, is_address
from mail.render import Edit, Rendered, Renderer
from mail.source import Source
from residency.dates import zone_named
from residency.documents import zone_of
from residency.errors import ResidencyError
from residency.wire import Letter
from store.reviews import Review

_FAILURES: Final = re.compile(r"\{[{%][^{}]*\bfailures\b")


class Drafts:
    """Writes mails; `sender` is the From (`a@b.org` or `Name <a@b.org>`) where a program has none."""

    def __init__(self, renderer: Renderer, *, sender: str) -> None:
        self._renderer = renderer
        self._sender = parseaddr(sender)

    def mail(
        self,
        facts: Facts,
        letter: Letter,
        *,
        key: str,
        at: datetime | None = None,
        edit: Edit | None = None,
    ) -> Mail:
        """The mail of a letter, in the words of `edit` where somebody changed them; `at` is its date.

        Raises ResidencyError where there is no such receiver or no good address, TemplateError for
        a template's fault.
        """
        receiver = facts.people.get(letter.to)
        if receiver is None:
            raise ResidencyError(f'there is no person "{letter.to}"')
        if not is_address(receiver.email):
            raise ResidencyError(
                f'the address of "{receiver.id}" is malformed; correct it, then send again'
            )
        words = self._renderer.render(
            letter.notice, self.context(facts, letter), color=facts.color, edit=edit
        )
        return self._dressed(facts, letter, receiver, words, key=key, at=at or letter.at)

    def _dressed(
        self,
        facts: Facts,
        letter: Letter,
        receiver: Somebody,
        words: Rendered,
        *,
        key: str,
        at: datetime,
    ) -> Mail:
        """The words with all that stands around them."""
        sender, answers = self._from(facts), _reply_to(facts, letter.to)
        return Mail(
            key=key,
            residency=facts.residency,
            notice=letter.notice,
            receiver=letter.to,
            at=_local(facts, at),
            to=(receiver.name, receiver.email),
            sender=sender,
            reply_to=answers,
            subject=words.subject,
            text=words.text,
            html=words.html,
            rehearsal=facts.rehearsal,
            headers=_headers(letter, words.language.tag, answers or sender),
            invite=invite_of(facts, letter, organizer=answers or sender, language=words.language),
        )

    def context(self, facts: Facts, letter: Letter) -> Mapping[str, Any]:
        """All that the letter's template is given."""
        context = context_of(facts, letter, to=letter.to, at=letter.at)
        return context | {"lines": self._lines(facts, letter)}

    def template(self, facts: Facts, letter: Letter) -> Source:
        """The template that the letter's mail is made from."""
        reader = facts.people.get(letter.to)
        locale = reader.locale if reader else "en"
        return self._renderer.check(letter.notice, program=str(facts.program["id"]), locale=locale)

    def _lines(self, facts: Facts, letter: Letter) -> list[str]:
        """What else there is for the same person: the subjects that their mails would have."""
        if letter.notice == DIGEST:
            return []  # They are its agenda.
        if letter.notice == UNDELIVERABLE and self._lists_failures(facts, letter):
            return []  # They are the failures that it lists; a program's older template may not.
        return [
            self._renderer.subject(
                line.notice,
                context_of(facts, line, to=letter.to, at=letter.at),
                color=facts.color,
            )
            for line in letter.lines
        ]

    def _lists_failures(self, facts: Facts, letter: Letter) -> bool:
        return _FAILURES.search(self.template(facts, letter).body) is not None

    def _from(self, facts: Facts) -> tuple[str, str]:
        given = (facts.program.get("mail") or {}).get("sender")
        name, address = parseaddr(given) if given and "@" in given else (given or "", "")
        name = name or self._sender[0] or str(facts.program["organization"])
        return name, address or self._sender[1]


def edit_of(review: Review) -> Edit:
    """The words that somebody kept for a mail."""
    return Edit(review.data["subject"], review.data["body"], f"edit of {review.mail}")


def _headers(letter: Letter, language: str, answers: tuple[str, str]) -> dict[str, str]:
    """A digest can be done without, so mail programs may offer to end it: a person is asked to."""
    if letter.notice != DIGEST:
        return {"Content-Language": language}
    unsubscribe = f"<mailto:{answers[1]}?subject=unsubscribe>"
    return {"Content-Language": language, "List-Unsubscribe": unsubscribe}


def _reply_to(facts: Facts, reader: str) -> tuple[str, str] | None:
    """A person who reads answers: a coordinator, at the program's own address if it has one."""
    address = (facts.program.get("mail") or {}).get("reply_to")
    coordinator = facts.coordinator_for(reader)
    if address:
        return (coordinator.name if coordinator else str(facts.program["organization"]), address)
    if coordinator is None or not is_address(coordinator.email):
        return None
    return coordinator.name, coordinator.email


def _local(facts: Facts, at: datetime) -> datetime:
    """The mail's date: the program's time, in the program's zone."""
    return at.astimezone(zone_named(zone_of(facts.document)))
