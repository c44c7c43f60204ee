"""Renders notices. A template is compiled once per program and locale, and when it changes."""

import difflib
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from jinja2 import (
    Environment,
    Template,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables

from mail.agenda import asked_by, sections
from mail.compose import Frame, button_lines, html_source, opening_source, text_source
from mail.environment import HTML, TEXT
from mail.french import spaced_source
from mail.language import FRAME, Language, read_language, words_paths
from mail.look import Look
from mail.message import ascii_html
from mail.plain import tidy
from mail.source import Source, TemplateError, check_links, locales_of, read_source
from mail.words import one_line
from residency.notices import Notice, notice_named

LARGE: Final = 80 * 1024
"""Octets of HTML, as it goes out, from which on the log warns."""
LARGEST: Final = 100 * 1024
"""Octets at most: Gmail cuts a mail off at 102 KB."""
_log: Final = structlog.get_logger()

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("id", "name", "given_name"),
    "reader": ("id", "name", "given_name", "zone"),
    "coordinator": ("id", "name", "given_name"),
    "words": ("person", "program", "period"),
    "program": ("id", "name", "organization", "description", "logo", "signature", "statements"),
    "milestone": ("id", "title", "number", "of"),
    "task": ("key", "kind", "item", "round", "title"),
    "meeting": ("place", "link"),
    "organization": (),
    "mentors": (),
    "about": (),
    "asked": (),
    "answers": (),
    "reason": (),
    "first_day": (),
    "last_day": (),
    "due": (),
    "at": (),
    "data": (),
    "lines": (),
    "agenda": (),
    "failures": (),
    "button": (),
}
"""What every template may read, and its parts; `data` has the keys of its notice."""


@dataclass(frozen=True)
class Rendered:
    """The words of one mail."""

    subject: str
    text: str
    html: str
    language: Language


@dataclass(frozen=True)
class Edit:
    """The words that somebody wrote for one mail, in place of its template's: as in a template."""

    subject: str
    body: str
    name: str = "the edited mail"  # what a fault calls it


@dataclass(frozen=True)
class Compiled:
    """A template ready for use."""

    source: Source
    stamp: tuple[object, ...]
    language: Language
    subject: Template
    preheader: Template
    text: Template
    html: Template


class Renderer:
    """Knows the house's templates and those of the programs, and reads both live.

    `link` gives the address of a page, for a residency, a task's key (or "": all that waits on
    somebody) and a person; without it no mail carries a link, and buttons say how to answer.
    Threads may share one.
    """

    def __init__(
        self,
        *,
        templates: Path,
        programs: Path,
        link: Callable[[str, str, str], str] | None = None,
    ) -> None:
        self._house = templates / "email"
        self._programs = programs
        self._link = link
        self._compiled: dict[tuple[str, str, str, str], Compiled] = {}
        self._files: dict[tuple[str, str, str], list[str]] = {}  # what is looked at for each mail

    def render(
        self,
        notice: str,
        context: Mapping[str, Any],
        *,
        color: str = "",
        edit: Edit | None = None,
    ) -> Rendered:
        """Subject, text and HTML of a notice; a TemplateError names file, line and what exists."""
        compiled = self._get(notice, context, color=color)
        if edit is not None:
            compiled = self._edited(compiled, notice_named(notice), edit, color=color)
        values = self._values(context, notice, compiled)
        try:
            subject = one_line(compiled.subject.render(values), limit=200)
            values |= {"subject": subject, "page": self._page(context, values["link"])}
            text = tidy(compiled.text.render(values))
            preheader = one_line(compiled.preheader.render(values), limit=300)
            html = compiled.html.render(values, preheader=preheader)
        except TemplateError:
            raise
        except Exception as error:  # noqa: BLE001  # A template may fail in any way that Python may.
            raise self._fault(compiled, values, error) from None
        _weigh(html, compiled.source, notice)
        return Rendered(subject, text, html, compiled.language)

    def subject(self, notice: str, context: Mapping[str, Any], *, color: str = "") -> str:
        """The subject alone: what stands for a notice in the mail of another."""
        compiled = self._get(notice, context, color=color)
        values = self._values(context, notice, compiled)
        try:
            return one_line(compiled.subject.render(values))
        except Exception as error:  # noqa: BLE001  # As in `render`.
            raise self._fault(compiled, values, error) from None

    def check(self, notice: str, *, program: str = "", locale: str = "en") -> Source:
        """Compile a template without rendering it; a TemplateError where it has a fault."""
        return self._get(
            notice, {"program": {"id": program}, "reader": {"locale": locale}}, color=""
        ).source

    def language(self, locale: str, *, program: str = "") -> Language:
        """What is said in that locale around the house's notices: for calendars and previews."""
        context = {"program": {"id": program}, "reader": {"locale": locale}}
        return self._get("receipt", context, color="").language

    def _values(
        self, context: Mapping[str, Any], notice: str, compiled: Compiled
    ) -> dict[str, Any]:
        task = context["task"]["key"] if context.get("task") else ""
        asks, language = notice_named(notice).asks, compiled.language
        own = language.localized(context)
        return {
            **own,
            "language": language,
            "locale": language.locale,
            "locale_tag": language.tag,
            "cause": compiled.source.front["cause"],
            "link": self._address(context, task),
            "asked_by": asked_by(context, context["due"], language)
            if asks and context["due"]
            else "",
            "sections": sections(own, language, link=self._link),
        }

    def _address(self, context: Mapping[str, Any], task: str) -> str:
        """The page of a button; "" where mails carry no link."""
        if own := context.get("own_link"):
            return str(own)
        if self._link is None:
            return ""
        return self._link(str(context.get("residency", "")), task, context["reader"]["id"])

    def _page(self, context: Mapping[str, Any], link: str) -> str:
        """The reader's own page, for the foot; "" where it is the button's, or there is none."""
        if self._link is None or context.get("own_link"):
            return ""
        page = self._link("", "", context["reader"]["id"])
        return "" if page == link else page

    def _get(self, notice: str, context: Mapping[str, Any], *, color: str) -> Compiled:
        program, locale = str(context["program"]["id"]), str(context["reader"]["locale"] or "en")
        known = self._compiled.get((notice, program, locale, color))
        if (about := (notice, program, locale)) not in self._files:
            self._files[about] = self._read_from(*about)
        stamp = tuple(map(_stamp, self._files[about]))
        if known is None or known.stamp != stamp:
            known = self._compile(notice, stamp=stamp, program=program, locale=locale, color=color)
            self._compiled[notice, program, locale, color] = known
        return known

    def _read_from(self, notice: str, program: str, locale: str) -> list[str]:
        """Every file that a notice's mail is made from, if it is there."""
        paths = [path for path, _ in self._paths(notice_named(notice), program, locale)]
        paths += words_paths(locales_of(locale), self._folders(program))
        return [str(path) for path in (*paths, *self._frame_paths())]

    def _paths(self, notice: Notice, program: str, locale: str) -> Iterator[tuple[Path, str]]:
        """Where the template may be, best first: a program's own beats the house's, per locale."""
        for each in locales_of(locale):
            for folder in reversed(self._folders(program)):
                yield folder / each / notice.template, each

    def _folders(self, program: str) -> list[Path]:
        return [self._house, *([self._programs / program / "email"] if program else [])]

    def _frame_paths(self) -> list[Path]:
        return [self._house / name for name in _FRAME]

    def _frame(self, look: Look, language: Language) -> Frame:
        texts = [path.read_text(encoding="utf-8") for path in self._frame_paths()]
        said = {key: _spaced(language.frame.get(key, ""), language, TEXT) for key in FRAME}
        said["colon"] = language.phrases.colon
        for key, words in said.items():
            texts = [text.replace(f"{{{{ say.{key} }}}}", words) for text in texts]
        for part in ("accent", "on_accent", "link_dark", "on_link_dark", "link"):
            texts = [text.replace(f"{{{{ look.{part} }}}}", getattr(look, part)) for text in texts]
        return Frame(*texts)

    def _compile(
        self,
        name: str,
        *,
        stamp: tuple[object, ...],
        program: str,
        locale: str,
        color: str,
    ) -> Compiled:
        paths = list(self._paths(notice_named(name), program, locale))
        path, written_in = next(((path, each) for path, each in paths if path.exists()), paths[-1])
        return self._made(
            read_source(path),
            notice_named(name),
            read_language(locale, written_in=written_in, folders=self._folders(program)),
            stamp=stamp,
            color=color,
        )

    def _edited(self, compiled: Compiled, notice: Notice, edit: Edit, *, color: str) -> Compiled:
        """The template in somebody's own words; the layout and all else stay."""
        front = {**compiled.source.front, "subject": edit.subject, "preheader": None}
        source = Source(Path(edit.name), front, edit.body, 1, {"subject": 1})
        return self._made(source, notice, compiled.language, stamp=compiled.stamp, color=color)

    def _made(
        self,
        source: Source,
        notice: Notice,
        language: Language,
        *,
        stamp: tuple[object, ...],
        color: str,
    ) -> Compiled:
        _check(source, notice, TEXT)
        frame = self._frame(Look.of(color), language)
        subject, body, preheader = (
            _spaced(each, language, TEXT)
            for each in (
                str(source.front["subject"]),
                source.body,
                str(source.front.get("preheader") or ""),
            )
        )
        return Compiled(
            source=source,
            stamp=stamp,
            language=language,
            subject=TEXT.from_string(subject),
            preheader=TEXT.from_string(preheader or opening_source(body, environment=TEXT)),
            text=TEXT.from_string(text_source(body, frame, environment=TEXT)),
            html=HTML.from_string(html_source(body, frame, environment=HTML)),
        )

    def _fault(
        self, compiled: Compiled, values: Mapping[str, Any], error: Exception
    ) -> TemplateError:
        """The same fault with the line of the file: found by rendering the source as written."""
        source = compiled.source
        line = source.lines["subject"]
        what = f"{type(error).__name__}: {error}"
        if not isinstance(error, UndefinedError | SecurityError | TypeError | ValueError):
            what = type(error).__name__  # Others may quote what a person wrote.
        try:
            compiled.subject.render(values)
            raw = TEXT.from_string("\n" * (source.first - 1) + source.body)
            line = source.first
            raw.render(values, button=lambda label: label)
        except Exception as again:  # noqa: BLE001  # As in `render`.
            frames = traceback.extract_tb(again.__traceback__)
            line = next((f.lineno for f in frames if f.filename == "<template>"), line) or line
        return TemplateError(f"{source.path}:{line}: {one_line(what, limit=200)}")


_FRAME: Final = ("_layout.html", "_button.html", "_layout.txt", "_button.txt")


def _weigh(html: str, source: Source, notice: str) -> None:
    """Warns of a large mail, raises TemplateError for one that mail programs cut off."""
    size = len(ascii_html(html))
    if size > LARGEST:
        raise TemplateError(
            f"{source.path}: the mail has {size // 1024} KB; {LARGEST // 1024} KB is the most that "
            "every mail program shows whole"
        )
    if size > LARGE:
        _log.warning("mail.large", notice=notice, kb=size // 1024)


def _stamp(path: str) -> tuple[int, int] | None:
    """What changes when a file does; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # Of a dozen files for each mail; a Path takes twice so long.
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _spaced(text: str, language: Language, environment: Environment) -> str:
    """A template's own words as its language sets them."""
    return spaced_source(text, environment=environment) if language.is_french else text


def _check(source: Source, notice: Notice, environment: Environment) -> None:
    """Everything that can be known of a template before it is rendered."""
    for text, first in (
        (str(source.front["subject"]), source.lines["subject"]),
        (str(source.front.get("preheader") or ""), source.lines.get("preheader", 1)),
        (source.body, source.first),
    ):
        try:
            environment.compile(text)
            tree = environment.parse(text)
        except TemplateSyntaxError as error:
            line = first + error.lineno - 1
            raise TemplateError(f"{source.path}:{line}: {one_line(error.message)}") from None
        _check_names(tree, source, notice, first)
    check_links(source)
    buttons = button_lines(source.body, environment=environment)
    for number, alone in buttons:
        if not alone:
            raise TemplateError(
                f'{source.path}:{source.first + number - 1}: "button" stands on a line of its own'
            )
    if len(buttons) > 1:
        raise TemplateError(
            f"{source.path}:{source.first + buttons[1][0] - 1}: a mail has one button, not "
            f'"{len(buttons)}"'
        )


def _check_names(tree: nodes.Template, source: Source, notice: Notice, first: int) -> None:
    unknown = find_undeclared_variables(tree) - set(NAMES)
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            raise _no_such(source, first + name.lineno - 1, name.name, tuple(NAMES))
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name) and part.node.name in NAMES:
            allowed = notice.data if part.node.name == "data" else NAMES[part.node.name]
            if part.attr not in allowed:
                line = first + part.lineno - 1
                raise _no_such(source, line, f"{part.node.name}.{part.attr}", allowed)


def _no_such(source: Source, line: int, name: str, exist: tuple[str, ...]) -> TemplateError:
    near = difflib.get_close_matches(name.rpartition(".")[2], exist, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    there = ", ".join(exist) if exist else "nothing"
    return TemplateError(f'{source.path}:{line}: "{name}" does not exist{hint}; there is: {there}')
