"""Who applies in a rehearsal: made of the program's id, or read from a file that is checked as a whole."""

import pytest

from rehearsal.people import default_cast_of
from rehearsal.script import read_script
from residency.errors import ResidencyError
from residency.settings import CHECKOUT
from tests.workflows.house import PROGRAMS

TINY = PROGRAMS / "tiny"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a people file of that text for a program."""
    monkeypatch.chdir(tmp_path)

    def read(text, *, program=TINY):
        file = tmp_path / "people.yaml"
        file.write_text(text)
        return read_script(program, CHECKOUT / "programs", people=file).people

    return read


def refused(read, text, **more):
    with pytest.raises(ResidencyError) as error:
        read(text, **more)
    return str(error.value).splitlines()


def test_people_are_read_as_they_are_written(read):
    (bo,) = read(
        "- {name: Bo Berg, email: bo@example.org, zone: Africa/Nairobi, locale: fr, answers: "
        "{promise: true, craft: sailing}}"
    )

    assert (bo.name, bo.email, bo.zone, bo.locale) == (
        "Bo Berg",
        "bo@example.org",
        "Africa/Nairobi",
        "fr",
    )
    assert bo.answers == {"promise": True, "craft": "sailing"}


def test_json_is_read_too(read):
    assert read('[{"name": "Bo", "email": "bo@example.org"}]')[0].name == "Bo"


@pytest.mark.parametrize(
    ("person", "fault"),
    [
        ('{name: "", email: a@example.org}', "1:10: name: the name is missing"),
        ("{name: , email: a@example.org}", "1:9: name: the name is missing"),
        ("{email: a@example.org}", "1:3: the name is missing"),
        ("{name: Bo}", "1:3: the address is missing"),
        (
            "{name: 5, email: a@example.org}",
            '1:10: name: "5" is not a text; put it in quotes',
        ),
        (
            "{name: Bo, email: a@example.org, zone: Mars}",
            '1:42: zone: "Mars" is not a time zone; write one like Europe/Paris',
        ),
        (
            "{name: Bo, email: a@example.org, locale: french}",
            '1:44: locale: "french" is not a language; write one like en, fr or pt-BR',
        ),
        (
            "{name: Bo, email: a@example.org, track: arts}",
            '1:43: track: "arts" is no track; this program has none',
        ),
        (
            "{name: Bo, email: a@example.org, zome: Mars}",
            '1:36: zome: unknown key; did you mean "zone"?',
        ),
        (
            "{name: Bo, email: a@example.org, answers: [yes]}",
            "1:45: answers: a list is not a mapping; write key: value",
        ),
        ("Bo", "1:3: not a mapping; write {name: ..., email: ...}"),
    ],
)
def test_fault_says_where_and_what(read, person, fault):
    assert refused(read, f"- {person}") == [
        f"people.yaml:{fault}",
        "1 fault; nothing was started",
    ]


def test_every_fault_is_told_at_once(read):
    text = "- {name: '', email: a@example.org}\n- {name: Bo, email: b@example.org, zone: Mars}\n"

    assert [line.split(":")[1] for line in refused(read, text)[:-1]] == ["1", "2"]


def test_one_address_is_one_person(read):
    text = "- {name: Bo, email: bo@example.org}\n- {name: Bob, email: BO@example.org}\n"

    assert refused(read, text)[0] == (
        'people.yaml:2:22: email: "BO@example.org" stands in line 1 already'
    )


def test_answers_are_checked_against_the_form(read):
    told = refused(read, "- {name: Bo, email: b@example.org, answers: {promis: true, craft: 1}}")

    assert [line.split(": ")[1] for line in told[:-1]] == [
        "answers",
        "answers.promis",
        "answers.craft",
    ]
    assert told[1].startswith('people.yaml:1:54: answers.promis: "promis" is no field of ')


def test_whoever_names_no_track_gets_one_in_turn(read):
    text = "".join(f"- {{name: Bo, email: b{number}@example.org}}\n" for number in range(3))

    people = read(text, program="apple-aiml-internship")

    assert [one.track for one in people] == ["engineering", "research", "engineering"]


@pytest.mark.parametrize("text", ["{}", "[]", "just a text"])
def test_file_that_is_no_list_of_people_is_refused(read, text):
    assert "holds no list" in refused(read, text)[0]


def test_made_up_people_are_the_same_every_time():
    pools, coordinators, applicants = default_cast_of("tiny", tracks=["a", "b"])

    assert default_cast_of("tiny", tracks=["a", "b"]) == (pools, coordinators, applicants)
    emails = [one.email for one in (*pools.mentors, *pools.reviewers, *coordinators, *applicants)]
    assert len(set(emails)) == len(emails) == 21
    assert {one.track for one in applicants} == {"a", "b"}
