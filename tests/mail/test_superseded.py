"""What is no longer so when a mail goes: tasks that changed hands, dates that moved, lines of a mail."""

from datetime import UTC, datetime, timedelta

import pytest

from residency.wire import Line, Posted, Tag

TASK = "milestones/sign-off/m4/1"
OTHER = "onboarding/item-contract/contract/1"
NIGHT = datetime(2022, 9, 22, 22, tzinfo=UTC)  # Midnight in Paris, 18:00 in New York.
LATER = NIGHT + timedelta(hours=1)
MORNING = datetime(2022, 9, 23, 12, tzinfo=UTC)  # 08:00 in New York.
DUE = datetime(2022, 9, 30, 22, tzinfo=UTC)


def opened(desk, task=TASK, *, who="p-mentor"):
    _, kind, item, round_ = task.split("/")
    values = {"kind": kind, "item": item, "round": int(round_), "who": who, "rule": "any"}
    desk.record(Tag.OPENED, task=task, at=NIGHT - timedelta(days=3), **values)


def of_task(desk, notice="reminder", **change):
    values = {
        "to": "p-mentor",
        "occurrence": f"{TASK}~0~0",
        "at": NIGHT,
        "task": TASK,
        "kind": "sign-off",
    }
    return desk.letter(notice, **(values | change))


def waits_for_the_window(desk, letter):
    posted = desk.outbox(now=lambda: NIGHT).post(desk.post(letter, now=NIGHT))
    assert posted == Posted(later={0: MORNING})


def goes(desk, letter):
    posted = desk.outbox(now=lambda: MORNING).post(desk.post(letter, now=MORNING))
    (row,) = desk.rows()
    assert posted == Posted()
    return row.state.value, row.skip


HANDED_ON = ("skipped", "superseded: the task was handed on")
MOVED = ("skipped", "superseded: the date was moved")


@pytest.mark.parametrize("notice", ["reminder", "sign-off-wanted"])
def test_letter_that_waits_is_not_sent_to_a_former_holder(desk, notice):
    letter = of_task(desk, notice)
    opened(desk)
    waits_for_the_window(desk, letter)
    desk.record(Tag.REASSIGNED, task=TASK, at=LATER, who="p-coordinator")

    came = goes(desk, letter)

    assert came == HANDED_ON
    assert desk.recording.mails == []


def test_letter_goes_to_whoever_is_still_among_the_holders(desk):
    letter = of_task(desk)
    opened(desk)
    waits_for_the_window(desk, letter)
    desk.record(Tag.REASSIGNED, task=TASK, at=LATER, who="p-coordinator,p-mentor")

    assert goes(desk, letter) == ("sent", "")


def test_letter_goes_to_whoever_has_the_task_back(desk):
    letter = of_task(desk)
    opened(desk)
    waits_for_the_window(desk, letter)
    desk.record(Tag.REASSIGNED, task=TASK, at=LATER, who="p-coordinator")
    desk.record(Tag.REASSIGNED, task=TASK, at=LATER + timedelta(minutes=5), who="p-mentor")

    assert goes(desk, letter) == ("sent", "")


def test_task_that_was_handed_over_before_it_rang_changes_nothing(desk):
    letter = of_task(desk, to="p-mentor")
    opened(desk, who="p-coordinator")
    desk.record(Tag.REASSIGNED, task=TASK, at=NIGHT - timedelta(days=1), who="p-ada")
    waits_for_the_window(desk, letter)

    assert goes(desk, letter) == ("sent", "")


def test_escalation_about_a_former_holder_is_not_sent(desk):
    opened(desk, who="p-ada")
    letter = of_task(desk, "escalation", data={"who": "p-ada", "late_days": 2}, resumed=NIGHT)
    waits_for_the_window(desk, letter)
    desk.record(Tag.REASSIGNED, task=TASK, at=LATER, who="p-coordinator")

    assert goes(desk, letter) == HANDED_ON


@pytest.mark.parametrize(
    ("notice", "came"), [("reminder", MOVED), ("sign-off-wanted", ("sent", ""))]
)
def test_reminder_of_a_date_that_was_moved_is_not_sent(desk, notice, came):
    letter = of_task(desk, notice)
    opened(desk)
    waits_for_the_window(desk, letter)
    later = (DUE + timedelta(days=7)).isoformat()
    desk.record(Tag.MOVED, task=TASK, at=LATER, due=later, revision=1)

    assert goes(desk, letter) == came


def with_line(desk):
    """Two tasks that one moment opened, in one mail."""
    due = {"due": DUE, "notice": "checklist-item"}
    line = Line(task=OTHER, kind="item-contract", item="contract", **due)
    opened(desk)
    opened(desk, OTHER)
    letter = of_task(desk, "sign-off-wanted", lines=[line])
    waits_for_the_window(desk, letter)
    return letter


def close(desk, task):
    desk.record(Tag.DONE, task=task, at=LATER, outcome="done")


def test_line_that_still_makes_sense_goes_in_the_place_of_what_was_done(desk):
    letter = with_line(desk)
    close(desk, TASK)

    came = goes(desk, letter)

    (mail,) = desk.recording.mails
    assert came == ("sent", "")
    assert "Sign the contract" in mail.subject
    assert "Month 4" not in mail.text


def test_line_that_was_done_is_left_out(desk):
    letter = with_line(desk)
    close(desk, OTHER)

    came = goes(desk, letter)

    (mail,) = desk.recording.mails
    assert came == ("sent", "")
    assert "Month 4" in mail.subject
    assert "Sign the contract" not in mail.text


def test_mail_of_which_nothing_makes_sense_is_skipped(desk):
    letter = with_line(desk)
    close(desk, TASK)
    close(desk, OTHER)

    assert goes(desk, letter) == ("skipped", "superseded: the task is closed")
