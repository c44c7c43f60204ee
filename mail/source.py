"""Templates as files: front matter and body, and faults with file and line."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from residency.errors import ResidencyError

FALLBACK: Final = "en"
_FENCE: Final = "---"
_LOCALE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})([-_](?P<script>[a-z]{4}))?([-_](?P<country>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)
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
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in lines[1:]:
        raise TemplateError(
            f'{path}:1: "{(lines or [""])[0]}" is no front matter; a template begins with "---", '
            f'the keys {", ".join(_NEEDED)}, and "---"'
        )
    end = lines.index(_FENCE, 1)
    front, where = _front(path, "\n".join(lines[1:end]))
    return Source(path, front, "\n".join(lines[end + 1 :]), end + 2, where)


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
