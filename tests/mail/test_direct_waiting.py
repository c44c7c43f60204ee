"""Mails that somebody asked for on a page and that did not go then: tried again, and truly told of."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, update

import worker
from mail.context import Somebody
from mail.direct import About, DirectMail
from mail.facts import somebody
from mail.fate import ABANDONED, MOST_AGAIN
from mail.transports.port import NotSent, Refused, Sent, Unknown
from residency.errors import UnavailableError
from store.applications import Application
from store.holds import Hold, Scope
from store.posting import MailState
from store.tables import applications, outbox
from store.webhooks import MailEvent
from tests.mail.conftest import made_document
from tests.mail.test_fate import Blind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


class Cut(BaseException):
    """A process that dies."""


class Links:
    def person(self, person):
        return f"https://example.org/me/{person}"

    def application(self, application):
        return f"https://example.org/a/{application}"


class Page:
    """Whoever asks on a page, and the process that looks for what waits."""

    def __init__(self, desk):
        self.desk, self.store = desk, desk.store
        self.now, self.answer = NOON, Sent()
        self.mails = []
        self.transport = Blind(self.taken)

    def taken(self, mail):
        if self.answer is Cut:
            raise Cut
        self.mails.append(mail)
        return self.answer

    def direct(self):
        return DirectMail(
            self.store,
            self.desk.renderer,
            transport=self.transport,
            rehearsal=self.transport,
            sender="mail@example.org",
            links=Links(),
            now=lambda: self.now,
        )

    def ask(self, notice="new-link", receiver="p-ada", **data):
        link = "https://example.org/me/first"
        about = About(subject=receiver, document=made_document(), cohort="c-one", link=link)
        who = self.store.people.get(receiver)
        known = somebody(who) if who else applicant(receiver)
        return self.direct().send(notice, known, about, occurrence="one", data=data)

    def look(self, after=MINUTE, answer=None):
        """One look, so much later; how many went."""
        self.now += after
        self.answer = answer or Sent()
        return self.direct().send_waiting()

    @property
    def row(self):
        (row,) = [row for row in self.store.outbox.list() if row.notice not in ("", "reminder")]
        return row


def applicant(id_):
    return Somebody(id=id_, name="", given_name="", email="new@example.org", zone="Europe/Paris")


@pytest.fixture
def page(desk):
    return Page(desk)


def test_what_could_not_go_goes_when_it_can_with_a_link_of_its_own(page):
    page.answer = NotSent(MINUTE * 5, "nobody answers")
    page.ask()
    waits = page.row

    early = page.look()
    then = page.look(MINUTE * 4)

    mail = page.mails[-1]
    assert (waits.state, waits.detail, waits.not_before) == (
        MailState.QUEUED,
        "nobody answers",
        NOON + MINUTE * 5,
    )
    assert (early, then, page.row.state, page.row.attempts) == (0, 1, MailState.SENT, 2)
    assert "https://example.org/me/p-ada" in mail.text
    assert (mail.key, mail.reply_to) == (waits.key, ("Noor Haddad", "p-coordinator@example.org"))
    assert page.look(MINUTE * 60) == 0


def test_same_request_again_says_that_it_waits_and_sends_nothing(page):
    page.answer = NotSent(MINUTE, "nobody answers")
    page.ask()
    page.answer = Sent()

    again = page.ask()

    assert again == NotSent(MINUTE, "it waits to be tried again")
    assert (page.row.state, len(page.mails)) == (MailState.QUEUED, 1)


def test_waits_grow(page):
    away = NotSent(MINUTE * 5, "away")
    page.answer = away
    page.ask()
    waits = []

    for _ in range(5):
        waits.append(page.row.not_before - page.now)
        page.look(waits[-1], away)

    assert [wait // MINUTE for wait in waits] == [5, 10, 20, 40, 60]


def test_nobody_waits_for_longer_than_a_day(page):
    page.answer = NotSent(MINUTE, "away")
    page.ask()

    dated_by_the_test(page)
    page.look(timedelta(hours=25))

    assert (page.row.state, page.row.skip) == (
        "skipped",
        "it was asked for a day ago, and could not be sent since",
    )


def dated_by_the_test(page):
    """Rows are dated by the real clock; this one as by the test's."""
    with page.store.database.writing() as connection:
        connection.execute(update(outbox).values(created=NOON))


def test_mail_that_a_dead_process_left_is_of_unknown_fate_then_goes_once_more(page):
    page.answer = Cut
    with pytest.raises(Cut):
        page.ask()
    claimed = page.row.claimed
    page.now = claimed

    young = page.look(ABANDONED - MINUTE)
    found = page.look(MINUTE * 2)
    doubtful = page.row
    before = page.look(QUARTER - MINUTE)
    then = page.look(MINUTE * 2)

    assert (young, found, before, then) == (0, 0, 0, 1)
    assert (doubtful.state, doubtful.detail) == (
        "unknown",
        "an attempt was cut off while it sent",
    )
    assert (page.row.state, page.row.again, len(page.mails)) == (MailState.SENT, 1, 1)


def test_doubt_ends_with_a_person(page):
    page.answer = Unknown("cut")
    page.ask()

    for _ in range(MOST_AGAIN + 2):
        page.look(timedelta(hours=5), Unknown("cut"))

    assert (page.row.state, page.row.again, page.row.not_before) == ("unknown", MOST_AGAIN, None)
    assert len(page.mails) == 1 + MOST_AGAIN
    assert len({mail.message_id for mail in page.mails}) == 1


def test_what_its_provider_spoke_of_is_not_sent_again(page):
    page.answer = Unknown("cut")
    page.ask()
    event = MailEvent(id="e", mail=page.row.key, event="processed", at=NOON)
    page.store.webhooks.take([event], act=lambda _: None)

    page.look(QUARTER)

    assert (page.row.state, len(page.mails)) == (MailState.SENT, 1)


def test_failure_is_for_a_person(page):
    page.answer = Refused("no such box")
    page.ask()

    page.look(timedelta(hours=1))

    assert (page.row.state, len(page.mails)) == (MailState.FAILED, 1)


def test_paused_meanwhile_gets_nothing(page):
    page.answer = NotSent(MINUTE, "away")
    page.ask()
    page.store.people.pause("p-ada", "bounced")

    page.look()

    assert (page.row.state, page.row.skip) == ("skipped", "the address is paused: bounced")


def test_no_hold_keeps_back_an_answer(page):
    page.store.holds.add(Hold(scope=Scope.ALL, since=NOON))
    page.answer = NotSent(MINUTE, "away")
    page.ask()

    assert page.look() == 1


@pytest.mark.parametrize(("confirmed", "greeting"), [(False, "Hello,\n"), (True, "Hello Mary,\n")])
def test_applicant_is_greeted_by_name_only_once_the_address_is_theirs(page, confirmed, greeting):
    application = Application(
        id="d-one",
        cohort="c-one",
        email="new@example.org",
        given={"name": "Mary Jackson"},
        created=NOON,
        changed=NOON,
    )
    keep_application(page, application, confirmed=NOON if confirmed else None)
    page.answer = NotSent(MINUTE, "away")
    page.ask("application-link", "d-one", confirm="" if confirmed else "yes", closes="")

    page.look()

    mail = page.mails[-1]
    assert mail.text.startswith(greeting)
    assert mail.to[1] == "new@example.org"
    assert "https://example.org/a/d-one" in mail.text


def keep_application(page, application, *, confirmed):
    values = asdict(replace(application, confirmed=confirmed))
    with page.store.database.writing() as connection:
        columns = {column.name for column in applications.columns}
        values["email_key"] = application.email
        connection.execute(
            insert(applications), {key: one for key, one in values.items() if key in columns}
        )


def test_application_that_was_dropped_is_skipped(page):
    page.answer = NotSent(MINUTE, "away")
    page.ask("application-link", "d-gone", confirm="yes", closes="")

    page.look()

    assert (page.row.state, page.row.skip) == ("skipped", "whom it was for is not kept any more")


def test_old_address_is_never_told_at_the_new_one(page):
    page.answer = NotSent(MINUTE, "away")
    page.ask("address-changed")
    page.store.people.correct_email("p-ada", "new@example.org")

    page.look()

    assert (page.row.state, page.row.detail) == (
        "failed",
        "the address that it was for is not kept any more",
    )
    assert [mail.to[1] for mail in page.mails] == ["p-ada@example.org"]


def test_transport_that_is_away_is_asked_once_a_look(page):
    page.answer = NotSent(MINUTE, "away")
    for who in ("p-ada", "p-mentor", "p-coordinator"):
        page.ask(receiver=who)
    tried = len(page.mails)

    page.look(answer=NotSent(MINUTE, "away", everybody=True))

    assert (tried, len(page.mails)) == (3, 4)


def test_looks_at_once_send_one_mail(page):
    page.answer = NotSent(MINUTE, "away")
    page.ask()
    page.now, page.answer = NOON + MINUTE, Sent()

    with ThreadPoolExecutor(4) as pool:
        went = list(pool.map(lambda _: page.direct().send_waiting(), range(4)))

    assert sorted(went) == [0, 0, 0, 1]
    assert len(page.mails) == 2


async def test_mail_process_looks_by_itself(page, monkeypatch):
    """A database that is away for a moment ends nothing: the next look sends it."""
    page.answer = NotSent(MINUTE, "away")
    page.ask()
    page.now, page.answer = NOON + MINUTE, Sent()
    monkeypatch.setattr(worker, "LOOKING", 0.01)
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def gone():
        raise UnavailableError("The database is away.")

    def sends():
        page.direct().send_waiting()
        loop.call_soon_threadsafe(done.set)

    looks = [gone, sends]
    house = SimpleNamespace(
        direct=SimpleNamespace(send_waiting=lambda: looks.pop(0)() if looks else 0)
    )

    looking = asyncio.ensure_future(worker._send_waiting(house))
    await asyncio.wait_for(done.wait(), 20)
    looking.cancel()
    await asyncio.wait([looking])

    assert (page.row.state, len(page.mails)) == (MailState.SENT, 2)
