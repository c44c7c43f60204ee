"""The languages of mails: the words around a notice, and a program's own words in each language.

They stand in `_words.yaml` beside the templates of a locale; a program has its own beside its own
templates. Like these they are read live.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mail import french
from mail.source import FALLBACK, TemplateError, locales_of
from mail.words import Phrases, first_capital

WORDS: Final = "_words.yaml"
FRAME: Final = (
    "also",
    "because",
    "answers",
    "list",
    "list_after",
    "answer",
    "answer_after",
    "page",
    "own",
    "others",
)
"""The sentences of layout and button: Jinja, as in a notice."""

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "when": ("day", "time"),
    "zone": ("city", "of_city"),
    "by": ("when",),
    "late": ("when",),
    "waits": ("names",),
    "more": ("number",),
    "elsewhere": (),
    "progress": ("word", "number", "of"),
    "colon": (),
}
_FRAME_NAMES: Final = ("cause", "coordinator", "reader", "person", "program", "organization")
_JINJA: Final = Environment(autoescape=True)  # Only parses.
_GROUPS: Final = ("frame", "phrases", "notices", "texts", "statements")
_ENGLISH: Final = ("frame", "notices")  # Where a language lacks one of them.


@dataclass(frozen=True)
class Language:
    """What is said in one language. `locale` is as Babel writes it: en, fr, fr_CA."""

    locale: str = FALLBACK
    frame: Mapping[str, str] = field(default_factory=dict)
    phrases: Phrases = field(default_factory=Phrases)
    texts: Mapping[str, str] = field(default_factory=dict)  # by what the program has instead
    statements: Mapping[str, str] = field(default_factory=dict)  # by id
    notices: Mapping[str, str] = field(default_factory=dict)  # what a mail is called, by its notice

    @property
    def tag(self) -> str:
        """As HTML writes it: fr-CA."""
        return self.locale.replace("_", "-")

    @property
    def is_french(self) -> bool:
        return _language(self.locale) == "fr"

    def text(self, text: str) -> str:
        """A word or text of the program in this language; as it is where it is not listed."""
        known = self.texts.get(text)
        if known is None and text[:1].isupper():
            small = self.texts.get(text[:1].lower() + text[1:])
            known = small if small is None else first_capital(small)
        return text if known is None else known

    def title(self, title: str) -> str:
        """A title, also one made of several, or numbered: `Month 3: First results`."""
        whole = self.text(title)
        if whole != title:
            return whole
        head, colon, rest = title.partition(": ")
        if colon:
            return f"{self.title(head)}{self.phrases.colon}{self.title(rest)}"
        word, _, number = title.rpartition(" ")
        is_numbered = bool(word) and number.strip("()").isdecimal()
        return f"{self.text(word)} {number}" if is_numbered else title

    def localized(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The context with the program's words in this language. What people wrote stays."""
        own = dict(context)
        if progress := context.get("progress"):
            own["progress"] = progress | {"label": self._progress(progress)}
        if not (self.texts or self.statements):
            return own
        own["words"] = {key: self.text(word) for key, word in context["words"].items()}
        own["program"] = self._program(context["program"])
        for key in ("task", "milestone"):
            if context.get(key):
                own[key] = context[key] | {"title": self.title(context[key]["title"])}
        if context.get("asked"):
            own["asked"] = self.title(context["asked"])
        own["agenda"] = [
            row | {"title": self.title(row["title"])} for row in context.get("agenda") or []
        ]
        if isinstance(context["answers"], list):
            own["answers"] = [
                answer | {"label": self.text(answer["label"])} for answer in context["answers"]
            ]
        return own

    def _program(self, program: Mapping[str, Any]) -> dict[str, Any]:
        ids = program.get("statement_ids") or [""] * len(program["statements"])
        return {
            **program,
            "name": self.text(program["name"]),
            "description": self.text(program["description"]),
            "signature": [self.text(line) for line in program["signature"]],
            "statements": [
                self.statements.get(each, self.text(text))
                for each, text in zip(ids, program["statements"], strict=True)
            ],
        }

    def _progress(self, progress: Mapping[str, Any]) -> str:
        word = first_capital(self.text(str(progress["word"])))
        return self.phrases.progress.format(word=word, number=progress["number"], of=progress["of"])


def read_language(locale: str, *, written_in: str, folders: Iterable[Path]) -> Language:
    """What the `_words.yaml` of a locale say, the more special before the more general.

    `written_in` is the locale of the template, `locale` the reader's. The last of `folders` (the
    house's and the program's `email`) goes first. Sentences that a language lacks are English.
    Raises TemplateError for a fault in a file.
    """
    steps = [FALLBACK, *reversed([each for each in locales_of(written_in) if each != FALLBACK])]
    same = locale if _language(locale) == _language(written_in) else written_in
    for each in reversed(locales_of(same)):
        if each not in steps:
            steps.append(each)
    groups: dict[str, dict[str, str]] = {group: {} for group in _GROUPS}
    for step in steps:
        own = _language(step) == _language(written_in)
        for path in words_paths([step], folders):
            for group, words in _read_words(path).items():
                if own or group in _ENGLISH:
                    groups[group].update(words)
    if _language(same) == "fr":
        for group in ("texts", "statements", "notices"):
            groups[group] = {key: french.spaced(text) for key, text in groups[group].items()}
    return Language(
        locale=known_locale(same),
        frame=groups["frame"],
        phrases=Phrases(**groups["phrases"]),
        texts=groups["texts"],
        statements=groups["statements"],
        notices=groups["notices"],
    )


def words_paths(locales: Iterable[str], folders: Iterable[Path]) -> list[Path]:
    """Where the words of these locales may stand."""
    listed = list(folders)
    return [folder / each / WORDS for each in locales for folder in listed]


@lru_cache(maxsize=512)
def known_locale(locale: str) -> str:
    """The nearest that Babel knows: fr_CA; fr for fr_XX; en for what is no locale."""
    for each in locales_of(locale):
        try:
            return str(Locale.parse(each))
        except (UnknownLocaleError, ValueError):
            continue
    return FALLBACK


def _language(locale: str) -> str:
    return locales_of(locale)[0].split("_")[0]


def _read_words(path: Path) -> dict[str, dict[str, str]]:
    """The groups of one file; none where there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{path}: can't be read as UTF-8 text ({type(error).__name__})"
        ) from None
    return _words_of(path, text)


@lru_cache(maxsize=64)
def _words_of(path: Path, text: str) -> dict[str, dict[str, str]]:
    """Remembered, because every notice of a language has the same words, and YAML is slow to read."""
    try:
        groups = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TemplateError(f"{path}:{line}: this is no YAML: {error.problem}") from None
    if not isinstance(groups, dict):
        raise TemplateError(f"{path}:1: there are no keys; allowed are {', '.join(_GROUPS)}")
    return {str(group): _group(path, groups, group) for group in groups}


def _group(path: Path, groups: Any, group: object) -> dict[str, str]:
    """One group's words; ruamel's mappings know the line of each key."""
    words: Any = groups[group]
    if group not in _GROUPS or not hasattr(words, "lc") or not hasattr(words, "items"):
        raise TemplateError(
            f'{path}:{groups.lc.key(group)[0] + 1}: "{group}" is no group of words; allowed are '
            f"{', '.join(_GROUPS)}, each with texts below it"
        )
    for key, text in words.items():
        if fault := _fault(str(group), key, text):
            raise TemplateError(f"{path}:{words.lc.key(key)[0] + 1}: {fault}")
    return {str(key): str(text) for key, text in words.items()}


def _fault(group: str, key: object, text: object) -> str:
    allowed = {"frame": FRAME, "phrases": tuple(_PARTS)}.get(group)
    if allowed and key not in allowed:
        return f'"{key}" does not exist; there is: {", ".join(allowed)}'
    if not isinstance(key, str) or not isinstance(text, str) or not text.strip(" \t\n"):
        return f'"{key}" needs a text; put it in quotes'
    if group == "frame" and set("<>&") & set(text):
        return f'"{text}" has markup; write words only'
    if group == "frame":
        return _bad_name(text)
    return _bad_part(key, text) if group == "phrases" else ""


def _bad_name(text: str) -> str:
    """A sentence of the frame is Jinja that knows a few of the names of a notice."""
    try:
        unknown = find_undeclared_variables(_JINJA.parse(text)) - set(_FRAME_NAMES)
    except TemplateSyntaxError as error:
        return f'"{text}" can\'t be read: {error.message}'
    there = ", ".join(_FRAME_NAMES)
    return f'"{min(unknown)}" does not exist; there is: {there}' if unknown else ""


def _bad_part(key: str, text: str) -> str:
    try:
        parts = {part for _, part, _, _ in Formatter().parse(text) if part is not None}
    except ValueError:
        return f'"{text}" has a brace that is not closed'
    unknown = parts - set(_PARTS[key])
    there = ", ".join(f"{{{part}}}" for part in _PARTS[key]) or "nothing"
    return f'"{{{min(unknown)}}}" does not exist; there is: {there}' if unknown else ""
