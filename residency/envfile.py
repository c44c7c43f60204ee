"""What stands in the file `.env`, and what is wrong in it, by file and line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

UNREAD = "this line can't be read; write NAME=value."


@dataclass(frozen=True, kw_only=True)
class EnvLine:
    """One line that is a variable or a fault; a `fault` is a sentence that shows no value."""

    name: str = ""
    fault: str = ""


def env_lines(path: Path) -> list[EnvLine]:
    """The lines of the file, without comments and blank ones; nothing where there is no file."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8") as stream:
            return [_read(path, one) for one in parse_stream(stream) if one.error or one.key]
    except UnicodeDecodeError:
        return [EnvLine(fault=f"{path} can't be read: it is no text in UTF-8.")]
    except OSError as error:
        return [EnvLine(fault=f"{path} can't be read: {error.strerror}.")]


@contextmanager
def silent_dotenv() -> Iterator[None]:
    """Without python-dotenv's own warnings; ours name the file and say what to write."""
    logger = logging.getLogger("dotenv.main")
    was, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was


def _read(path: Path, binding: Binding) -> EnvLine:
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())]  # A statement begins with blank lines before it.
    line = binding.original.line + blank.count("\n")
    where = f"{path}:{line}"
    if binding.error:
        name = text.strip().removeprefix("export ").partition("=")[0].split(maxsplit=1)
        return EnvLine(
            name=name[0] if name else "",
            fault=f"{where}: {UNREAD}",
        )
    name_alone = str(binding.key)
    if binding.value is None:
        said = f'{where}: "{name_alone}" has no value; write NAME=value.'
        return EnvLine(name=name_alone, fault=said)
    return EnvLine(name=name_alone)
