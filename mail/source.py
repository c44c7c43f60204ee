"""Templates as files: front matter and body, and faults with file and line."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from residency.errors import ResidencyError

FALLBACK: Final = "en"
_FENCE: Final = "---"
_LOCALE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})([-_](?P<script>[a-z]{4}))?([-_](?P<country>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)
_TAG: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_STANDS: Final = "\ue000"  # For a tag, whose value nobody knows yet.
_LINKS: Final = re.compile(
    r"\]\((?P<inline>[^)]*)\)|<(?P<alone>[a-z][a-z\d+.-]*:[^<>]*)>|^\[[^\]]+\]:(?P<below>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE: Final = re.compile(r"""\s+("[^"]*"|'[^']*')$""")
_HOST: Final = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_MAILTO: Final = re.compile(r"mailto:[^@\s]+@[^@\s]+", re.IGNORECASE)
_NEEDED: Final = ("subject", "audience", "cause", "critical", "unknown", "sample")
_ALLOWED: Final = (*_NEEDED, "preheader")


class TemplateError(ResidencyError):
    """A mail's template has a fault; the message names file and line, and says what is allowed."""


@dataclass(frozen=True)
class Source:
    """A template as it is written. `first` is the line of the file on which the body begins."""

    path: Path
    front: dict[str, Any]
    body: str
    first: int
    lines: dict[str, int]  # of the front matter's keys


@lru_cache(maxsize=512)
def locales_of(locale: str) -> tuple[str, ...]:
    """Where to look for a locale's templates: fr_CA, fr, en. What is no locale has English ones."""
    found = _LOCALE.fullmatch(locale)
    if found is None:
        return (FALLBACK,)
    language = found["language"].lower()
    written = f"{language}_{found['script'].title()}" if found["script"] else language
    whole = f"{written}_{found['country'].upper()}" if found["country"] else written
    return tuple(dict.fromkeys((whole, written, language, FALLBACK)))


def read_source(path: Path) -> Source:
    """Read front matter and body; a TemplateError with file and line for what is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{path}: can't be read as UTF-8 text ({type(error).__name__})"
        ) from None
    return _source_of(path, text)


@lru_cache(maxsize=512)
def _source_of(path: Path, text: str) -> Source:
    """Remembered, because YAML is slow to read."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in lines[1:]:
        raise TemplateError(
            f'{path}:1: "{(lines or [""])[0]}" is no front matter; a template begins with "---", '
            f'the keys {", ".join(_NEEDED)}, and "---"'
        )
    end = lines.index(_FENCE, 1)
    front, where = _front(path, "\n".join(lines[1:end]))
    return Source(path, front, "\n".join(lines[end + 1 :]), end + 2, where)


def check_links(source: Source) -> None:
    """A TemplateError for the first link that leads nowhere, as far as it is written there."""
    body = _TAG.sub(lambda tag: _STANDS + "\n" * tag[0].count("\n"), source.body)
    for found in _LINKS.finditer(body):
        written = next(part for part in found.groups() if part is not None)
        address = _TITLE.sub("", written.strip()).removeprefix("<").removesuffix(">")
        if _leads_somewhere(address):
            continue
        line = source.first + body.count("\n", 0, found.start())
        shown = address.replace(_STANDS, "{{ ... }}").replace("\n", " ")
        raise TemplateError(
            f'{source.path}:{line}: "{shown}" is no address that a mail can link to; '
            "allowed are whole ones, as in https://example.org/page and mailto:me@example.org"
        )


def _leads_somewhere(address: str) -> bool:
    """Whether it is an https or mail address; one that a tag begins is known when it is filled in."""
    if address.startswith(_STANDS) or _MAILTO.fullmatch(address):
        return True
    try:
        parts = urlsplit(address.replace(_STANDS, "tag.tag"))
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # A port or an IPv6 host that is none.
        return False
    plain = not re.search(r"[\s\\]", address)
    return plain and parts.scheme == "https" and bool(_HOST.fullmatch(host))


def _front(path: Path, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        marked = YAML(typ="rt", pure=True).load(text)
        front = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise TemplateError(
            f"{path}:{line}: the front matter is no YAML: {error.problem}"
        ) from None
    if not isinstance(front, dict):
        raise TemplateError(
            f"{path}:2: the front matter has no keys; it needs {', '.join(_NEEDED)}"
        )
    where = {key: marked.lc.key(key)[0] + 2 for key in front}
    for key in front:
        if key not in _ALLOWED:
            raise TemplateError(
                f'{path}:{where[key]}: "{key}" is no key of a template; '
                f"allowed are {', '.join(_ALLOWED)}"
            )
    for key in _NEEDED:
        if key not in front:
            raise TemplateError(
                f'{path}:1: "{key}" is missing; a template has {", ".join(_NEEDED)}'
            )
    return front, where
