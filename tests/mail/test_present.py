"""A post that lay on its queue: what is true when it is carried counts, not when it was put there."""

from datetime import UTC, datetime, timedelta

import pytest

from mail.outbox import Outbox
from mail.transports.port import Unknown
from residency.wire import Posted, Tag
from tests.mail.conftest import AT
from tests.mail.test_fate import Blind

TASK = "milestones/report/m4/1"
NIGHT = datetime(2022, 9, 24, 1, tzinfo=UTC)  # A Saturday, 03:00 in Paris.
MONDAY = datetime(2022, 9, 26, 6, tzinfo=UTC)  # 08:00 in Paris.


def test_wait_for_a_provider_begins_when_it_was_asked(desk):
    late = AT + timedelta(hours=3)
    outbox = desk.outbox(Blind(lambda _: Unknown("cut")), now=lambda: late)

    posted = outbox.post(desk.post(desk.letter()))

    assert posted.later == {0: late + timedelta(minutes=15)}


def test_reminder_of_a_task_that_was_closed_meanwhile_is_skipped(desk):
    letter = desk.letter("reminder", occurrence=f"{TASK}~0~0")
    desk.record(Tag.OPENED, task=TASK, at=AT, kind="report", item="m4", round=1, who="p-ada")
    desk.record(Tag.DONE, task=TASK, at=AT + timedelta(hours=30), outcome="done")

    desk.outbox(now=lambda: MONDAY).post(desk.post(letter))

    (row,) = desk.rows()
    assert (row.state, row.skip) == ("skipped", "superseded: the task is closed")
    assert desk.recording.mails == []


def test_nothing_leaves_outside_of_the_window(desk):
    posted = desk.outbox(now=lambda: NIGHT).post(desk.post(desk.letter()))

    assert posted == Posted(later={0: MONDAY})
    assert desk.recording.mails == []


def test_rehearsal_knows_its_own_time_alone(rehearsed):
    posted = rehearsed.outbox(now=lambda: NIGHT).post(rehearsed.post(rehearsed.letter()))

    assert posted == Posted()
    assert [mail.at for mail in rehearsed.recording.mails] == [AT]


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(minutes=5)])
def test_clock_that_is_behind_changes_nothing(desk, behind):
    desk.outbox(now=lambda: AT - behind).post(desk.post(desk.letter()))

    assert [row.state.value for row in desk.rows()] == ["sent"]


def test_present_is_the_real_one_unless_it_is_given(desk):
    outbox = Outbox(
        desk.store,
        desk.renderer,
        transport=Blind(lambda _: Unknown("cut")),
        rehearsal=desk.recording,
        sender="mail@example.org",
    )

    posted = outbox.post(desk.post(desk.letter("offer", task="", item="")))

    assert posted.later[0] > datetime.now(UTC)
