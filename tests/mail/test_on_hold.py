"""Notices on hold (the action): kept as held, and sent on resuming where they still make sense."""

from datetime import timedelta

from mail.byhand import ByHand
from mail.transports.port import Unknown
from residency.tray import ON_HOLD
from residency.wire import Posted, Tag
from store.holds import Hold, Scope
from tests.mail.conftest import AT
from tests.mail.test_fate import Blind

RESUMED = AT + timedelta(days=4)
TASK = "milestones/report/m4/1"


def held(desk, **change):
    letter = desk.letter(skip=ON_HOLD, **change)
    assert desk.outbox().post(desk.post(letter)) == Posted()
    return letter.model_copy(update={"skip": "", "resumed": RESUMED})


def test_letter_on_hold_is_held(desk):
    held(desk)

    (row,) = desk.rows()
    assert (row.state, row.detail, row.letter.skip) == ("held", ON_HOLD, "")
    assert desk.recording.mails == []


def test_letter_that_waits_for_its_window_is_held_before_it_opens(desk):
    waiting = desk.letter(at=AT + timedelta(days=1))  # A Saturday.
    saturday = {"now": waiting.at}
    assert desk.outbox().post(desk.post(waiting, **saturday)).later

    posted = desk.outbox().post(desk.post(waiting.model_copy(update={"skip": ON_HOLD}), **saturday))

    (row,) = desk.rows()
    assert (posted, row.state, row.detail) == (Posted(), "held", ON_HOLD)


def test_resumed_letter_goes_with_the_date_of_resuming(desk):
    letter = held(desk)

    posted = desk.outbox().post(desk.post(letter, now=RESUMED))

    (mail,) = desk.recording.mails
    assert posted == Posted()
    assert mail.at == RESUMED
    assert [row.state.value for row in desk.rows()] == ["sent"]


def test_resumed_letter_whose_task_is_closed_is_skipped(desk):
    desk.record(Tag.OPENED, task=TASK, kind="report", item="m4", round=1, who="p-ada")
    letter = held(desk)
    desk.record(Tag.DONE, task=TASK, at=AT + timedelta(days=1), outcome="done")

    desk.outbox().post(desk.post(letter, now=RESUMED))

    (row,) = desk.rows()
    assert (row.state, row.skip) == ("skipped", "superseded: the task is closed")
    assert desk.recording.mails == []


def test_resumed_letter_that_somebody_discarded_stays_so(desk):
    letter = held(desk)
    (row,) = desk.rows()
    desk.store.outbox.move(row.key, "discarded")

    desk.outbox().post(desk.post(letter, now=RESUMED))

    assert desk.recording.mails == []


def test_hold_of_a_notice_outlasts_resuming(desk):
    letter = held(desk)
    desk.store.holds.add(Hold(scope=Scope.NOTICE, name=letter.notice, since=AT))

    desk.outbox().post(desk.post(letter, now=RESUMED))

    assert [row.state.value for row in desk.rows()] == ["held"]


def test_resumed_letter_goes_in_the_words_that_somebody_gave_it(desk):
    letter = held(desk)
    (row,) = desk.rows()
    by_hand = ByHand(desk.store, desk.outbox(), now=lambda: AT)
    by_hand.edit(row, subject="First", body="Not these.", by="p-coordinator")
    by_hand.edit(row, subject="Take your time", body="My own words.", by="p-coordinator")

    desk.outbox().post(desk.post(letter, now=RESUMED))

    (mail,) = desk.recording.mails
    (row,) = desk.rows()
    assert (mail.subject, row.line) == ("Take your time", "Take your time")
    assert "My own words." in mail.text


def test_edited_letter_of_unknown_fate_goes_once_more_in_the_same_words(desk):
    letter = held(desk)
    (row,) = desk.rows()
    ByHand(desk.store, desk.outbox(), now=lambda: AT).edit(
        row, subject="Take your time", body="My own words.", by="p-coordinator"
    )
    said = []
    outbox = desk.outbox(Blind(lambda mail: said.append(mail.subject) or Unknown("cut")))

    posted = outbox.post(desk.post(letter, now=RESUMED))
    outbox.post(desk.post(letter, now=posted.later[0]))

    assert said == ["Take your time"] * 2


def test_of_several_reminders_of_a_task_one_goes(desk):
    letters = [
        held(
            desk, notice="reminder", occurrence=f"{TASK}~0~{number}", at=AT + timedelta(days=number)
        )
        for number in range(3)
    ]

    desk.outbox().post(desk.post(*letters, now=RESUMED))

    states = [(row.state.value, row.skip) for row in desk.rows()]
    assert sorted(states) == [("sent", ""), *[("skipped", "repeat window")] * 2]
