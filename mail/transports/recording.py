"""Keeps mails in memory, for tests."""

from collections.abc import Callable

from mail.message import Mail
from mail.transports.port import Outcome, Sent


class RecordingTransport:
    """`answer` decides what comes of a mail; only what it lets be `Sent` is kept in `mails`."""

    name = "recording"
    looks = True

    def __init__(self, answer: Callable[[Mail], Outcome] | None = None) -> None:
        self.mails: list[Mail] = []
        self._answer = answer

    def send(self, mail: Mail) -> Outcome:
        outcome = self._answer(mail) if self._answer else Sent(mail.message_id)
        if isinstance(outcome, Sent):
            self.mails.append(mail)
        return outcome

    def has(self, mail: Mail) -> bool | None:
        return any(sent.key == mail.key for sent in self.mails)

    def close(self) -> None:
        """Nothing is open."""
