"""`residency emails edit | send | resend | discard`: mails in people's hands."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mail.transports.port import Refused, Sent
from residency.wire import Tag
from store.posting import MailState
from store.tables import outbox
from tests.cli.mailed import held, posted, queued, said
from tests.mail.conftest import AT

OPENED = {"kind": "report", "item": "m4", "round": 1, "who": "p-ada", "rule": "any"}


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
    assert "Say what: KEY, or --notice, --cohort, --residency or --all." in done.stderr


@pytest.mark.parametrize(
    "ways",
    [
        ["--residency", "r-one", "--all"],
        ["--notice", "offer", "--all"],
        ["m-2x5jq7", "--all"],
        ["m-2x5jq7", "--residency", "r-one"],
    ],
)
def test_send_takes_one_choice(desk, run, ways):
    row = held(desk)

    done = run("send", *ways)

    assert done.exit_code == 2
    told = " ".join(done.stderr.replace("│", "").split())
    assert "Say one of them: KEY, --notice, --cohort, --residency or --all." in told
    assert desk.store.outbox.get(row.key).state is MailState.HELD


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


def closed(desk, row):
    """Its task was done an hour after the mail was caused."""
    desk.record(Tag.OPENED, task=row.letter.task, at=AT, **OPENED)
    desk.record(Tag.DONE, task=row.letter.task, at=AT + timedelta(hours=1), outcome="done")


@pytest.mark.parametrize("verb", ["send", "resend"])
def test_dry_run_says_what_would_be_skipped(desk, run, verb):
    row = held(desk) if verb == "send" else posted(desk, Sent())
    closed(desk, row)

    done = run(verb, row.key, "--dry-run")

    assert done.stdout == (
        f"{row.key} (milestone-opening) would be skipped: superseded: the task is closed\n"
    )


def test_dry_run_says_that_the_date_was_moved(desk, run):
    row = held(desk)
    later = (row.letter.due + timedelta(days=7)).isoformat()
    desk.record(Tag.OPENED, task=row.letter.task, at=AT, due=row.letter.due.isoformat(), **OPENED)
    desk.record(Tag.MOVED, task=row.letter.task, at=AT, due=later, revision=1)

    done = run("send", row.key, "--dry-run")

    assert "Note: its task is due at another date by now" in done.stdout
    assert "Subject: " in done.stdout


@pytest.mark.parametrize(("verb", "outcome"), [("resend", None), ("send", Sent())])
def test_dry_run_refuses_what_would_be_refused(desk, run, verb, outcome):
    row = posted(desk, outcome) if outcome else held(desk)

    done = run(verb, row.key, "--dry-run")

    assert done.exit_code == 1
    assert f"{row.key} is {row.state}; `residency emails" in str(done.exception)


def test_show_of_a_mail_that_waits_says_that_it_would_be_skipped(desk, run):
    row = held(desk)
    closed(desk, row)

    done = run("show", row.key)

    assert "Now it would be skipped (superseded: the task is closed)" in done.stdout
