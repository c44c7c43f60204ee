"""Mails and addresses of residencies that have ended."""

import json
from datetime import timedelta

import pytest

from residency.wire import Tag
from store.posting import MailState
from store.reviews import Did
from store.stuck import left_mails
from tests.cli.mailed import held, said
from tests.mail.conftest import AT


@pytest.fixture
def over(desk):
    """A mail that was held when its residency ended."""
    row = held(desk)
    desk.record(Tag.ENDED, at=AT + timedelta(hours=2), how="completed")
    return row


def test_held_says_which_residency_has_ended(desk, run, over):
    done = run("held", "--residency", "r-one")

    assert "r-one (ended: completed)" in " ".join(done.stdout.split())
    assert json.loads(run("held", "--json").stdout)["mails"][0]["ended"] == "completed"
    assert "on hold: every mail" not in done.stdout


def test_doctor_counts_what_is_held_after_the_end(desk, over):
    assert left_mails(desk.store.database, now=AT, claimed_before=AT)["over"] == 1


def test_what_is_held_about_an_ended_residency_is_sent_by_hand(desk, run, over):
    done = run("send", "--residency", "r-one")

    assert done.stderr == f"Sent: {over.key}\n"
    assert desk.store.outbox.get(over.key).state is MailState.SENT


def test_address_of_somebody_whose_residency_is_over_is_corrected(desk, run, over):
    desk.store.people.pause("p-ada", "bounced")

    done = run("readdress", "p-ada", "--address", "ada@example.net", "--reason", "she called")

    assert done.exit_code == 0, said(done)
    person = desk.store.people.get("p-ada")
    assert (person.email, person.paused) == ("ada@example.net", "")
    (kept,) = [one for one in desk.store.reviews.of("") if one.what is Did.READDRESSED]
    assert (kept.by, kept.detail, kept.data) == (
        "p-coordinator",
        "she called",
        {"person": "p-ada"},
    )
    told = [(row.notice, row.receiver) for row in desk.store.outbox.list(rehearsals=True)]
    assert ("address-changed", "p-ada") in told
    assert ("address-corrected", "p-ada") in told


def test_address_of_a_coordinator_of_somebody_on_their_way_is_an_action(desk, run):
    done = run("readdress", "p-coordinator", "--address", "new@example.net")

    assert "residency act correct-address r-one" in said(done)


def test_address_of_somebody_on_their_way_is_an_action(desk, run):
    done = run("readdress", "p-ada", "--address", "ada@example.net")

    assert "residency act correct-address r-one --address ada@example.net --who p-ada" in said(done)
    assert desk.store.people.get("p-ada").email == "p-ada@example.org"


def test_address_that_is_none_is_refused(desk, run, over):
    done = run("readdress", "p-ada", "--address", "ada")

    assert '"ada" is no address' in said(done)
