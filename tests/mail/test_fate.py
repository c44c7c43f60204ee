"""Mails that did not go, or of which nobody can say: when they are tried again, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.fate import MOST_AGAIN
from mail.transports.port import NotSent, Sent, Unknown
from mail.transports.recording import RecordingTransport
from residency.wire import Posted
from store.posting import Delivery
from store.webhooks import MailEvent

FRIDAY = datetime(2022, 9, 23, 7, tzinfo=UTC)  # 09:00 in Paris.
FIVE = timedelta(minutes=5)


class Blind(RecordingTransport):
    """As a provider: it can't say whether it was given a mail before."""

    looks = False

    def __init__(self, answer=None):
        super().__init__(answer)
        self.asked = []

    def send(self, mail):
        self.asked.append((mail.receiver, mail.notice))
        return super().send(mail)

    def has(self, mail):
        return None


class Cut(BaseException):
    """A process that dies."""


def answering(*outcomes):
    left = list(outcomes)
    return Blind(lambda mail: left.pop(0) if left else Sent(mail.message_id))


def test_waits_grow_to_an_hour_and_no_longer(desk):
    outbox = desk.outbox(Blind(lambda _: NotSent(FIVE, "away", everybody=True)))
    now, waits = FRIDAY, []

    for _ in range(7):
        posted = outbox.post(desk.post(desk.letter("offer"), now=now))
        waits.append((posted.later[0] - now) // timedelta(minutes=1))
        now = posted.later[0]

    assert waits == [5, 10, 20, 40, 60, 60, 60]


def test_later_mail_does_not_overtake_one_that_could_not_be_sent(desk):
    transport = answering(NotSent(FIVE, "away"))
    outbox = desk.outbox(transport)
    letters = [
        desk.letter(occurrence="second"),
        desk.letter("offer", occurrence="critical"),
        desk.letter("mentor-appointed", to="p-coordinator", occurrence="other"),
    ]
    outbox.post(desk.post(desk.letter(occurrence="first")))

    posted = outbox.post(desk.post(*letters, now=FRIDAY + timedelta(minutes=1)))

    rows = {row.occurrence: row.state for row in desk.rows()}
    assert posted.later == {0: FRIDAY + FIVE}
    assert rows == {"first": "queued", "second": "queued", "critical": "sent", "other": "sent"}


def test_what_is_behind_in_the_same_post_waits_too(desk):
    transport = answering(NotSent(FIVE, "greylisted"))
    letters = [
        desk.letter(occurrence="first"),
        desk.letter(occurrence="second"),
        desk.letter("mentor-appointed", to="p-coordinator"),
    ]

    posted = desk.outbox(transport).post(desk.post(*letters))

    assert posted.later == {0: FRIDAY + FIVE, 1: FRIDAY + FIVE}
    assert [receiver for receiver, _ in transport.asked] == ["p-ada", "p-coordinator"]


def test_transport_that_is_away_is_asked_once(desk):
    transport = Blind(lambda _: NotSent(FIVE, "away", everybody=True))
    letters = [
        desk.letter(),
        desk.letter("offer", occurrence="critical"),
        desk.letter("mentor-appointed", to="p-coordinator"),
    ]

    posted = desk.outbox(transport).post(desk.post(*letters))

    assert posted.later == dict.fromkeys(range(3), FRIDAY + FIVE)
    assert len(transport.asked) == 1


def test_what_was_given_back_untried_counts_no_attempt(desk):
    """So its own waits begin small, and later ones still wait behind it."""
    away = Blind(lambda _: NotSent(FIVE, "away", everybody=True))
    letters = [desk.letter(occurrence="first"), desk.letter(to="p-coordinator")]
    now, waits = FRIDAY, []
    for _ in range(4):
        posted = desk.outbox(away).post(desk.post(*letters, now=now))
        now = posted.later[1]
    behind = desk.letter("mentor-appointed", to="p-coordinator", occurrence="later")

    early = desk.outbox(Blind()).post(desk.post(behind, now=now - FIVE))
    posted = desk.outbox(away).post(desk.post(letters[1], now=now))
    waits.append(posted.later[0] - now)

    attempts = {row.occurrence: row.attempts for row in desk.rows()}
    assert early == Posted(later={0: now})
    assert waits == [FIVE]
    assert attempts == {"first": 4, "milestones/report/m4/1~0": 1, "later": 0}


def test_post_that_takes_long_gives_the_rest_back(desk, monkeypatch):
    clock = iter(range(0, 10_000, 25))
    monkeypatch.setattr("mail.outbox.monotonic", lambda: next(clock))
    transport = Blind()
    letters = [desk.letter(occurrence=str(number)) for number in range(5)]

    posted = desk.outbox(transport).post(desk.post(*letters))

    assert len(transport.asked) == 2
    assert posted.later == dict.fromkeys((2, 3, 4), FRIDAY + timedelta(minutes=1))


def test_doubt_waits_then_sends_once_more_and_is_marked(desk):
    transport = answering(Unknown("cut"))
    outbox = desk.outbox(transport)

    first = outbox.post(desk.post(desk.letter()))
    early = outbox.post(desk.post(desk.letter(), now=FRIDAY + FIVE))
    second = outbox.post(desk.post(desk.letter(), now=first.later[0]))

    (row,) = desk.rows()
    assert first == early == Posted(later={0: FRIDAY + timedelta(minutes=15)})
    assert second == Posted()
    assert (row.state, row.again, row.attempts) == ("sent", 1, 2)
    assert len(transport.asked) == 2


def test_doubt_that_stays_is_told_in_the_end(desk):
    outbox = desk.outbox(Blind(lambda _: Unknown("cut")))
    now, waits = FRIDAY, []

    for _ in range(MOST_AGAIN):
        posted = outbox.post(desk.post(desk.letter(), now=now))
        waits.append(posted.later[0] - now)
        now = posted.later[0]
    last = outbox.post(desk.post(desk.letter(), now=now))

    assert waits == [timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4)]
    (row,) = desk.rows()
    assert last == Posted(unknown=[0], mails={0: row.key})
    assert row.again == MOST_AGAIN


def test_doubt_about_an_offer_is_a_persons_to_solve(desk):
    transport = answering(Unknown("cut"))
    outbox = desk.outbox(transport)
    offer = desk.letter("offer")

    first = outbox.post(desk.post(offer))
    then = outbox.post(desk.post(offer, now=first.later[0]))

    (row,) = desk.rows()
    assert then == Posted(unknown=[0], mails={0: row.key})
    assert (row.state, len(transport.asked)) == ("unknown", 1)


def test_doubt_about_what_is_moot_by_now_is_left_alone(desk):
    transport = answering(Unknown("cut"))
    outbox = desk.outbox(transport)
    first = outbox.post(desk.post(desk.letter()))
    desk.store.people.pause("p-ada", "bounced")

    then = outbox.post(desk.post(desk.letter(), now=first.later[0]))

    assert then == Posted()
    assert (desk.rows()[0].state, len(transport.asked)) == ("unknown", 1)


@pytest.mark.parametrize("told", [True, False])
def test_cut_attempt_was_sent_if_its_provider_speaks_of_it(desk, told):
    def die(_mail):
        raise Cut

    with pytest.raises(Cut):
        desk.outbox(Blind(die)).post(desk.post(desk.letter()))
    (row,) = desk.rows()
    event = MailEvent(id="e", mail=row.key, event="processed", at=FRIDAY)
    if told:
        desk.store.webhooks.take([event], act=lambda _: None)
    transport = Blind()

    posted = desk.outbox(transport).post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert transport.asked == []
    assert (row.state, row.delivery) == (
        ("sent", Delivery.ACCEPTED) if told else ("unknown", Delivery.NONE)
    )
    assert posted.later == ({} if told else {0: FRIDAY + timedelta(minutes=15)})


def test_failure_is_told_again_to_an_activity_that_could_not_report_it(desk):
    letter = desk.letter(to="p-nobody")
    outbox = desk.outbox(Blind())

    first = outbox.post(desk.post(letter))
    again = outbox.post(desk.post(letter))

    (row,) = desk.rows()
    assert first == again == Posted(failed=[0], mails={0: row.key})
