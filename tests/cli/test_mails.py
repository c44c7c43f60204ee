"""`residency emails show | list | settle`: what became of mails."""

import re
from pathlib import Path

import pytest

from mail.transports.port import Refused, Sent, Unknown
from store.posting import Delivery, MailState
from store.reviews import Did
from tests.cli.mailed import Answering, held, posted, queued, said, told

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
