"""A folder with every notice as it looks: for each program and language, and one page over all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mail.dating import Dates
from mail.message import Mail
from mail.preview import Previews
from residency.notices import CATALOG, Audience, Notice

INDEX: Final = "index.html"

_GROUPS: Final[Mapping[Audience, str]] = {
    Audience.RESIDENT: "To the person",
    Audience.MENTOR: "To mentors",
    Audience.REVIEWER: "To reviewers",
    Audience.INTERVIEWER: "To interviewers",
    Audience.PANELIST: "To the panel",
    Audience.PARTICIPANT: "To whoever meets",
    Audience.COORDINATOR: "To coordinators",
}
_OTHERS: Final = "To whom it concerns"


@dataclass(frozen=True)
class Piece:
    """One mail of the gallery."""

    notice: Notice
    program: str
    locale: str
    mail: Mail

    @property
    def stem(self) -> Path:
        """Where its files are, without their ending."""
        return Path(self.program) / self.locale / self.notice.name

    @property
    def size(self) -> int:
        """Octets of the whole mail."""
        return len(self.mail.as_bytes())


def pieces(
    previews: Previews,
    documents: Mapping[str, Mapping[str, Any]],
    *,
    locales: Sequence[str],
    dates: Mapping[str, Dates] = MappingProxyType({}),
) -> Iterator[Piece]:
    """Every notice of every program in every language, from the templates' own samples.

    They are of days of those programs whose `dates` are given, by the same ids.
    A template's fault is a TemplateError with file and line.
    """
    for program, document in documents.items():
        for locale in locales:
            for notice in CATALOG.values():
                own = dates.get(program)
                mail = previews.sample(notice, document, locale=locale, dates=own)
                yield Piece(notice, program, locale, mail)


def locales_in(templates: Path) -> list[str]:
    """The languages that the house has notices in, English first."""
    found = sorted(path.name for path in (templates / "email").iterdir() if path.is_dir())
    return sorted(found, key=lambda name: name != "en")


def write(folder: Path, found: Iterable[Piece], *, templates: Path) -> list[Piece]:
    """HTML, text, .eml and, where there is an invitation, .ics of each; and the page over them."""
    written = []
    for piece in found:
        stem = folder / piece.stem
        stem.parent.mkdir(parents=True, exist_ok=True)
        _write(stem.with_suffix(".html"), piece.mail.html)
        _write(stem.with_suffix(".txt"), piece.mail.text)
        stem.with_suffix(".eml").write_bytes(piece.mail.as_bytes())
        if piece.mail.invite:
            _write(stem.with_suffix(".ics"), piece.mail.invite.content)
        written.append(piece)
    _write(folder / INDEX, _index(written, templates))
    return written


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _index(written: Sequence[Piece], templates: Path) -> str:
    """The page; without JavaScript it is a list of links to the first program's mails."""
    environment = Environment(
        loader=FileSystemLoader(templates / "gallery"), autoescape=True, undefined=StrictUndefined
    )
    first = written[0]
    shown = [one for one in written if (one.program, one.locale) == (first.program, first.locale)]
    groups = {name: list[Piece]() for name in [*_GROUPS.values(), _OTHERS]}
    for piece in shown:
        groups[_GROUPS.get(piece.notice.audience, _OTHERS)].append(piece)
    return environment.get_template(INDEX).render(
        groups={name: found for name, found in groups.items() if found},
        programs=list(dict.fromkeys(one.program for one in written)),
        locales=list(dict.fromkeys(one.locale for one in written)),
        count=len(written),
        mails={one.stem.as_posix(): _facts(one) for one in written},
    )


def _facts(piece: Piece) -> dict[str, Any]:
    mail = piece.mail
    return {
        "subject": mail.subject,
        "from": mail.sender[0],
        "to": mail.to[0],
        "kb": round(piece.size / 1024, 1),
        "ics": mail.invite.method if mail.invite else "",
    }
