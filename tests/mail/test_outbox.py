"""The outbox on a real store: once, in its window, and never a letter lost in silence."""

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from mail.transports.file import FileTransport
from mail.transports.port import NotSent, Refused, Sent, Unknown
from mail.transports.recording import RecordingTransport
from residency.wire import Line, Posted, Tag
from tests.mail.test_fate import Blind

FRIDAY = datetime(2022, 9, 23, 7, tzinfo=UTC)
SATURDAY = FRIDAY + timedelta(days=1)
MONDAY = datetime(2022, 9, 26, 6, tzinfo=UTC)  # 08:00 in Paris.


class Cut(BaseException):
    """A process that dies."""


def states(desk):
    return [(row.notice, row.receiver, row.state.value) for row in desk.rows()]


def test_post_sends_a_mail(desk):
    posted = desk.outbox().post(desk.post(desk.letter()))

    (mail,) = desk.recording.mails
    (row,) = desk.rows()
    assert posted == Posted()
    assert mail.subject == "Month 4: your report is due on Friday, September 30"
    assert mail.to == ("Ada Lovelace", "p-ada@example.org")
    assert mail.reply_to == ("Noor Haddad", "p-coordinator@example.org")
    assert (row.state, row.line, row.message_id, row.transport) == (
        "sent",
        mail.subject,
        mail.message_id,
        "recording",
    )


def test_post_twice_sends_once(desk, tmp_path):
    outbox = desk.outbox(FileTransport(tmp_path))

    outbox.post(desk.post(desk.letter()))
    again = outbox.post(desk.post(desk.letter()))

    assert again == Posted()
    assert len(list((tmp_path / "mail").iterdir())) == 1
    assert states(desk) == [("milestone-opening", "p-ada", "sent")]


def test_lines_are_carried_as_a_list(desk):
    line = Line(notice="checklist-item", kind="item-contract", item="contract")

    desk.outbox().post(desk.post(desk.letter(lines=[line])))

    (mail,) = desk.recording.mails
    assert "Also waiting for you:\n- Sign the contract: Sign it\n" in mail.text
    assert "<li>Sign the contract: Sign it</li>" in mail.html.replace(' style=""', "")


def test_letter_waits_for_the_window_of_its_receiver(desk):
    mentor = desk.letter("sign-off-wanted", to="p-mentor")  # 03:00 in New York.

    posted = desk.outbox().post(desk.post(desk.letter(), mentor))

    opening = datetime(2022, 9, 23, 12, tzinfo=UTC)
    assert posted.later == {1: opening}
    assert [mail.receiver for mail in desk.recording.mails] == ["p-ada"]
    assert {row.receiver: (row.state, row.not_before) for row in desk.rows()} == {
        "p-ada": ("sent", None),
        "p-mentor": ("queued", opening),
    }


def test_letter_that_waited_is_sent_when_its_window_opens(desk):
    outbox = desk.outbox()
    waiting = outbox.post(desk.post(desk.letter(at=SATURDAY), now=SATURDAY))

    posted = outbox.post(desk.post(desk.letter(at=SATURDAY), now=MONDAY))

    assert waiting.later == {0: MONDAY}
    assert posted == Posted()
    assert states(desk) == [("milestone-opening", "p-ada", "sent")]
    assert desk.recording.mails[0].at == SATURDAY


def test_critical_letter_does_not_wait(desk):
    offer = desk.letter("offer", at=SATURDAY, task="offer/offer//1", kind="offer", item="")

    posted = desk.outbox().post(desk.post(offer, now=SATURDAY))

    assert posted == Posted()
    assert [mail.notice for mail in desk.recording.mails] == ["offer"]


def test_letter_that_waited_is_superseded_when_its_task_is_closed(desk):
    outbox, task = desk.outbox(), "milestones/report/m4/1"
    desk.record(Tag.OPENED, task=task, at=FRIDAY, kind="report", item="m4", round=1, who="p-ada")
    outbox.post(desk.post(desk.letter(at=SATURDAY), now=SATURDAY))
    desk.record(Tag.DONE, task=task, at=SATURDAY + timedelta(hours=3), outcome="done")

    posted = outbox.post(desk.post(desk.letter(at=SATURDAY), now=MONDAY))

    (row,) = desk.rows()
    assert posted == Posted()
    assert desk.recording.mails == []
    assert (row.state, row.skip) == ("skipped", "superseded: the task is closed")


def test_letter_of_a_slow_rehearsal_is_superseded_as_that_of_a_quick_one(rehearsed):
    task = "milestones/report/m4/1"
    rehearsed.record(
        Tag.OPENED, task=task, at=FRIDAY, kind="report", item="m4", round=1, who="p-ada"
    )
    rehearsed.record(Tag.DONE, task=task, at=SATURDAY + timedelta(hours=3), outcome="done")

    posted = rehearsed.outbox().post(rehearsed.post(rehearsed.letter(at=SATURDAY), now=MONDAY))

    (row,) = rehearsed.rows()
    assert posted == Posted()
    assert (row.state, row.skip) == ("skipped", "superseded: the task is closed")


def test_skip_keeps_its_reason(desk):
    desk.store.people.pause("p-ada", "bounced")

    desk.outbox().post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (row.state, row.skip) == ("skipped", "the address is paused: bounced")
    assert desk.recording.mails == []


def test_not_sent_is_tried_later(desk):
    answers = [NotSent(timedelta(minutes=7), "busy"), Sent("<x@y>")]
    outbox = desk.outbox(RecordingTransport(lambda mail: answers.pop(0)))

    first = outbox.post(desk.post(desk.letter()))
    after_first = states(desk)
    second = outbox.post(desk.post(desk.letter(), now=FRIDAY + timedelta(minutes=7)))

    assert first.later == {0: FRIDAY + timedelta(minutes=7)}
    assert after_first == [("milestone-opening", "p-ada", "queued")]
    assert second == Posted()
    assert states(desk) == [("milestone-opening", "p-ada", "sent")]


@pytest.mark.parametrize(
    ("outcome", "state"), [(Refused("no such key"), "failed"), (Unknown("cut"), "unknown")]
)
def test_refused_and_unknown_are_recorded_and_not_resent(desk, outcome, state):
    tries = []
    transport = RecordingTransport(lambda mail: tries.append(mail) or outcome)
    outbox = desk.outbox(transport)

    outbox.post(desk.post(desk.letter()))
    outbox.post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (row.state, row.detail, len(tries)) == (state, outcome.detail, 1)


def test_transport_that_raises_is_unknown(desk):
    def answer(mail):
        raise TimeoutError("p-ada@example.org did not answer")

    desk.outbox(RecordingTransport(answer)).post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (row.state, row.detail) == ("unknown", "TimeoutError")


def test_full_disk_is_tried_later(desk, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    outbox = desk.outbox(FileTransport(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        posted = outbox.post(desk.post(desk.letter()))
        left = list((tmp_path / "mail").iterdir())
        (row,) = desk.rows()

    outbox.post(desk.post(desk.letter(), now=FRIDAY + timedelta(minutes=10)))

    assert posted.later == {0: FRIDAY + timedelta(minutes=10)}
    assert (row.state, row.detail) == ("queued", "the disk is full (ENOSPC)")
    assert left == []
    assert len(list((tmp_path / "mail").iterdir())) == 1


@pytest.mark.parametrize("after_sending", [True, False])
def test_cut_attempt_sends_once_where_the_transport_can_look(desk, tmp_path, after_sending):
    files = FileTransport(tmp_path)

    class Dying(FileTransport):
        def send(self, mail):
            if after_sending:
                super().send(mail)
            raise Cut

    with pytest.raises(Cut):
        desk.outbox(Dying(tmp_path)).post(desk.post(desk.letter()))
    left = states(desk)
    said = []
    files = FileTransport(tmp_path, say=said.append)

    desk.outbox(files).post(desk.post(desk.letter()))

    assert left == [("milestone-opening", "p-ada", "sending")]
    assert states(desk) == [("milestone-opening", "p-ada", "sent")]
    assert len(list((tmp_path / "mail").iterdir())) == 1
    assert len(said) == (0 if after_sending else 1)


def test_cut_attempt_is_unknown_where_the_transport_can_not_look(desk):
    class Blind(RecordingTransport):
        def has(self, mail):
            return None

    def die(mail):
        raise Cut

    with pytest.raises(Cut):
        desk.outbox(Blind(die)).post(desk.post(desk.letter()))
    blind = Blind()

    desk.outbox(blind).post(desk.post(desk.letter()))

    assert blind.mails == []
    assert states(desk) == [("milestone-opening", "p-ada", "unknown")]


@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize("went", [True, False])
def test_cut_attempt_is_not_said_to_be_skipped_where_it_may_have_gone(desk, looks, went):
    """Its task was closed meanwhile: no reason to say that nobody was told."""
    sent = []

    class Dying(RecordingTransport):
        def send(self, mail):
            if went:
                sent.append(mail)
            raise Cut

        def has(self, mail):
            return bool(sent) if looks else None

    Dying.looks = looks
    letter = desk.letter()
    opened = {"kind": "report", "item": "m4", "round": 1, "who": "p-ada"}
    desk.record(Tag.OPENED, task=letter.task, **opened)
    with pytest.raises(Cut):
        desk.outbox(Dying()).post(desk.post(letter))
    desk.record(Tag.DONE, task=letter.task, at=FRIDAY + timedelta(minutes=1), outcome="done")

    desk.outbox(Dying()).post(desk.post(letter, now=FRIDAY + timedelta(minutes=2)))

    (row,) = desk.rows()
    assert row.state == ("unknown" if not looks else "sent" if went else "skipped")


def test_cut_attempt_that_can_not_be_drawn_any_more_is_no_failure(desk):
    def die(_mail):
        raise Cut

    with pytest.raises(Cut):
        desk.outbox(Blind(die)).post(desk.post(desk.letter()))
    desk.store.people.correct_email("p-ada", "ada at example")

    desk.outbox(Blind()).post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert row.state == "unknown"
    assert row.detail.startswith("it may have gone before: the address of")


def test_one_bad_letter_keeps_back_no_other(desk, tmp_path):
    override = tmp_path / "programs" / "residency" / "email" / "en" / "welcome.md"
    override.parent.mkdir(parents=True)
    house = desk.renderer._house / "en" / "welcome.md"
    override.write_text(house.read_text().replace("{{ person.given_name }}", "{{ persn.name }}"))
    letters = [
        desk.letter("welcome", occurrence="1"),
        desk.letter(to="p-nobody"),
        desk.letter(),
    ]

    desk.outbox().post(desk.post(*letters))

    details = {(row.notice, row.receiver): (row.state, row.detail) for row in desk.rows()}
    line = 1 + override.read_text().splitlines().index("Hello {{ persn.name }},")
    assert [mail.notice for mail in desk.recording.mails] == ["milestone-opening"]
    assert details["milestone-opening", "p-nobody"] == ("failed", 'there is no person "p-nobody"')
    state, detail = details["welcome", "p-ada"]
    assert state == "failed"
    assert detail.startswith(
        f'{override}:{line}: "persn" does not exist (did you mean "person"?); there is: person, '
    )


def test_malformed_address_fails_and_says_whose(desk):
    desk.store.people.correct_email("p-ada", "ada at example")

    desk.outbox().post(desk.post(desk.letter()))

    (row,) = desk.rows()
    assert (row.state, row.detail) == (
        "failed",
        'the address of "p-ada" is malformed; correct it, then send again',
    )


def test_rehearsal_has_its_own_folder_and_transport(rehearsed, tmp_path):
    real = RecordingTransport()
    outbox = rehearsed.outbox(real, rehearsal=FileTransport(tmp_path))

    outbox.post(rehearsed.post(rehearsed.letter()))

    (path,) = (tmp_path / "rehearsals" / "2022" / "mail").iterdir()
    assert real.mails == []
    assert path.name.startswith("2022-09-23T0700-milestone-opening-p-ada-")
    assert path.suffix == ".eml"


def test_residency_that_is_gone_is_no_fault(desk):
    post = desk.post(desk.letter()).model_copy(update={"residency": "r-gone"})

    assert desk.outbox().post(post) == Posted()


def test_mail_is_the_same_bytes_each_time(desk, store):
    desk.outbox().post(desk.post(desk.letter()))
    (mail,) = desk.recording.mails

    assert replace(mail).as_bytes() == mail.as_bytes()
    parsed = message_from_bytes(mail.as_bytes(), policy=default)
    assert parsed["Date"] == "Fri, 23 Sep 2022 09:00:00 +0200"
    assert parsed["From"] == "Residencies <mail@example.org>"


def test_logs_name_nobody(desk, capsys):
    def answer(mail):
        raise ValueError(mail.to)

    desk.outbox(RecordingTransport(answer)).post(desk.post(desk.letter()))

    told = capsys.readouterr()
    assert "p-ada" in told.out + told.err
    assert "Ada" not in told.out + told.err
    assert "example.org" not in told.out + told.err
