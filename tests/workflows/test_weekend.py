"""The mail provider is down each weekend of a whole rehearsal, by the program's own time."""

import threading
from collections import defaultdict
from datetime import UTC, timedelta

from mail.transports.port import NotSent
from store.posting import MailState
from tests.workflows.journeys import ODD, working

pytest_plugins = ("tests.workflows.journeys_fixtures",)

AWAY = (4, 5, 6, 0)
"""From Friday to Monday, of which two are days on which mail goes out."""


class Weekends:
    """Carries mails as the transport it stands for, but from Friday to Monday (UTC)."""

    def __init__(self, transport, now):
        self._transport, self._now = transport, now
        self.name, self.looks = transport.name, False
        self.refused, self.taken = 0, []

    def send(self, mail):
        now = self._now().astimezone(UTC)
        if now.weekday() in AWAY:
            self.refused += 1
            return NotSent(timedelta(hours=3), "the provider is away", everybody=True)
        self.taken.append((mail.key, mail.receiver, now))
        return self._transport.send(mail)

    def has(self, mail):
        return None


def with_weekends(outbox):
    """Takes the rehearsals' transport of an outbox away each weekend."""
    moment = threading.local()
    post = outbox.post

    def posted(given):
        moment.now = given.now
        return post(given)

    outbox.post = posted
    outbox._rehearsal = Weekends(outbox._rehearsal, lambda: moment.now)
    return outbox._rehearsal


async def test_provider_that_is_down_each_weekend_loses_and_doubles_nothing(plainly, placed):
    told = await plainly(ODD)

    async with placed() as here:
        weekends = with_weekends(here.house.outbox)
        async with working(here):
            summary = await here.rehearsal(ODD).run()
            again = here.told(summary)
        rows = here.house.store.outbox.list(rehearsals=True)

    sent = [row for row in rows if row.state is MailState.SENT]
    skipped = [row for row in rows if row.state is MailState.SKIPPED]
    keys = [key for key, _, _ in weekends.taken]
    assert weekends.refused >= 5
    assert any(row.attempts > 1 for row in sent)
    assert again.ends == told.ends
    assert len(sent) + len(skipped) == len(rows)
    assert all(row.skip for row in skipped)
    assert sorted(keys) == sorted(row.key for row in sent)
    assert len(again.mails) == len(sent)
    assert in_order(weekends.taken, {row.key: row for row in rows})


def in_order(taken, rows):
    """Whether everybody got their mails in the order in which they were caused."""
    caused = defaultdict(list)
    for key, receiver, _ in taken:
        caused[receiver].append(rows[key].letter.seq)
    return all(seqs == sorted(seqs) for seqs in caused.values())
