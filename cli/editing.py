"""A mail's words in an editor: nothing that somebody has written there is lost by a fault."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from residency.errors import ResidencyError

_SUBJECT = "Subject:"


@contextmanager
def in_editor(subject: str, body: str, *, key: str) -> Iterator[tuple[str, str]]:
    """The words as they come out of the editor; their file is kept where anything fails."""
    was = f"{_SUBJECT} {subject}\n\n{body}"
    path = Path(tempfile.mkdtemp(prefix="residency-edit-")) / "mail.md"
    path.write_text(was, encoding="utf-8")
    try:
        _open(path)
        yield _changed(read(path), was)
    except ResidencyError as error:
        if path.is_file() and path.read_bytes() != was.encode():
            raise ResidencyError(
                f"{str(error).rstrip('.')}. Your words are kept: mend {path}, then "
                f"residency emails edit {key} --text {path}"
            ) from error
        _remove(path)
        raise
    _remove(path)


def _changed(written: str, was: str) -> tuple[str, str]:
    if written == was:
        raise ResidencyError(
            "Nothing was changed; --subject and --text change it without an editor."
        )
    if not written.startswith(_SUBJECT):
        first = written.partition("\n")[0]
        raise ResidencyError(f'"{first}" is no subject; the first line is "Subject: ...".')
    return words_of(written)


def words_of(text: str) -> tuple[str, str]:
    """Subject and body of a text that may begin with a line `Subject: ...`; else no subject."""
    if not text.startswith(_SUBJECT):
        return "", text
    first, _, rest = text.partition("\n")
    return first.removeprefix(_SUBJECT).strip(), rest.lstrip("\n")


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ResidencyError(f'--text: "{path}" can\'t be read as UTF-8 text.') from error


def _open(path: Path) -> None:
    """In the editor that VISUAL or EDITOR names."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise ResidencyError("No editor is set; set EDITOR, or give --subject or --text FILE.")
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ResidencyError(f'The editor "{editor}" did not end well: {error}.') from error


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
