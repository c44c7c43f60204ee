"""Files that a person names: read as text or as data, with a sentence for each way to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from residency.errors import ResidencyError

MOST: Final = 5 * 1024 * 1024
"""Bytes; a thousand applications with long answers have fewer."""
_MOST_VALUES: Final = 200_000


def text_of(file: Path) -> str:
    """The text of a file; a ResidencyError says why it can't be read, or that it is empty."""
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST + 1)
    except IsADirectoryError:
        raise ResidencyError(f'"{file}" is a folder; name a file.') from None
    except FileNotFoundError:
        raise ResidencyError(f'"{file}" is no file; there is nothing of that name.') from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ResidencyError(f'"{file}" can\'t be read: {why.lower()}.') from error
    if len(found) > MOST:
        raise ResidencyError(f'"{file}" is too large; at most {MOST // 1024**2} MB are read.')
    try:
        text = found.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ResidencyError(f'"{file}" is no text; save it as a text file, in UTF-8.')
    if not text.strip():
        raise ResidencyError(f'"{file}" is empty.')
    return text


def data_of(file: Path) -> Any:
    """What a YAML or JSON file holds."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # Only who gives a file pays for it.
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # As above.

    text = text_of(file)
    try:
        found = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise ResidencyError(f"{file}{where}: no YAML or JSON: {problem}.") from error
    except (ValueError, RecursionError) as error:
        why = "it is too deep" if isinstance(error, RecursionError) else str(error)
        raise ResidencyError(f'"{file}" is no YAML or JSON: {why}.') from error
    if not _is_moderate(found):
        raise ResidencyError(f'"{file}" holds too much; at most {_MOST_VALUES:,} values are read.')
    return found


def _is_moderate(value: Any) -> bool:
    """Whether it has not too many parts; those that YAML repeats by a name count each time."""
    waiting, seen = [value], 0
    while waiting:
        one = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES:
            return False
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return True
