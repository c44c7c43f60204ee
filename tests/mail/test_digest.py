"""Digests: one mail for all reminders of a morning, each of them told once and none lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import permutations

import pytest

from mail.byhand import ByHand
from mail.facts import read_facts
from mail.message import Mail
from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.windows import digest_time
from residency.wire import Posted
from store.holds import Hold, Scope
from tests.mail.cohorts import Cohort
from tests.mail.conftest import AT
from tests.mail.test_fate import answering

BEFORE = AT - timedelta(days=2)
DIGEST = AT + timedelta(minutes=30)
NAMES = {"r-1": "Ines", "r-2": "Hugo", "r-3": "Mei"}


class Cut(BaseException):
    """A process that dies."""


@pytest.fixture
def cohort(store, make_renderer):
    return with_people(Cohort(store, make_renderer()))


@pytest.fixture
def rehearsed_cohort(store, make_renderer):
    return with_people(Cohort(store, make_renderer(), rehearsal=True))


def with_people(cohort):
    for residency, name in NAMES.items():
        cohort.add(residency, name)
        cohort.open(residency, at=BEFORE)
    return cohort


def wait(cohort, outbox, letters):
    """Each residency's first post, which puts its letter off until the digest's time."""
    for residency, letter in letters.items():
        posted = outbox.post(cohort.of(residency, letter, now=letter.at))
        assert posted.later == {0: DIGEST}
        letter.not_before = DIGEST


def come(cohort, outbox, letters, *, now=DIGEST):
    return {each: outbox.post(cohort.of(each, letter, now=now)) for each, letter in letters.items()}


def test_several_reminders_are_one_mail(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)

    posted = come(cohort, outbox, letters)

    (mail,) = cohort.recording.mails
    (digest,) = cohort.store.outbox.list(notice="digest")
    told = cohort.store.outbox.list(notice="reminder")
    assert set(map(str, posted.values())) == {str(Posted())}
    assert mail.subject == "3 things wait for you"
    assert [line for line in mail.text.splitlines() if "Example" in line] == [
        "- decide selection (Hugo Example)",
        "- decide selection (Ines Example)",
        "- decide selection (Mei Example)",
    ]
    assert (digest.subject, digest.occurrence, digest.carrier, digest.state) == (
        "p-coordinator",
        "2022-09-23T07:30+00:00~c-one",
        "r-1",
        "sent",
    )
    assert {(row.state.value, row.skip) for row in told} == {
        ("skipped", f"in the digest {digest.key}")
    }


def test_only_reminder_goes_by_itself(cohort):
    outbox = cohort.outbox()
    letters = {"r-1": cohort.ring("r-1")}
    wait(cohort, outbox, letters)

    come(cohort, outbox, letters)

    (mail,) = cohort.recording.mails
    assert (mail.notice, mail.at) == ("reminder", AT)
    assert "List-Unsubscribe" not in mail.headers


def test_reminder_of_the_only_task_waits_for_nothing(cohort):
    cohort.open("r-1", at=BEFORE, task="milestones/report/m4/1", who="p-ines")
    letter = cohort.ring("r-1", task="milestones/report/m4/1", to="p-ines")

    posted = cohort.outbox().post(cohort.of("r-1", letter, now=AT))

    assert posted == Posted()
    assert [mail.receiver for mail in cohort.recording.mails] == ["p-ines"]


def test_critical_goes_apart(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    proposed = letters["r-1"].model_copy(update={"notice": "termination-proposed", "task": ""})

    posted = outbox.post(cohort.of("r-1", letters["r-1"], proposed, now=AT))

    assert posted.later == {0: DIGEST}
    assert [mail.notice for mail in cohort.recording.mails] == ["termination-proposed"]


@pytest.mark.parametrize("order", list(permutations(NAMES)), ids=" ".join)
@pytest.mark.parametrize("late", [False, True], ids=["posted before", "not posted before"])
def test_digest_is_the_same_whoever_comes_first(rehearsed_cohort, order, late):
    """Mail is not waited for in a rehearsal, so a residency may come for the first time then."""
    cohort = rehearsed_cohort
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    if not late:
        wait(cohort, outbox, letters)
    cohort.close("r-2", at=DIGEST + timedelta(hours=5))  # The record is ahead of the mail.

    come(cohort, outbox, {each: letters[each] for each in order}, now=DIGEST + timedelta(days=1))

    (mail,) = cohort.recording.mails
    assert mail.subject == "3 things wait for you"
    assert mail.at == DIGEST
    assert mail.text.index("Hugo") < mail.text.index("Ines") < mail.text.index("Mei")


def test_task_that_was_closed_meanwhile_is_not_in_it(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)
    cohort.close("r-2", at=AT + timedelta(minutes=10))

    come(cohort, outbox, letters)

    (mail,) = cohort.recording.mails
    rows = {row.subject: row.skip for row in cohort.store.outbox.list(notice="reminder")}
    assert mail.subject == "2 things wait for you"
    assert rows["r-2"] == "superseded: the task is closed"


def test_latecomer_is_told_by_itself(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in ("r-1", "r-2")}
    wait(cohort, outbox, letters)
    come(cohort, outbox, letters)
    late = cohort.ring("r-3", at=DIGEST - timedelta(seconds=1))

    posted = outbox.post(cohort.of("r-3", late, now=DIGEST + timedelta(minutes=1)))

    assert posted == Posted()
    assert [mail.notice for mail in cohort.recording.mails] == ["digest", "reminder"]


def test_after_an_outage_what_rings_late_is_gathered_too(cohort):
    two = AT.replace(hour=12, minute=7)

    posted = cohort.outbox().post(cohort.of("r-1", cohort.ring("r-1", at=two), now=two))

    assert posted.later == {0: two.replace(minute=30)}


def test_weekly_repetition_waits_for_monday(cohort):
    monday = datetime(2022, 9, 26, 7, 30, tzinfo=UTC)
    outbox = cohort.outbox()
    weekly = cohort.ring("r-1", at=AT - timedelta(days=1), rung=4, weekly=True)
    fresh = cohort.ring("r-2", at=AT + timedelta(days=3))

    first = outbox.post(cohort.of("r-1", weekly, now=weekly.at))
    second = outbox.post(cohort.of("r-2", fresh, now=fresh.at))
    come(cohort, outbox, {"r-1": weekly, "r-2": fresh}, now=monday)

    assert (first.later, second.later) == ({0: monday}, {0: monday})
    assert [mail.subject for mail in cohort.recording.mails] == [
        "2 things wait for you, 2 of them late"
    ]


def test_same_task_stands_in_it_once(cohort):
    outbox = cohort.outbox()
    saturday = AT + timedelta(days=1)
    letters = [
        cohort.ring("r-1", at=saturday),
        cohort.ring("r-1", at=saturday + timedelta(days=1), rung=1),
        cohort.ring("r-2", at=saturday),
    ]
    monday = datetime(2022, 9, 26, 7, 30, tzinfo=UTC)

    outbox.post(cohort.of("r-1", *letters[:2], now=monday))
    outbox.post(cohort.of("r-2", letters[2], now=monday))

    (mail,) = cohort.recording.mails
    skips = [row.skip for row in cohort.store.outbox.list(notice="reminder")]
    assert mail.subject == "2 things wait for you, 2 of them late"
    assert skips.count("repeat window") == 1


def test_paused_address_gets_no_digest(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)
    cohort.store.people.pause("p-coordinator", "bounced")

    come(cohort, outbox, letters)

    assert cohort.recording.mails == []
    assert {row.skip for row in cohort.store.outbox.list()} == {"the address is paused: bounced"}


@pytest.mark.parametrize("what", [{"scope": Scope.ALL}, {"scope": Scope.NOTICE, "name": "digest"}])
def test_hold_covers_digests(cohort, what):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)
    cohort.store.holds.add(Hold(**what, since=AT))

    come(cohort, outbox, letters)

    held = cohort.store.outbox.list(state="held")
    assert cohort.recording.mails == []
    assert {row.notice for row in held} == {"reminder" if what["scope"] is Scope.ALL else "digest"}


def test_held_digest_is_sent_by_hand(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}
    cohort.store.holds.add(Hold(scope=Scope.NOTICE, name="digest", since=AT))
    come(cohort, outbox, letters)
    (row,) = cohort.store.outbox.list(state="held")
    desk = ByHand(cohort.store, outbox)

    drawn = desk.draft(row)
    desk.send(row, by="p-coordinator")

    assert [mail.subject for mail in cohort.recording.mails] == [drawn.subject]
    assert drawn.subject == "3 things wait for you"


def test_digest_that_did_not_go_is_tried_again_by_its_carrier_alone(cohort):
    transport = answering(NotSent(timedelta(minutes=7), "busy"), Sent("<x@y>"))
    outbox = cohort.outbox(transport)
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)

    posted = come(cohort, outbox, letters)
    again = DIGEST + timedelta(minutes=7)
    letters["r-1"].not_before = again
    after = outbox.post(cohort.of("r-1", letters["r-1"], now=again))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert posted == {"r-1": Posted(later={0: again}), "r-2": Posted(), "r-3": Posted()}
    assert after == Posted()
    assert (row.state, row.attempts, len(transport.asked)) == ("sent", 2, 2)


def test_digest_that_is_refused_is_told_to_a_coordinator_once(cohort):
    outbox = cohort.outbox(answering(Refused("no")))
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)

    posted = come(cohort, outbox, letters)

    (row,) = cohort.store.outbox.list(notice="digest")
    told = Posted(failed=[0], mails={0: row.key})
    assert posted == {"r-1": told, "r-2": Posted(), "r-3": Posted()}


def test_digest_of_unknown_fate_goes_once_more_and_says_so(cohort):
    transport = answering(Unknown("cut"), Sent("<x@y>"))
    outbox = cohort.outbox(transport)
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)

    posted = come(cohort, outbox, letters)
    again = DIGEST + timedelta(minutes=15)
    outbox.post(cohort.of("r-1", letters["r-1"], now=again))

    (row,) = cohort.store.outbox.list(notice="digest")
    assert posted["r-1"].later == {0: again}
    assert (row.state, row.again, len(transport.asked)) == ("sent", 1, 2)


def test_killed_between_claim_and_send(cohort):
    """What looks sends it again; nobody else touches it, and it is told to nobody twice."""

    class Dying:
        name, looks, sent = "dying", True, []

        def send(self, mail):
            if not self.sent:
                self.sent.append("")
                raise Cut
            self.sent.append(mail.key)
            return Sent(mail.message_id)

        def has(self, mail: Mail):
            return mail.key in self.sent

    transport = Dying()
    outbox = cohort.outbox(transport)
    letters = {each: cohort.ring(each) for each in NAMES}
    wait(cohort, outbox, letters)

    with pytest.raises(Cut):
        outbox.post(cohort.of("r-1", letters["r-1"], now=DIGEST))
    come(cohort, outbox, letters)

    (row,) = cohort.store.outbox.list(notice="digest")
    assert transport.sent == ["", row.key]
    assert (row.state, row.attempts) == ("sent", 2)


def test_headers_of_a_digest(cohort):
    outbox = cohort.outbox()
    letters = {each: cohort.ring(each) for each in NAMES}

    come(cohort, outbox, letters)

    message = message_from_bytes(cohort.recording.mails[0].as_bytes(), policy=default)
    assert message["List-Unsubscribe"] == "<mailto:p-coordinator@example.org?subject=unsubscribe>"
    assert message["Content-Language"] == "en"


def test_task_of_somebody_else_is_named_with_who_has_it(cohort):
    letters = {
        "r-1": cohort.ring("r-1", who="p-mentor"),
        "r-2": cohort.ring("r-2", who="p-hugo"),
    }

    come(cohort, cohort.outbox(), letters)

    (mail,) = cohort.recording.mails
    assert "Waiting for others:" in mail.text
    assert "(Ines Example · waits for Grace Hopper)" in mail.text
    assert "(Hugo Example)" in mail.text


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        ("Europe/Paris", "2022-09-23T07:00", "2022-09-23T07:30"),
        ("America/New_York", "2022-09-23T07:00", "2022-09-23T12:30"),  # 08:30 there.
        ("Asia/Tokyo", "2022-09-23T07:00", "2022-09-23T07:30"),  # 16:30 there.
        ("Pacific/Auckland", "2022-09-23T07:00", "2022-09-25T19:30"),  # Monday, 08:30 there.
        ("Europe/Paris", "2022-09-24T07:00", "2022-09-26T07:30"),
        ("Europe/Paris", "2022-09-23T15:45", "2022-09-23T15:45"),  # No half hour is left.
        ("Europe/Paris", "2022-10-30T08:00", "2022-10-31T08:30"),  # After the clocks changed.
    ],
)
def test_digest_time(cohort, zone, at, until):
    facts = read_facts(cohort.store, cohort.of("r-1", cohort.ring("r-1"), now=AT))
    receiver = replace(facts.people["p-coordinator"], zone=zone)

    found = digest_time(facts, receiver, at=_utc(at), weekly=False)

    assert found == _utc(until)


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
