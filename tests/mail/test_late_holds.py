"""A hold that comes when a mail is on its way already: it is held, or somebody is told of it."""

from datetime import timedelta

import pytest

from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.transports.recording import RecordingTransport
from residency.wire import Posted
from store.holds import Hold, Scope
from store.posting import MailState
from tests.mail.cohorts import Cohort
from tests.mail.conftest import AT
from tests.mail.test_digest import BEFORE, DIGEST, Cut
from tests.mail.test_fate import Blind

SCOPES = [{"scope": Scope.ALL}, {"scope": Scope.NOTICE, "name": "milestone-opening"}]
QUARTER = timedelta(minutes=15)


def die(_mail):
    raise Cut


@pytest.fixture(params=SCOPES, ids=["all", "notice"])
def hold(request, desk):
    return lambda: desk.store.holds.add(Hold(**request.param, since=AT))


def state(desk):
    (row,) = desk.rows()
    return row.state


def test_mail_that_could_not_be_sent_is_held(desk, hold):
    away = desk.outbox(Blind(lambda _: NotSent(timedelta(minutes=5), "away")))
    later = away.post(desk.post(desk.letter())).later[0]
    hold()
    transport = Blind()

    posted = desk.outbox(transport).post(desk.post(desk.letter(), now=later))

    assert (posted, state(desk), transport.asked) == (Posted(), MailState.HELD, [])


def test_mail_of_unknown_fate_is_told_of_and_not_sent_again(desk, hold):
    first = desk.outbox(Blind(lambda _: Unknown("cut"))).post(desk.post(desk.letter()))
    hold()
    transport = Blind()

    early = desk.outbox(transport).post(desk.post(desk.letter(), now=AT + QUARTER / 3))
    then = desk.outbox(transport).post(desk.post(desk.letter(), now=AT + QUARTER))

    (row,) = desk.rows()
    assert early == first
    assert then == Posted(unknown=[0], mails={0: row.key})
    assert (row.state, transport.asked) == (MailState.UNKNOWN, [])


def test_mail_that_was_being_sent_is_of_unknown_fate(desk, hold):
    with pytest.raises(Cut):
        desk.outbox(Blind(die)).post(desk.post(desk.letter()))
    hold()
    transport = Blind()

    posted = desk.outbox(transport).post(desk.post(desk.letter()))

    assert posted.later == {0: AT + QUARTER}
    assert (state(desk), transport.asked) == (MailState.UNKNOWN, [])


@pytest.mark.parametrize("went", [True, False])
def test_mail_that_was_being_sent_is_held_where_it_surely_did_not_go(desk, hold, went):
    looking = RecordingTransport(die)
    looking.has = lambda _: went
    with pytest.raises(Cut):
        desk.outbox(looking).post(desk.post(desk.letter()))
    hold()

    posted = desk.outbox(looking).post(desk.post(desk.letter()))
    for instant in posted.later.values():
        posted = desk.outbox(looking).post(desk.post(desk.letter(), now=instant))

    assert posted == Posted()
    assert state(desk) is (MailState.SENT if went else MailState.HELD)


def test_mail_that_failed_is_told_of(desk, hold):
    outbox = desk.outbox(Blind(lambda _: Refused("no")))
    outbox.post(desk.post(desk.letter()))  # It died before it could report.
    hold()

    posted = outbox.post(desk.post(desk.letter()))

    assert posted.failed == [0]
    assert state(desk) is MailState.FAILED


@pytest.fixture
def cohort(store, make_renderer):
    cohort = Cohort(store, make_renderer())
    for residency, name in {"r-1": "Ines", "r-2": "Hugo"}.items():
        cohort.add(residency, name)
        cohort.open(residency, at=BEFORE)
    cohort.letters = {each: cohort.ring(each) for each in ("r-1", "r-2")}
    return cohort


def carried(cohort, transport, *, now=DIGEST):
    return cohort.outbox(transport).post(cohort.of("r-1", cohort.letters["r-1"], now=now))


@pytest.mark.parametrize("what", [{"scope": Scope.ALL}, {"scope": Scope.NOTICE, "name": "digest"}])
@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (NotSent(QUARTER, "away"), MailState.HELD, Posted()),
        (Unknown("cut"), MailState.UNKNOWN, "unknown"),
        (Refused("no"), MailState.FAILED, "failed"),
        (Sent("<x@y>"), MailState.SENT, Posted()),
    ],
    ids=lambda one: type(one).__name__,
)
def test_digest_is_held_or_told_of(cohort, what, answer, state, told):
    carried(cohort, Blind(lambda _: answer))
    cohort.store.holds.add(Hold(**what, since=AT))
    transport = Blind()

    posted = carried(cohort, transport, now=DIGEST + QUARTER)

    (row,) = cohort.store.outbox.list(notice="digest")
    expected = Posted(**{told: [0]}, mails={0: row.key}) if isinstance(told, str) else told
    assert (row.state, transport.asked) == (state, [])
    assert posted == expected


def test_digest_that_was_being_sent_is_of_unknown_fate(cohort):
    with pytest.raises(Cut):
        carried(cohort, Blind(die))
    cohort.store.holds.add(Hold(scope=Scope.ALL, since=AT))
    transport = Blind()

    posted = carried(cohort, transport)

    (row,) = cohort.store.outbox.list(notice="digest")
    assert (row.state, transport.asked) == (MailState.UNKNOWN, [])
    assert posted.later == {0: DIGEST + QUARTER}
