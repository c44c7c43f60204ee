"""`residency emails`: what became of mails, and mails in people's hands."""

import re
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from cli.emails import app
from mail.render import Renderer
from mail.transports.port import Refused, Sent, Unknown
from residency.settings import CHECKOUT, load
from store import Store
from store.holds import Hold, Scope
from store.posting import Delivery, MailState
from store.reviews import Did
from store.tables import outbox
from store.webhooks import MailEvent
from tests.mail.conftest import AT, Desk


class Answering:
    """A transport that keeps nothing, and always answers the same."""

    name, looks = "smtp", False

    def __init__(self, outcome):
        self.outcome = outcome

    def send(self, mail):
        return self.outcome

    def has(self, mail):
        return None


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk on the data folder that commands in this process use."""
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RESIDENCY_MAIL_LIVE", "true")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    store = Store(load().database)
    store.migrate()
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs")
    yield Desk(store, renderer)
    store.close()


@pytest.fixture
def run(desk):
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def posted(desk, outcome, **change):
    """The row of a mail that got this answer."""
    letter = desk.letter(**change)
    desk.outbox(Answering(outcome)).post(desk.post(letter))
    return row_of(desk, letter)


def held(desk, **change):
    desk.store.holds.add(Hold(scope=Scope.ALL, since=AT))
    letter = desk.letter(**change)
    desk.outbox().post(desk.post(letter))
    return row_of(desk, letter)


def queued(desk, row):
    """The mail waits for its time, as if nobody had held it."""
    change = update(outbox).where(outbox.c.key == row.key)
    with desk.store.database.writing() as connection:
        connection.execute(change.values(state=MailState.QUEUED, not_before=AT))


def row_of(desk, letter):
    (row,) = [one for one in desk.rows() if one.letter.occurrence == letter.occurrence]
    return row


def told(desk, row, word, delivery, **more):
    """The provider says what became of a mail; of an address that is nobody's by now."""
    event = MailEvent(
        id=f"e-{word}",
        mail=row.key,
        event=word,
        at=AT,
        address="old@example.org",
        delivery=delivery,
        **more,
    )
    desk.store.webhooks.take([event], act=lambda bounce: bounce)


def said(done):
    return str(done.exception) if done.exception else done.stderr


# Show


def test_show_begins_with_all_that_is_known_of_a_mail(desk, run):
    row = posted(desk, Sent("<one@example.org>"))
    told(desk, row, "bounce", Delivery.BOUNCED, detail="mailbox full")

    done = run("show", row.key)

    lines = done.stdout.splitlines()
    assert lines[0] == f"key: {row.key}"
    assert lines[1] == "notice: milestone-opening, to Ada Lovelace (p-ada), about r-one"
    assert lines[2].startswith("state: sent by smtp at ")
    assert lines[3:5] == ["delivery: bounced", "tries: 1"]
    assert lines[5] == "provider: 2022-09-23 07:00 UTC: bounce (mailbox full)"


def test_show_renders_anew_what_is_no_file_and_says_so(desk, run):
    row = posted(desk, Sent("<one@example.org>"))

    done = run("show", row.key)

    assert "Its body is not kept here; this is rendered anew" in done.stdout
    assert "To: Ada Lovelace <p-ada@example.org>" in done.stdout


def test_show_of_a_file_is_that_file(desk, run):
    row = held(desk)
    run("send", row.key)

    done = run("show", row.key)

    assert "This is what was sent:" in done.stdout
    assert "by hand: " in done.stdout
    assert "sent by p-coordinator" in done.stdout


def test_show_raw_is_the_mail_alone(desk, run):
    row = held(desk)

    done = run("show", row.key, "--raw")

    assert done.stdout.startswith("Date: ") or done.stdout.startswith("From: ")
    assert "This is how it would go now:" in done.stderr


def test_show_takes_a_beginning_that_only_one_has(desk, run):
    row = held(desk)
    held(desk, occurrence="milestones/report/m4/1~1")

    assert run("show", row.key[:8]).stdout.startswith(f"key: {row.key}")
    assert said(run("show", "m-")) == '"m-" is the beginning of several mails\' keys; write more.'
    assert "is neither a file nor a mail's key" in said(run("show", "m-%"))


@pytest.mark.parametrize("flags", [[], ["--html"], ["--raw"]])
def test_show_of_a_file_that_is_no_mail_says_so(run, flags):
    Path("README.md").write_text("# Residencies\n\nNote: words.\n")

    done = run("show", "README.md", *flags)

    assert done.exit_code == 1
    assert said(done) == '"README.md" is no mail; give an .eml file or the key of one.'
    assert done.stdout == ""


def test_show_says_in_the_zone_of_the_program_until_when_a_mail_waits(desk, run):
    row = held(desk)
    queued(desk, row)

    done = run("show", row.key)

    assert "state: queued until 2022-09-23 09:00 Europe/Paris\n" in done.stdout


# List


def test_list_help_names_every_state(run):
    words = set(re.findall(r"[a-z]+", run("list", "--help").stdout))

    assert {str(one) for one in MailState} <= words


def test_list_shows_the_newest_and_says_how_many_there_are(desk, run):
    for number in range(3):
        held(desk, occurrence=f"milestones/report/m4/1~{number}")

    done = run("list", "--limit", 2)

    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == "The newest 2 of 3 mails; --limit 0 shows all.\n"
    assert run("list", "--limit", 3).stderr == ""


def test_list_says_what_the_provider_said(desk, run):
    row = posted(desk, Sent("<one@example.org>"))
    told(desk, row, "delivered", Delivery.DELIVERED)

    assert "sent, delivered" in run("list").stdout


# Settle


@pytest.mark.parametrize(
    ("outcome", "flag", "state"),
    [
        (Unknown("cut off"), "--sent", MailState.SENT),
        (Unknown("cut off"), "--lost", MailState.DISCARDED),
        (Refused("no such mailbox"), "--lost", MailState.DISCARDED),
    ],
)
def test_settle_ends_what_stays_open_and_keeps_who_said_so(desk, run, outcome, flag, state):
    row = posted(desk, outcome)

    done = run("settle", row.key, flag, "--reason", "she told me")

    (review,) = desk.store.reviews.of(row.key)
    after = desk.store.outbox.get(row.key)
    assert done.exit_code == 0, said(done)
    assert (after.state, after.detail, after.not_before) == (state, "she told me", None)
    assert (review.what, review.by) == (Did.SETTLED, "p-coordinator")
    assert review.detail == f"{flag[2:]}: she told me"
    assert desk.store.mailbox.waiting() == {state: 1}


def test_settled_mail_is_not_asked_for_again(desk, run):
    row = posted(desk, Unknown("cut off"))
    run("settle", row.key, "--lost")

    again = desk.outbox(Answering(Sent())).post(desk.post(row.letter))

    assert again == type(again)()
    assert desk.store.outbox.get(row.key).state is MailState.DISCARDED


@pytest.mark.parametrize(
    ("outcome", "flags", "sentence"),
    [
        (Sent(), ["--sent"], "only a mail that is unknown or failed can be settled."),
        (Refused("no"), ["--sent"], "failed, so it surely did not arrive; --lost ends it"),
        (Unknown("cut off"), [], "Say which: one of --sent and --lost."),
        (Unknown("cut off"), ["--sent", "--lost"], "Say which: one of --sent and --lost."),
    ],
)
def test_settle_refuses_what_makes_no_sense(desk, run, outcome, flags, sentence):
    row = posted(desk, outcome)

    done = run("settle", row.key, *flags)

    assert sentence in said(done)
    assert desk.store.outbox.get(row.key).state is row.state


def test_failed_mail_that_went_when_sent_again_waits_for_nobody(desk, run):
    row = posted(desk, Refused("no such mailbox"))

    done = run("resend", row.key, "--reason", "corrected")

    assert done.exit_code == 0, said(done)
    assert desk.store.outbox.counts() == {"failed": 1, "sent": 1}
    assert desk.store.mailbox.waiting() == {"failed": 0, "sent": 1}


# By hand


def test_unhold_says_how_many_are_held_still(desk, run):
    held(desk)

    done = run("unhold", "--all")

    assert done.exit_code == 0
    assert "1 mail still held: residency emails send KEY ..." in done.stderr


def test_edit_by_options_changes_the_words_that_go(desk, run):
    row = held(desk)
    Path("words.md").write_text("Hello,\n\nmy own words.\n")

    done = run("edit", row.key, "--subject", "My subject", "--text", "words.md")
    sent = run("send", row.key)

    assert done.exit_code == 0, said(done)
    assert sent.stderr == f"Sent: {row.key}\n"
    shown = run("show", row.key).stdout
    assert "Subject: My subject" in shown
    assert "my own words." in shown


def test_edit_of_a_mail_that_is_queued_says_that_it_is_held_now(desk, run):
    row = held(desk)
    queued(desk, row)

    done = run("edit", row.key, "--subject", "My subject")

    assert desk.store.outbox.get(row.key).state is MailState.HELD
    assert done.stderr == (
        f"Kept. It is held now, and leaves only by: residency emails send {row.key}\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["send"],
        ["resend"],
        ["edit", "--subject", "New"],
        ["discard", "--reason", "so"],
        ["settle", "--lost"],
    ],
)
def test_mails_are_in_the_hands_of_coordinators_only(desk, run, arguments):
    command, *options = arguments
    refused = command in ("resend", "settle")
    row = posted(desk, Refused("no such mailbox")) if refused else held(desk)

    done = run(command, row.key, *options, "--as", "p-ada@example.org")

    assert done.exit_code == 1
    assert said(done) == "Ada Lovelace (p-ada) may not send mails; that is for a coordinator."
    assert desk.store.outbox.get(row.key).state is row.state
    assert desk.store.reviews.of(row.key) == []


def test_hold_is_for_coordinators_only(desk, run):
    done = run("hold", "--all", "--as", "p-ada")

    assert "Ada Lovelace (p-ada) may not send mails" in said(done)
    assert desk.store.holds.list() == []


def test_send_without_a_mail_says_what_it_takes(run):
    done = run("send")

    assert done.exit_code == 2
    assert "Say what: KEY, or one of --notice, --cohort and --all." in done.stderr


def editor(tmp_path, monkeypatch, script):
    path = tmp_path / "editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_edit_in_an_editor(desk, run, tmp_path, monkeypatch):
    row = held(desk)
    editor(tmp_path, monkeypatch, 'printf "Subject: New\\n\\nOther words.\\n" > "$1"')

    done = run("edit", row.key)

    assert done.exit_code == 0, said(done)
    assert "Subject: New" in done.stdout
    assert list(tmp_path.glob("residency-edit-*")) == []


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("Subject: New\\n\\nHello {{ nobody }}.\\n", '"nobody" does not exist'),
        ("What?\\n", "no subj"),
    ],
)
def test_words_with_a_fault_are_kept_and_can_be_given_again(
    desk, run, tmp_path, monkeypatch, written, fault
):
    row = held(desk)
    editor(tmp_path, monkeypatch, f'printf "{written}" > "$1"')

    done = run("edit", row.key)

    (kept,) = tmp_path.glob("residency-edit-*/mail.md")
    assert fault in said(done)
    assert (
        f"Your words are kept: mend {kept}, then residency emails edit {row.key} --text "
        in said(done)
    )
    kept.write_text("Subject: Mended\n\nWell.\n")
    assert run("edit", row.key, "--text", kept).exit_code == 0
    assert "Subject: Mended" in run("show", row.key).stdout


def test_editor_that_changes_nothing_leaves_nothing(desk, run, tmp_path, monkeypatch):
    row = held(desk)
    editor(tmp_path, monkeypatch, "true")

    done = run("edit", row.key)

    assert said(done).startswith("Nothing was changed; ")
    assert list(tmp_path.glob("residency-edit-*")) == []


def test_send_dry_run_sends_nothing(desk, run):
    row = held(desk)

    done = run("send", row.key, "--dry-run")

    assert "To: Ada Lovelace <p-ada@example.org>" in done.stdout
    assert desk.store.outbox.get(row.key).state is MailState.HELD


def test_send_all_sends_what_is_held(desk, run):
    rows = [held(desk, occurrence=f"milestones/report/m4/1~{number}") for number in range(2)]

    done = run("send", "--all", "--as", "p-coordinator@example.org")

    assert done.exit_code == 0, said(done)
    assert {desk.store.outbox.get(one.key).state for one in rows} == {MailState.SENT}


def test_send_of_what_went_already_says_so(desk, run):
    row = posted(desk, Sent())

    done = run("send", row.key)

    assert done.exit_code == 1
    assert f"{row.key} is sent; " in done.stderr


def test_resend_says_under_which_key(desk, run):
    row = posted(desk, Sent())

    done = run("resend", row.key)

    assert done.exit_code == 0, said(done)
    assert done.stderr.startswith("Sent: m-")
    assert row.key not in done.stderr
    assert "by hand: " in run("show", row.key).stdout


def test_resend_that_fails_ends_with_one(desk, run):
    row = posted(desk, Sent())
    with desk.store.database.writing() as connection:
        change = update(outbox).where(outbox.c.key == row.key)
        connection.execute(change.values(state=MailState.HELD))

    done = run("resend", row.key)

    assert done.exit_code == 1
    assert "`residency emails send` sends a mail that waits." in said(done)


def test_discard_keeps_why(desk, run):
    row = held(desk)

    done = run("discard", row.key, "--reason", "told by phone")

    after = desk.store.outbox.get(row.key)
    assert done.exit_code == 0, said(done)
    assert (after.state, after.detail) == (MailState.DISCARDED, "told by phone")
    assert "It was not sent; this is how it would read now:" in run("show", row.key).stdout
