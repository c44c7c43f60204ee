"""Digests while the world goes on: tasks change hands, people move, and nothing is left behind."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mail.transports.port import NotSent
from residency.errors import UnavailableError
from residency.wire import Posted, Tag
from store.tables import people
from tests.mail.cohorts import TASK, Cohort
from tests.mail.conftest import AT
from tests.mail.test_digest import BEFORE, DIGEST, NAMES, Cut, cohort, come, wait, with_people
from tests.mail.test_fate import Blind

__all__ = ["cohort"]  # A fixture.

FIVE = timedelta(minutes=5)
AGAIN = DIGEST + FIVE


def away(_mail):
    return NotSent(FIVE, "away", everybody=True)


def hand_on(cohort, residency, to, *, at=AT + FIVE):
    cohort.write(residency, Tag.REASSIGNED, task=TASK, at=at, who=to)


def move(cohort, zone):
    with cohort.store.database.writing() as connection:
        where = people.c.id == "p-coordinator"
        connection.execute(update(people).where(where).values(zone=zone))


def pause(cohort):
    cohort.store.people.pause("p-coordinator", "bounced")


@pytest.fixture
def waiting(cohort):
    """A digest that could not be sent, and the letters that it stands for."""
    letters = {each: cohort.ring(each) for each in NAMES}
    outbox = cohort.outbox(Blind(away))
    wait(cohort, outbox, letters)
    posted = come(cohort, outbox, letters)
    assert posted == {"r-1": Posted(later={0: AGAIN}), "r-2": Posted(), "r-3": Posted()}
    letters["r-1"].not_before = AGAIN
    return cohort, letters["r-1"]


def reassign(cohort):
    for each in ("r-2", "r-3"):
        hand_on(cohort, each, "p-mentor", at=DIGEST + timedelta(minutes=1))


def close(cohort):
    cohort.close("r-1", at=DIGEST + timedelta(minutes=1))


CHANGES = {
    "others reassigned": (reassign, "1 thing waits for you"),
    "a zone ahead": (lambda cohort: move(cohort, "Asia/Tokyo"), "3 things wait for you"),
    "the carrier's own task closed": (close, "2 things wait for you"),
    "an address that bounced": (pause, None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_waiting_digest_goes_on_whatever_changes(waiting, change):
    cohort, letter = waiting
    happens, subject = CHANGES[change]
    happens(cohort)
    transport = Blind()

    posted = cohort.outbox(transport).post(cohort.of("r-1", letter, now=AGAIN))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert posted == Posted()
    assert (row.state.value, row.line) == (("sent", subject) if subject else ("skipped", ""))


def test_waiting_digest_goes_when_its_readers_new_window_opens(waiting):
    cohort, letter = waiting
    move(cohort, "America/New_York")
    opening = AT.replace(hour=12)  # 08:00 there.
    outbox = cohort.outbox(Blind())

    first = outbox.post(cohort.of("r-1", letter, now=AGAIN))
    then = outbox.post(cohort.of("r-1", letter, now=opening))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert (first, then) == (Posted(later={0: opening}), Posted())
    assert row.state == "sent"


def test_task_of_somebody_else_by_now_is_not_in_it(cohort):
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, cohort.outbox(), letters)
    hand_on(cohort, "r-2", "p-mentor")

    come(cohort, cohort.outbox(), letters)

    (mail,) = cohort.recording.mails
    assert mail.subject == "2 things wait for you"
    assert "Hugo" not in mail.text


def test_task_that_others_wait_for_names_who_has_it_by_now(cohort):
    letters = {
        "r-1": cohort.ring("r-1", who="p-hugo"),
        "r-2": cohort.ring("r-2", who="p-ines"),
        "r-3": cohort.ring("r-3", who="p-ines"),
    }
    wait(cohort, cohort.outbox(), letters)
    hand_on(cohort, "r-1", "p-mentor")
    hand_on(cohort, "r-2", "p-coordinator")

    come(cohort, cohort.outbox(), letters)

    (mail,) = cohort.recording.mails
    own, others = mail.text.split("Waiting for others:")
    assert "(Ines Example · waits for Grace Hopper)" in others
    assert "(Hugo Example)" in own


def test_what_was_handed_on_after_a_rehearsed_digest_is_still_in_it(cohort):
    letters = {each: cohort.ring(each) for each in NAMES}
    hand_on(cohort, "r-2", "p-mentor", at=DIGEST + FIVE)  # The record is ahead of the mail.

    come(cohort, cohort.outbox(), letters)

    assert [mail.subject for mail in cohort.recording.mails] == ["3 things wait for you"]


def test_digest_of_nothing_any_more_is_skipped_with_its_reason(cohort):
    letters = {each: cohort.ring(each) for each in NAMES}
    transport = Blind(lambda _: NotSent(FIVE, "away"))
    wait(cohort, cohort.outbox(transport), letters)
    come(cohort, cohort.outbox(transport), letters)
    for each in NAMES:
        hand_on(cohort, each, "p-mentor", at=DIGEST + timedelta(minutes=1))

    cohort.outbox(Blind()).post(cohort.of("r-1", letters["r-1"], now=AGAIN))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert (row.state, row.skip) == ("skipped", "superseded: nothing that it lists waits any more")


@pytest.mark.parametrize("cut", [False, True])
def test_database_that_is_away_for_a_moment_loses_no_digest(cohort, monkeypatch, cut):
    letters = {each: cohort.ring(each) for each in NAMES}

    def die(_mail):
        raise Cut

    def gone(*_, **__):
        raise UnavailableError("The database is away.")

    if cut:
        with pytest.raises(Cut):
            cohort.outbox(Blind(die)).post(cohort.of("r-1", letters["r-1"], now=DIGEST))
    with monkeypatch.context() as patch:
        patch.setattr(cohort.store.digests, "since", gone)
        outbox = cohort.outbox(Blind())
        if cut:  # Nobody knows what became of it: so it stays as it is, and is asked again.
            with pytest.raises(UnavailableError):
                outbox.post(cohort.of("r-1", letters["r-1"], now=DIGEST))
            (row,) = cohort.store.outbox.list(notice="digest")
            assert row.state == "sending"
            return
        posted = outbox.post(cohort.of("r-1", letters["r-1"], now=DIGEST))
    (waits,) = cohort.store.outbox.list(notice="digest")
    then = cohort.outbox(Blind()).post(cohort.of("r-1", letters["r-1"], now=posted.later[0]))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert (waits.state, waits.detail) == ("queued", "The database is away.")
    assert (then, row.state) == (Posted(), "sent")


@pytest.mark.parametrize(("number", "locale"), [(180, "en"), (400, "en"), (100, "fr")])
def test_very_long_digest_lists_the_first_and_counts_the_rest(store, make_renderer, number, locale):
    page = "https://residency.example.org/me/" + "x" * 120
    cohort = with_people(Cohort(store, make_renderer(link=lambda *_: page)))
    with store.database.writing() as connection:
        where = people.c.id == "p-coordinator"
        connection.execute(update(people).where(where).values(locale=locale))
    letters = []
    for place in range(number):
        task = f"selection/decide-selection/i{place}/1"
        cohort.open("r-1", at=BEFORE, task=task)
        letters.append(cohort.ring("r-1", task=task))

    posted = cohort.outbox().post(cohort.of("r-1", *letters[:50], now=DIGEST))

    (mail,) = cohort.recording.mails
    rest = {"en": f"and {number - 60} more", "fr": f"et {number - 60} de plus"}[locale]
    assert posted == Posted()
    assert mail.subject.startswith(f"{number} ")
    assert mail.text.count("decide selection") == 60
    assert mail.html.count(">decide selection</a>") == 60
    assert f"- {rest}\n" in mail.text
    assert mail.html.count(f">{rest}</a>") == 1
    assert len(mail.html) < 80 * 1024


def test_task_whose_date_was_moved_is_not_in_it(cohort):
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, cohort.outbox(), letters)
    later = (AT + timedelta(days=20)).isoformat()
    cohort.write("r-2", Tag.MOVED, task=TASK, at=AT + FIVE, due=later, revision=1)

    come(cohort, cohort.outbox(), letters)

    (mail,) = cohort.recording.mails
    assert mail.subject == "2 things wait for you"
    assert "Hugo" not in mail.text
