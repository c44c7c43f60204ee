"""Invitations to meetings: what stands in them, and that two parsers read the same."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import icalendar
import pytest

from mail.invite import METHODS, calendar_of, invite_of
from mail.preview import Previews, as_test
from residency.notices import CATALOG
from residency.wire import Batch, Event, Tag
from tests.mail.invites import event_of, letter

JS = Path(__file__).resolve().parents[1] / "js"
NODE = shutil.which("node")
reads_js = pytest.mark.skipif(
    NODE is None or not (JS / "node_modules").is_dir(),
    reason="needs node, and `npm ci` in tests/js",
)
HOSTILE = 'Ada"; CN=x\r\nATTENDEE:mailto:evil@example.org <script>{{ 1 }}\u202e' + "x" * 10_000


@pytest.mark.parametrize("notice", METHODS)
def test_invitation_stands_in_the_mail_twice_with_its_method(draw, notice):
    mail = draw(letter(notice))

    message = message_from_bytes(mail.as_bytes(), policy=default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_param("method") for part in parts] == [METHODS[notice].value] * 2
    assert [part.get_filename() for part in parts] == [None, "invite.ics"]
    assert message.get_body(("plain",)).get_content().split() == mail.text.split()
    for part in parts:
        content = part.get_payload(decode=True)
        assert content.isascii()
        assert icalendar.Calendar.from_ical(content)["METHOD"] == METHODS[notice].value


@pytest.mark.parametrize("notice", sorted(set(CATALOG) - set(METHODS)))
def test_other_notices_carry_no_invitation(facts, notice):
    assert invite_of(facts, letter(notice), organizer=("Noor", "noor@example.org")) is None


def test_versions_of_a_meeting_have_one_uid_and_growing_sequences(draw):
    first = event_of(draw(letter()))
    moved = event_of(draw(letter("interview-moved", sequence=1, was="2022-05-10T13:00:00Z")))
    canceled = event_of(draw(letter("interview-canceled", sequence=2)))

    assert {str(each["UID"]) for each in (first, moved, canceled)} == {
        "r-sample-research@mail.residency.invalid"
    }
    assert [each["SEQUENCE"] for each in (first, moved, canceled)] == [0, 1, 2]
    assert [str(each["STATUS"]) for each in (first, moved, canceled)] == [
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
    ]


def test_everybody_who_meets_is_asked_and_the_coordinator_organizes(draw):
    event = event_of(draw(letter("presentation-scheduled")))

    assert str(event["ORGANIZER"]) == "mailto:p-coordinator@example.org"
    assert event["ORGANIZER"].params["CN"] == "Noor Haddad"
    assert [each.params["CN"] for each in event["ATTENDEE"]] == [
        "Ada Lovelace",
        "Sam Okafor",
        "Grace Hopper",
        "Lin Wei",
    ]


@pytest.mark.parametrize(
    ("at", "local"),
    [
        ("2022-03-27T00:30:00Z", "01:30"),  # An hour later, Paris is in summer.
        ("2022-03-27T01:30:00Z", "03:30"),
        ("2022-10-30T00:30:00Z", "02:30"),  # The first half past two of that night.
        ("2022-10-30T01:30:00Z", "02:30"),  # The second.
    ],
)
def test_time_is_right_across_the_change_of_clocks(draw, facts, at, local):
    reader = replace(facts.people["p-other"], zone="Europe/Paris")
    facts = replace(facts, people={**facts.people, "p-other": reader})

    mail = draw(letter(at=at), facts)

    event = event_of(mail)
    assert event["DTSTART"].to_ical().decode() == at.replace("-", "").replace(":", "")
    assert (event.end - event.start).total_seconds() == 45 * 60
    assert f"{local} (Paris time)" in mail.text


def test_place_and_link_stand_in_text_and_invitation(draw, facts):
    said = {"place": "Salle 4", "link": "https://meet.example.org/a?b=1&c=2"}
    facts = replace(facts, submissions={"s-place": said})

    mail = draw(letter(submission="s-place"), facts)

    event = event_of(mail)
    assert str(event["LOCATION"]) == "Salle 4"
    assert str(event["URL"]) == said["link"]
    assert "Place: Salle 4\n" in mail.text
    assert f"Join here: {said['link']}\n" in mail.text
    assert "sends you the place" not in mail.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://a.org", 'https://a.org/"><b>', ""])
def test_link_that_is_no_https_address_is_left_out(draw, facts, link):
    facts = replace(facts, submissions={"s-place": {"link": link}})

    mail = draw(letter(submission="s-place"), facts)

    assert "URL" not in event_of(mail)
    assert "Join here" not in mail.text


def test_hostile_names_stay_text_in_one_property(draw, facts):
    people = {key: replace(each, name=HOSTILE) for key, each in facts.people.items()}
    facts = replace(
        facts,
        people=people,
        submissions={"s-place": {"place": f"{HOSTILE}\nMETHOD:CANCEL"}},
    )

    mail = draw(letter(submission="s-place"), facts)

    content = mail.invite.content
    event = event_of(mail)
    assert content.isascii()
    assert all(len(line) <= 75 for line in content.split("\r\n"))
    assert [str(each) for each in event["ATTENDEE"]] == [
        "mailto:p-person@example.org",
        "mailto:p-other@example.org",
    ]
    assert content.count("\r\nMETHOD:") == 1
    assert content.count("\r\nATTENDEE") == 2


def test_names_beyond_ascii_lose_their_marks_or_are_left_out(draw, facts):
    people = {
        **facts.people,
        "p-person": replace(facts.people["p-person"], name="José Núñez"),
        "p-other": replace(facts.people["p-other"], name="林薇"),
    }

    event = event_of(draw(letter(), replace(facts, people=people)))

    assert [dict(each.params).get("CN") for each in event["ATTENDEE"]] == ["Jose Nunez", None]
    assert str(event["SUMMARY"]) == "Research conversation: Jose Nunez"


def test_test_mail_asks_nobody_anything(draw):
    mail = as_test(draw(letter("presentation-scheduled")), to="me@example.org", key="test/1")

    event = event_of(mail)
    assert mail.subject.startswith("TEST: ")
    assert mail.invite.method == "PUBLISH"
    assert str(event["SUMMARY"]).startswith("TEST: ")
    assert str(event["UID"]).startswith("test-")
    assert "ATTENDEE" not in event
    assert "meet.example.org" not in f"{mail.text}{mail.html}{mail.invite.content}"


def test_who_leaves_a_meeting_is_asked_to_clear_it_alone(draw):
    mail = draw(letter("interview-canceled", sequence=1, party="left"))

    event = event_of(mail)
    assert mail.invite.method == "CANCEL"
    assert "STATUS" not in event
    assert event["ATTENDEE"] == "mailto:p-other@example.org"
    assert "without you" in mail.text


def test_who_stays_in_a_meeting_gets_the_new_names_by_the_same_entry(draw):
    first = event_of(draw(letter()))

    mail = draw(letter(sequence=1, party="changed"))

    event = event_of(mail)
    assert (event["UID"], event["SEQUENCE"]) == (first["UID"], 1)
    assert mail.subject.startswith("Others take part: ")
    assert "Its time stays as it is" in " ".join(mail.text.split())


def read_by_icalendar(path):
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    return {
        "method": str(calendar["METHOD"]),
        "events": [_understood(event) for event in calendar.events],
    }


def _understood(event):
    def person(one):
        return {"name": str(one.params.get("CN", "")), "address": str(one)}

    def moment(value):
        if not isinstance(value, datetime):
            return value.isoformat()
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    attendees = event.get("ATTENDEE", [])
    return {
        "uid": str(event["UID"]),
        "sequence": int(event.get("SEQUENCE", 0)),
        "start": moment(event.start),
        "end": moment(event.end),
        "summary": str(event["SUMMARY"]),
        "description": str(event.get("DESCRIPTION", "")),
        "location": str(event.get("LOCATION", "")),
        "status": str(event.get("STATUS", "")),
        "organizer": person(event["ORGANIZER"]) if "ORGANIZER" in event else None,
        "attendees": [
            person(one) for one in (attendees if isinstance(attendees, list) else [attendees])
        ],
    }


@reads_js
def test_two_parsers_read_the_same(draw, facts, tmp_path):
    hostile = replace(
        facts,
        people={
            key: replace(each, name=f'O\'Neil; "Jr", {each.name}\\n^n José')
            for key, each in facts.people.items()
        },
        submissions={
            "s": {"place": "Room 4; 2nd floor, left\\right", "link": "https://a.org/?x,y;z"}
        },
    )
    calendars = [
        *(
            draw(letter(notice, sequence=number)).invite.content
            for number, notice in enumerate(METHODS)
        ),
        draw(letter(submission="s"), hostile).invite.content,
        draw(letter(at="2022-10-30T00:30:00Z")).invite.content,
        calendar_of(
            [("p-0", datetime(2027, 3, 28, tzinfo=UTC).date(), "Review, round 2; due")],
            name="A program",
            stamp=datetime(2027, 1, 1, tzinfo=UTC),
        ),
    ]
    paths = []
    for number, content in enumerate(calendars):
        paths.append(tmp_path / f"{number}.ics")
        paths[-1].write_text(content, newline="")

    done = subprocess.run(
        [NODE, JS / "calendar.mjs", *paths], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [read_by_icalendar(path) for path in paths]


def test_party_and_place_come_from_the_record(desk):
    """A later move that says no place changes none; a reason is no place."""
    store = desk.store
    at = datetime(2022, 5, 2, 7, tzinfo=UTC)
    desk.record(Tag.APPOINTED, role="interviewers", item="research", who="p-mentor")
    given = {"s-first": {"place": "Room 4"}, "s-reason": {}}
    for number, (submission, answers) in enumerate(given.items(), start=1):
        store.submissions.add(submission, "r-one", "p-coordinator", "meeting", answers, at)
        event = Event(
            seq=desk._seq + number,
            at=at,
            tag=Tag.MEETING,
            submission=submission,
            data={"item": "research", "at": "2022-05-10T13:00:00Z", "minutes": 45},
        )
        batch = Batch(residency="r-one", first=event.seq, events=[event], history=event.seq)
        store.record.append(batch)
    one = letter().model_copy(update={"to": "p-ada"})

    desk.outbox().post(desk.post(one))

    (mail,) = desk.recording.mails
    assert str(event_of(mail)["LOCATION"]) == "Room 4"
    assert "Place: Room 4\n" in mail.text
    assert [str(each) for each in event_of(mail)["ATTENDEE"]] == [
        "mailto:p-ada@example.org",
        "mailto:p-mentor@example.org",
    ]
    assert [row.state.value for row in desk.rows()] == ["sent"]


def test_entry_is_in_the_language_of_its_reader(house, facts):
    people = {each: replace(one, locale="fr") for each, one in facts.people.items()}

    mail = Previews(house()).draw(replace(facts, people=people), letter("presentation-scheduled"))

    assert event_of(mail)["SUMMARY"] == "Presentation: Ada Lovelace"
    assert mail.headers["Content-Language"] == "fr"
