"""The repeat window: the software does not say the same about the same task twice a day."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.byhand import ByHand
from mail.transports.file import FileTransport
from residency.wire import Letter
from tests.mail.conftest import AT

TASK = "milestones/report/m4/1"
SATURDAY, SUNDAY = AT + timedelta(days=1), AT + timedelta(days=2)
MONDAY = datetime(2022, 9, 26, 6, tzinfo=UTC)  # 08:00 in Paris.


def reminder(desk, *, at, cause="0", **change) -> Letter:
    occurrence = f"{TASK}~{cause}"
    return desk.letter("reminder", at=at, occurrence=occurrence, **change)


def states(desk):
    return [(row.state.value, row.skip) for row in desk.rows()]


def test_second_reminder_within_the_window_is_skipped_and_says_why(desk):
    outbox = desk.outbox()
    again = AT + timedelta(hours=7)
    outbox.post(desk.post(reminder(desk, at=AT, cause="0~0")))

    outbox.post(desk.post(reminder(desk, at=again, cause="0~1"), now=again))

    assert states(desk) == [("sent", ""), ("skipped", "repeat window")]
    assert len(desk.recording.mails) == 1


@pytest.mark.parametrize("apart", [False, True])
def test_what_waited_over_the_weekend_is_said_once(desk, apart):
    """In one post or in two: the first goes."""
    outbox = desk.outbox()
    letters = [
        reminder(desk, at=SATURDAY, cause="0~0"),
        reminder(desk, at=SUNDAY, cause="0~1"),
    ]

    for post in [letters[:1], letters[1:]] if apart else [letters]:
        outbox.post(desk.post(*post, now=MONDAY))

    assert states(desk) == [("sent", ""), ("skipped", "repeat window")]


def test_reminder_of_the_next_day_goes(desk):
    outbox = desk.outbox()
    outbox.post(desk.post(reminder(desk, at=SATURDAY, cause="0~0"), now=MONDAY))
    tuesday = MONDAY + timedelta(hours=25)

    outbox.post(desk.post(reminder(desk, at=tuesday, cause="0~1"), now=tuesday))

    assert states(desk) == [("sent", ""), ("sent", "")]


@pytest.mark.parametrize(
    "change",
    [
        {"cause": "a-2222"},  # An explicit `resend`, or a date that was moved again.
        {"cause": "0~1", "task": "milestones/report/m5/1"},
        {"cause": "0~1", "to": "p-coordinator"},
        {"cause": "0~1", "due": AT + timedelta(hours=2)},  # Due within hours.
    ],
    ids=["by a person", "other task", "other receiver", "within hours"],
)
def test_what_is_not_the_same_goes(desk, change):
    outbox = desk.outbox()
    first = reminder(desk, at=AT, cause="0~0", **{"due": change["due"]} if "due" in change else {})
    outbox.post(desk.post(first))
    soon = AT + timedelta(hours=1)

    outbox.post(desk.post(reminder(desk, at=soon, **change), now=soon))

    assert states(desk) == [("sent", ""), ("sent", "")]


def test_critical_is_said_again(desk):
    outbox = desk.outbox()
    offer = {"task": "offer/offer//1", "kind": "offer", "item": ""}
    for number in (0, 1):
        letter = desk.letter("offer", occurrence=f"offer/offer//1~{number}", **offer)
        outbox.post(desk.post(letter))

    assert states(desk) == [("sent", ""), ("sent", "")]


def test_resend_by_hand_is_no_repetition(desk):
    outbox = desk.outbox()
    outbox.post(desk.post(reminder(desk, at=AT, cause="0~0")))
    (row,) = desk.rows()

    ByHand(desk.store, outbox, now=lambda: AT).resend(row, by="p-coordinator")

    assert states(desk) == [("sent", ""), ("sent", "")]


def test_mail_that_failed_was_not_said(desk, tmp_path):
    (tmp_path / "mail").write_text("no folder")
    away, back = desk.outbox(FileTransport(tmp_path)), desk.outbox()
    soon = AT + timedelta(minutes=1)
    away.post(desk.post(reminder(desk, at=AT, cause="0~0")))

    back.post(desk.post(reminder(desk, at=soon, cause="0~1"), now=soon))

    assert states(desk) == [("queued", ""), ("sent", "")]


def test_mail_on_its_way_is_not_its_own_repetition(desk):
    outbox = desk.outbox()
    letter = reminder(desk, at=SATURDAY, cause="0~0")
    outbox.post(desk.post(letter, now=SATURDAY))

    outbox.post(desk.post(letter, now=MONDAY))
    outbox.post(desk.post(letter, now=MONDAY))

    assert states(desk) == [("sent", "")]
