"""Mails that were sent, refused, held or told of, for the commands about them."""

from sqlalchemy import update

from store.holds import Hold, Scope
from store.posting import MailState
from store.tables import outbox
from store.webhooks import MailEvent
from tests.mail.conftest import AT


class Answering:
    """A transport that keeps nothing, and always answers the same."""

    name, looks = "smtp", False

    def __init__(self, outcome):
        self.outcome = outcome

    def send(self, mail):
        return self.outcome

    def has(self, mail):
        return None


def posted(desk, outcome, **change):
    """The row of a mail that got this answer."""
    letter = desk.letter(**change)
    desk.outbox(Answering(outcome)).post(desk.post(letter))
    return row_of(desk, letter)


def held(desk, **change):
    desk.store.holds.add(Hold(scope=Scope.ALL, since=AT))
    letter = desk.letter(**change)
    desk.outbox().post(desk.post(letter))
    return row_of(desk, letter)


def queued(desk, row):
    """The mail waits for its time, as if nobody had held it."""
    change = update(outbox).where(outbox.c.key == row.key)
    with desk.store.database.writing() as connection:
        connection.execute(change.values(state=MailState.QUEUED, not_before=AT))


def row_of(desk, letter):
    (row,) = [one for one in desk.rows() if one.letter.occurrence == letter.occurrence]
    return row


def told(desk, row, word, delivery, **more):
    """The provider says what became of a mail; of an address that is nobody's by now."""
    event = MailEvent(
        id=f"e-{word}",
        mail=row.key,
        event=word,
        at=AT,
        address="old@example.org",
        delivery=delivery,
        **more,
    )
    desk.store.webhooks.take([event], act=lambda bounce: bounce)


def said(done):
    return str(done.exception) if done.exception else done.stderr
