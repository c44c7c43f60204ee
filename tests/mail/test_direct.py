"""Mails that somebody asks for on a page: one row, one mail, and an answer that is true."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mail.direct import About, DirectMail
from mail.facts import somebody
from mail.render import Renderer
from mail.transports.port import Refused, Sent, Unknown, Withheld
from mail.transports.recording import RecordingTransport
from store import Store
from store.cohorts import CohortRow
from store.people import Person
from store.posting import MailState
from tests.mail.conftest import CHECKOUT, made_document

ADA = Person(id="p-ada", name="Ada Lovelace", given_name="Ada", email="ada@example.org")
LINK = "https://example.org/me/opaque"
CLOCK = datetime(2022, 9, 1, 7, tzinfo=UTC)


class Failing(RecordingTransport):
    """Answers as it is told."""

    outcome: object = None

    def send(self, mail):
        return self.outcome or super().send(mail)


@pytest.fixture
def scene(tmp_path):
    """A store with a coordinator's cohort and a rehearsal, two transports, and what sends."""
    store = Store(f"sqlite:///{tmp_path / 'residency.db'}")
    store.migrate()
    noor = Person(id="p-noor", name="Noor Haddad", given_name="Noor", email="noor@example.org")
    store.people.add(noor)
    for id_, rehearsal in (("c-real", False), ("c-played", True)):
        store.cohorts.open(
            CohortRow(
                id=id_,
                program="residency",
                name="2022",
                definition="d",
                first_day=date(2022, 9, 1),
                seats=3,
                coordinators=["p-noor"],
                rehearsal=rehearsal,
                clock=CLOCK if rehearsal else None,
            )
        )
    carrier, files = Failing(), RecordingTransport()
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs")
    direct = DirectMail(
        store, renderer, transport=carrier, rehearsal=files, sender="Mail <mail@example.org>"
    )
    yield store, direct, carrier, files
    store.close()


def about(*, cohort="c-real"):
    return About(subject="p-ada", document=made_document(), cohort=cohort, link=LINK)


def test_mail_goes_with_its_link_and_a_person_who_answers(scene):
    store, direct, carrier, files = scene

    outcome = direct.send("new-link", somebody(ADA), about(), occurrence="one")

    (mail,) = carrier.mails
    (row,) = store.outbox.list(receiver="p-ada")
    assert isinstance(outcome, Sent)
    assert (mail.to, mail.reply_to) == (
        ("Ada Lovelace", "ada@example.org"),
        ("Noor Haddad", "noor@example.org"),
    )
    assert mail.text.count(LINK) == 1
    assert mail.html.count(LINK) == 1
    assert (row.subject, row.notice, row.state) == ("p-ada", "new-link", MailState.SENT)
    assert LINK not in row.letter.model_dump_json()
    assert files.mails == []


def test_same_request_sends_once(scene):
    _, direct, carrier, _ = scene

    first = direct.send("new-link", somebody(ADA), about(), occurrence="one")
    again = direct.send("new-link", somebody(ADA), about(), occurrence="one")
    other = direct.send("new-link", somebody(ADA), about(), occurrence="two")

    assert [type(one) for one in (first, again, other)] == [Sent, Sent, Sent]
    assert len(carrier.mails) == 2


def test_rehearsed_people_get_files_in_rehearsed_time(scene):
    store, direct, carrier, files = scene

    direct.send("new-link", somebody(ADA), about(cohort="c-played"), occurrence="one")

    (mail,) = files.mails
    (row,) = store.outbox.list(receiver="p-ada")
    assert carrier.mails == []
    assert (mail.rehearsal, mail.at, row.at, row.rehearsal) == ("2022", CLOCK, CLOCK, True)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Refused("no such box"), MailState.FAILED), (Unknown("cut off"), MailState.UNKNOWN)],
)
def test_failures_are_settled_and_said_again(scene, outcome, state):
    store, direct, carrier, _ = scene
    carrier.outcome = outcome

    first = direct.send("new-link", somebody(ADA), about(), occurrence="one")
    carrier.outcome = None
    again = direct.send("new-link", somebody(ADA), about(), occurrence="one")

    (row,) = store.outbox.list(receiver="p-ada")
    assert (first, row.state, row.detail) == (outcome, state, outcome.detail)
    assert type(again) is type(outcome)
    assert carrier.mails == []


def test_transport_that_breaks_is_unknown_and_never_raises(scene):
    store, direct, carrier, _ = scene

    def breaks(_mail):
        raise RuntimeError("ada@example.org")

    carrier.send = breaks
    outcome = direct.send("new-link", somebody(ADA), about(), occurrence="one")

    (row,) = store.outbox.list(receiver="p-ada")
    assert outcome == Unknown("RuntimeError")
    assert (row.state, row.detail) == (MailState.UNKNOWN, "RuntimeError")


def test_paused_address_gets_nothing(scene):
    store, direct, carrier, _ = scene
    paused = replace(somebody(ADA), paused="bounced")

    outcome = direct.send("new-link", paused, about(), occurrence="one")

    (row,) = store.outbox.list(receiver="p-ada")
    assert outcome == Withheld("the address is paused: bounced")
    assert (row.state, carrier.mails) == (MailState.SKIPPED, [])


def test_malformed_address_is_refused_without_naming_it(scene):
    _, direct, _, _ = scene

    outcome = direct.send("new-link", replace(somebody(ADA), email="no"), about(), occurrence="one")

    assert isinstance(outcome, Refused)
    assert "p-ada" in outcome.detail


def test_application_says_until_when_and_greets_nobody_by_an_empty_name(scene):
    _, direct, carrier, _ = scene
    nobody = replace(somebody(ADA), id="d-one", name="", given_name="", zone="Europe/Paris")
    data = {"confirm": "yes", "closes": "2022-04-03T22:00:00Z"}

    direct.send("application-link", nobody, about(), occurrence="one", data=data)

    (mail,) = carrier.mails
    assert mail.text.startswith("Hello,\n")
    assert "confirm that the address is yours" in " ".join(mail.text.split())
    assert "Sunday, April 3, 2022, 23:59" in " ".join(mail.text.split())


def test_whoever_has_part_in_no_program_is_written_to_by_the_house(scene):
    _, direct, carrier, _ = scene

    outcome = direct.send(
        "new-link", somebody(ADA), About(subject="p-ada", link=LINK), occurrence="one"
    )

    assert isinstance(outcome, Sent)
    assert carrier.mails[0].reply_to is None
