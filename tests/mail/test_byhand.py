"""Mails in people's hands: held, looked at, edited, sent, sent once more, discarded; by whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mail.byhand import ByHand
from mail.direct import About, DirectMail
from mail.facts import somebody
from mail.fate import ABANDONED
from mail.source import TemplateError
from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.transports.recording import RecordingTransport
from residency.errors import ResidencyError
from store.holds import Hold, Scope
from store.posting import MailState

NOON = datetime(2022, 9, 23, 10, tzinfo=UTC)


def put_on_hold(desk, scope=Scope.NOTICE, name="milestone-opening"):
    desk.store.holds.add(Hold(scope=scope, name=name, by="p-coordinator", since=NOON))


def by_hand(desk, transport=None, *, now=NOON):
    return ByHand(desk.store, desk.outbox(transport), lambda: now)


def held(desk):
    put_on_hold(desk)
    desk.outbox().post(desk.post(desk.letter()))
    (row,) = desk.rows()
    return row


def done(desk, key):
    return [(one.what.value, one.by, one.detail) for one in desk.store.reviews.of(key)]


@pytest.mark.parametrize(
    ("scope", "name"),
    [(Scope.ALL, ""), (Scope.NOTICE, "milestone-opening"), (Scope.COHORT, "c-one")],
)
def test_what_is_on_hold_is_written_and_not_sent(desk, scope, name):
    put_on_hold(desk, scope, name)

    posted = desk.outbox().post(desk.post(desk.letter()))
    again = desk.outbox().post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (posted.later, posted.failed, again.later, again.failed) == ({}, [], {}, [])
    assert row.state is MailState.HELD
    assert desk.recording.mails == []


def test_hold_of_another_notice_or_cohort_holds_nothing(desk):
    put_on_hold(desk, Scope.NOTICE, "offer")
    put_on_hold(desk, Scope.COHORT, "c-two")

    desk.outbox().post(desk.post(desk.letter()))

    assert [row.state.value for row in desk.rows()] == ["sent"]


@pytest.mark.parametrize(
    ("scope", "name", "state"),
    [
        (Scope.ALL, "", "sent"),
        (Scope.NOTICE, "milestone-opening", "sent"),
        (Scope.COHORT, "c-one", "held"),
    ],
)
def test_rehearsals_are_held_by_their_cohort_alone(rehearsed, scope, name, state):
    put_on_hold(rehearsed, scope, name)

    rehearsed.outbox().post(rehearsed.post(rehearsed.letter()))

    assert [row.state.value for row in rehearsed.rows()] == [state]


def test_mail_that_waits_for_its_time_is_held_when_it_comes(desk):
    early = NOON - timedelta(hours=6)  # 06:00 in Paris.
    letter = desk.letter(at=early)
    desk.outbox().post(desk.post(letter, now=early))
    put_on_hold(desk)

    desk.outbox().post(desk.post(letter, now=NOON))

    assert [row.state.value for row in desk.rows()] == ["held"]


def test_held_mail_is_sent_under_its_key_by_whoever_says_so(desk):
    row = held(desk)
    as_drafted = by_hand(desk).draft(row)

    settled = by_hand(desk).send(row, by="p-coordinator")

    (mail,) = desk.recording.mails
    assert settled.state is MailState.SENT
    assert (mail.key, mail.message_id) == (row.key, as_drafted.message_id)
    assert done(desk, row.key) == [("sent", "p-coordinator", "")]
    with pytest.raises(ResidencyError, match="is sent"):
        by_hand(desk).send(desk.store.outbox.get(row.key), by="p-coordinator")
    assert len(desk.recording.mails) == 1


def test_held_mail_that_does_not_go_is_held_again(desk):
    row = held(desk)
    away = RecordingTransport(lambda mail: NotSent(timedelta(minutes=5), "the server is away"))

    settled = by_hand(desk, away).send(row, by="p-coordinator")

    found = desk.store.outbox.get(row.key)
    assert settled.state is found.state is MailState.HELD
    assert found.detail == "not sent, and held again: the server is away"


def test_held_mail_whose_task_is_closed_is_skipped(desk):
    from residency.wire import Tag

    row = held(desk)
    task = row.letter.task
    opened = {"kind": "report", "item": "m4", "round": 1, "who": "p-ada", "rule": "any"}
    desk.record(Tag.OPENED, task=task, at=row.at, **opened)
    desk.record(Tag.DONE, task=task, at=row.at + timedelta(hours=1), outcome="done")

    settled = by_hand(desk).send(row, by="p-coordinator")

    assert (settled.state, settled.skip) == ("skipped", "superseded: the task is closed")
    assert desk.recording.mails == []


def test_edit_changes_the_words_of_one_mail(desk):
    row = held(desk)
    body = "Dear {{ person.given_name }},\n\n**Take your time.**\n\n{{ button('Write it') }}\n"

    shown = by_hand(desk).edit(row, subject="About {{ milestone.title }}", body=body, by="p-mentor")
    by_hand(desk).send(row, by="p-coordinator")

    (mail,) = desk.recording.mails
    assert (mail.subject, mail.text) == (shown.subject, shown.text)
    assert mail.subject == "About Month 4"
    assert "Dear Ada,\n\nTake your time.\n\nWrite it:" in mail.text
    assert "<strong>Take your time.</strong>" in mail.html
    assert [what for what, _, _ in done(desk, row.key)] == ["edited", "sent"]


def test_edit_with_a_fault_changes_nothing(desk):
    row = held(desk)

    with pytest.raises(TemplateError, match=r'the edited mail:3: "persn" does not exist'):
        by_hand(desk).edit(row, subject="Hello", body="\n\n{{ persn.name }}", by="p-mentor")

    assert done(desk, row.key) == []


def test_discarded_mail_is_never_sent(desk):
    row = held(desk)

    by_hand(desk).discard(row, by="p-coordinator", reason="told by phone")

    found = desk.store.outbox.get(row.key)
    assert (found.state, found.detail) == ("discarded", "told by phone")
    assert done(desk, row.key) == [("discarded", "p-coordinator", "told by phone")]
    with pytest.raises(ResidencyError, match="is discarded"):
        by_hand(desk).send(found, by="p-coordinator")
    desk.outbox().post(desk.post(desk.letter()))
    assert desk.recording.mails == []


def test_failed_mail_is_rendered_anew_and_sent_as_a_new_one(desk):
    refusing = RecordingTransport(lambda mail: Refused("the address is wrong"))
    desk.outbox(refusing).post(desk.post(desk.letter()))
    (row,) = desk.rows()

    key, settled = by_hand(desk).resend(row, by="p-coordinator", reason="corrected")

    (mail,) = desk.recording.mails
    assert settled.state is MailState.SENT
    assert mail.key == key != row.key
    assert [one.state.value for one in desk.rows()] == ["failed", "sent"]
    assert done(desk, row.key) == [("resent", "p-coordinator", "corrected")]
    with pytest.raises(ResidencyError, match=f"once more already, as {key}"):
        by_hand(desk).resend(row, by="p-coordinator")
    third, _ = by_hand(desk).resend(desk.store.outbox.get(key), by="p-coordinator")
    assert len({row.key, key, third}) == 3


def test_unknown_mail_is_resent_with_its_own_message_id(desk):
    outcomes = iter([Unknown("cut off"), Sent("x")])
    tried = []
    transport = RecordingTransport(lambda mail: (tried.append(mail), next(outcomes))[1])
    transport.has = lambda mail: None
    desk.outbox(transport).post(desk.post(desk.letter()))
    (row,) = desk.rows()

    key, settled = by_hand(desk, transport).resend(row, by="p-coordinator")

    assert (row.state, settled.state, key) == ("unknown", "sent", row.key)
    assert len({mail.message_id for mail in tried}) == 1
    assert desk.store.outbox.get(key).again == 1


def test_mail_that_somebody_left_is_taken_over_after_a_while(desk):
    row = held(desk)
    desk.store.outbox.open_by_hand(row.key, "dead")
    left = desk.store.outbox.get(row.key)

    with pytest.raises(ResidencyError, match="is being sent since"):
        by_hand(desk, now=left.claimed).send(left, by="p-coordinator")
    later = by_hand(desk, now=left.claimed + ABANDONED)
    settled = later.send(left, by="p-coordinator")

    assert settled.state is MailState.SENT
    assert len(desk.recording.mails) == 1


@pytest.mark.parametrize("what", ["draft", "send", "resend"])
def test_answer_to_a_page_is_nobodys_to_send(desk, what):
    away = RecordingTransport(lambda _: NotSent(timedelta(minutes=5), "away"))
    options = {"transport": away, "rehearsal": away, "sender": "mail@example.org"}
    direct = DirectMail(desk.store, desk.renderer, now=lambda: NOON, **options)
    ada = somebody(desk.store.people.get("p-ada"))
    direct.send("new-link", ada, About(subject="p-ada", link="x"), occurrence="one")
    (row,) = desk.store.outbox.list(receiver="p-ada")
    options = {} if what == "draft" else {"by": "p-coordinator"}

    with pytest.raises(ResidencyError, match=r'\("new-link"\) answers somebody who asked for it'):
        getattr(by_hand(desk), what)(row, **options)

    assert desk.store.outbox.get(row.key) == row
    assert done(desk, row.key) == []


def test_mail_of_a_residency_that_is_gone_is_not_claimed(desk):
    row = replace(held(desk), subject="r-gone")
    desk.store.outbox.put_many([row])

    with pytest.raises(ResidencyError, match=r'The residency "r-gone" of m-.* is gone'):
        by_hand(desk).send(row, by="p-coordinator")

    assert desk.store.outbox.get(row.key).state is MailState.HELD


def test_mail_of_a_residency_that_goes_meanwhile_fails(desk, monkeypatch):
    row = held(desk)
    monkeypatch.setattr("mail.outbox.read_facts", lambda *_, **__: None)

    settled = by_hand(desk).send(row, by="p-coordinator")

    assert (settled.state, settled.detail) == ("failed", 'The residency "r-one" is gone.')


def test_hold_is_there_once_and_says_who(desk):
    hold = Hold(scope=Scope.ALL, by="p-coordinator", reason="a look first", since=NOON)

    added = [desk.store.holds.add(hold), desk.store.holds.add(replace(hold, by="p-mentor"))]

    assert added == [True, False]
    assert desk.store.holds.list() == [hold]
    assert [desk.store.holds.remove(Scope.ALL), desk.store.holds.remove(Scope.ALL)] == [True, False]
