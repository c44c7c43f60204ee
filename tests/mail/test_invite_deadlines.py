"""Deadlines in calendars, where a program wants them there."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mail.preview import Previews
from residency.wire import Letter
from tests.mail.invites import event_of, letter

KEY = "milestones/report/m4/1"


@pytest.fixture
def dated(draw, facts):
    """Draws a letter about the report m4 where the program wants deadlines in calendars."""
    wants = {**facts.document, "program": {**facts.program, "mail": {"deadlines": True}}}

    def dated(notice, occurrence, *, due=datetime(2022, 9, 30, 22, tzinfo=UTC), **data):
        return draw(
            Letter(
                notice=notice,
                to="p-person",
                occurrence=occurrence,
                at=datetime(2022, 9, 23, 7, tzinfo=UTC),
                task=KEY,
                due=due,
                data=data,
            ),
            replace(facts, document=wants),
        )

    return dated


def test_deadline_is_carried_only_where_the_program_wants_it(draw, facts):
    wants = {**facts.document, "program": {**facts.program, "mail": {"deadlines": True}}}
    due = datetime(2022, 9, 30, 22, tzinfo=UTC)
    asked = Letter(
        notice="milestone-opening",
        to="p-person",
        occurrence="milestones/report/m4/1~2",
        at=datetime(2022, 9, 23, 7, tzinfo=UTC),
        task="milestones/report/m4/1",
        due=due,
    )

    without = draw(asked)
    mail = draw(asked, replace(facts, document=wants))

    assert without.invite is None
    assert mail.invite.method == "PUBLISH"
    assert event_of(mail).end == due
    assert event_of(mail)["SEQUENCE"] == 2


def test_versions_of_a_deadline_have_one_uid_and_growing_sequences(dated):
    """A moved date says how often it was moved, which its occurrence doesn't."""
    entries = [
        event_of(dated("milestone-opening", f"{KEY}~0")),
        event_of(dated("due-date-moved", f"{KEY}~a-abcdefgh", revision=1)),
        event_of(dated("due-date-moved", "dates~handle-date~1", revision=2)),
        event_of(dated("reminder", f"{KEY}~3~0", revision=3)),
    ]

    assert [each["SEQUENCE"] for each in entries] == [0, 1, 2, 3]
    assert len({str(each["UID"]) for each in entries}) == 1


def test_reminder_of_what_was_never_moved_carries_no_entry(dated):
    assert dated("reminder", f"{KEY}~0~0").invite is None


@pytest.mark.parametrize("notice", ["receipt", "task-done-by-other"])
def test_what_is_done_before_its_date_is_taken_out_of_calendars(dated, notice):
    opening = event_of(dated("milestone-opening", f"{KEY}~0"))

    mail = dated(notice, "a-1", verb="complete", outcome="submitted")

    event = event_of(mail)
    assert mail.invite.method == "CANCEL"
    assert (event["UID"], event["SEQUENCE"]) == (opening["UID"], opening["SEQUENCE"])
    assert event["STATUS"] == "CANCELLED"
    assert dated(notice, "a-1", due=None, outcome="submitted").invite is None


def test_what_was_taken_back_stands_in_calendars_again(dated):
    mail = dated("receipt", "a-2", verb="undo", revision=1)

    assert (mail.invite.method, event_of(mail)["SEQUENCE"]) == ("PUBLISH", 1)


def test_deadline_is_in_the_language_of_its_reader(house, facts, one_document):
    document = one_document | {"program": one_document["program"] | {"mail": {"deadlines": True}}}
    people = {each: replace(one, locale="fr") for each, one in facts.people.items()}
    due = datetime(2022, 5, 31, 22, tzinfo=UTC)
    told = letter("milestone-opening").model_copy(
        update={"kind": "report", "item": "m4", "due": due, "task": "milestones/report/m4/1"}
    )

    mail = Previews(house()).draw(replace(facts, document=document, people=people), told)

    assert event_of(mail)["SUMMARY"] == "Mois 4 : Rapport"
