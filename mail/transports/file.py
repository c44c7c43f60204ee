"""Writes each mail as an `.eml` file, which every mail program opens."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final

from mail.message import Mail
from mail.transports.port import NotSent, Outcome, Sent

_AGAIN: Final = timedelta(minutes=10)
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class FileTransport:
    """Mails of a rehearsal go to `rehearsals/<cohort>/mail` of the data folder, others to `mail`.

    A file's name comes from the mail's time, notice, receiver's id and key, so the same mail is
    the same file, however often it is written. `say` is given a line for each new one.
    """

    name = "file"
    looks = True

    def __init__(self, data: Path, *, say: Callable[[str], None] | None = None) -> None:
        self._data = data
        self._say = say

    def path(self, mail: Mail) -> Path:
        """Where this mail is or will be."""
        folder = self._data
        if mail.rehearsal:
            folder = folder / "rehearsals" / _plain(mail.rehearsal)
        stamp = mail.at.astimezone(UTC).strftime("%Y-%m-%dT%H%M")
        name = f"{stamp}-{_plain(mail.notice)}-{_plain(mail.receiver)}-{mail.digest[:8]}.eml"
        return folder / "mail" / name

    def send(self, mail: Mail) -> Outcome:
        path = self.path(mail)
        try:
            _write(path, mail.as_bytes())
        except OSError as error:
            reason = "the disk is full" if error.errno in _FULL else "the file can't be written"
            return NotSent(_AGAIN, f"{reason} ({errno.errorcode.get(error.errno or 0, '?')})")
        if self._say:
            self._say(f"mail {path.name}")
        return Sent(mail.message_id)

    def has(self, mail: Mail) -> bool | None:
        """By key and receiver: what a mail begins with, and is named for, may be done by now."""
        path = self.path(mail)
        same = f"*-{_plain(mail.receiver)}-{mail.digest[:8]}.eml"
        return path.exists() or any(path.parent.glob(same))

    def close(self) -> None:
        """Nothing is open."""


def _write(path: Path, content: bytes) -> None:
    """Write it whole or not at all, and on the disk, not only in its cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _plain(text: str) -> str:
    """Only what is safe in a file's name, and never the name of another folder."""
    kept = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in text
    )
    return kept[:80] or "-"
