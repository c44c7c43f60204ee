"""Lists of applicants: every fault at once, with its line; and what is said when it is broken off."""

from types import SimpleNamespace

import pytest

from cli.applicants import read_applicants
from cli.apply import Taking
from intake import Applicant
from residency.errors import ResidencyError
from residency.forms import Form

FORM = Form.model_validate(
    {
        "title": "Application",
        "fields": [
            {"id": "why", "label": "Why?", "type": "text"},
            {"id": "score", "label": "Score", "type": "scale", "least": 1, "most": 5},
            {"id": "from", "label": "From when?", "type": "date", "required": False},
        ],
    }
)
ROW = SimpleNamespace(name="2031")


@pytest.fixture
def faults(tmp_path, monkeypatch):
    """The faults of a file of that text, as they are shown."""
    monkeypatch.chdir(tmp_path)

    def faults(text, name="people.yaml", tracks=()):
        (tmp_path / name).write_text(text)
        _, entries = read_applicants(tmp_path / name, FORM, tracks=tracks)
        return [str(fault) for entry in entries for fault in sorted(entry.faults)]

    return faults


def test_every_fault_of_a_list_has_its_place(faults):
    text = """\
- {name: Ada, email: ada@example.org, answers: {why: Because, score: 4}}
- name: Bo
  mail: bo@example.org
  answers:
    why: Because
    score: 9
- {name: Cy, email: ADA@example.org, zone: Mars, answers: {why: So, score: 1, colour: red}}
- nobody
"""
    assert faults(text) == [
        "people.yaml:2:3: the address is missing",
        'people.yaml:3:3: mail: unknown key; did you mean "email"?',
        'people.yaml:6:12: answers.score: "Score": "9" is not on the scale; give a whole number from 1 to 5',
        'people.yaml:7:21: email: "ADA@example.org" stands in line 1 already',
        'people.yaml:7:44: zone: "Mars" is not a time zone; write one like Europe/Paris',
        'people.yaml:7:87: answers.colour: "colour" is no field of "Application"; it has why, score, from',
        "people.yaml:8:3: not a mapping; write {name: ..., email: ...}",
    ]


def test_csv_tells_the_line_of_a_row_and_a_column_that_is_none_once(faults):
    text = 'name,email,scor,why\nAda,ada@example.org,4,"two\nlines"\n\nBo,nowhere,4,x,y\n'

    found = faults(text, "people.csv")

    assert 'people.csv:1:1: header: "scor" is no column; did you mean "score"?' in found
    assert [one for one in found if one.startswith("people.csv:5:1: 5 cells")] == [
        "people.csv:5:1: 5 cells, but the file has 4 columns"
    ]
    assert any(one.startswith('people.csv:5:1: email: "nowhere" is no address') for one in found)


def test_csv_row_is_read_by_the_form(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,email,score,why,from\nAda,ada@example.org,4,Because,2031-05-04\n")

    people, entries = read_applicants(file, FORM, tracks=())

    assert [fault for entry in entries for fault in entry.faults] == []
    assert people == [
        Applicant(
            name="Ada",
            email="ada@example.org",
            answers={"score": 4, "why": "Because", "from": "2031-05-04"},
        )
    ]


def test_csv_of_a_spreadsheet_may_have_empty_cells_at_the_end(faults):
    text = (
        "name,email,score,why,,\r\n"
        "Ada,ada@example.org,4,Because,,\r\n"
        ",,,,,\r\n"
        "Bo,bo@example.org,5,So,, \r\n"
    )

    assert faults(text, "people.csv") == []


def test_csv_with_two_columns_of_one_name_is_refused(faults):
    text = "name,email,score,why,email\nAda,ada@example.org,4,So,bo@example.org\n"

    assert faults(text, "people.csv") == [
        'people.csv:1:1: header: "email" is the name of 2 columns; leave one'
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("p.yaml", "name: Ada", "holds no list; write - {name: ..., email: ...}"),
        ("p.yaml", "[]", "holds no list of people; write - {name: ..., email: ...}"),
        ("p.yaml", "- {name: Ada", "p.yaml:1:13: the file is not YAML: "),
        ("p.csv", "name,email\n", "holds no list of people; "),
        ("p.csv", 'name,email\n"Ada,x\n', "p.csv:2: no CSV: unexpected end of data."),
    ],
)
def test_file_that_is_no_list_is_told(faults, name, text, sentence):
    with pytest.raises(ResidencyError) as told:
        faults(text, name)

    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("taken", "of", "unsure", "again", "sentence"),
    [
        (
            1,
            3,
            "",
            True,
            (
                "1 of 3 applications were taken. Not taken: P1, P2. "
                "The same command with --go-on takes the rest."
            ),
        ),
        (
            0,
            9,
            "",
            False,
            "0 of 9 applications were taken. Not taken: P0, P1, P2, P3, P4 and 4 more.",
        ),
        (
            1,
            2,
            "P1",
            False,
            "1 of 2 applications were taken. Of P1 it is not known; `residency status` will tell.",
        ),
        (
            2,
            2,
            "",
            True,
            "All 2 applications were taken; what follows from it goes on while a worker runs.",
        ),
        (
            1,
            1,
            "",
            False,
            "The application was taken; what follows from it goes on while a worker runs.",
        ),
        (0, 1, "", False, "0 of 1 application was taken. Not taken: P0."),
    ],
)
def test_what_is_broken_off_says_who_was_taken(taken, of, unsure, again, sentence):
    people = [Applicant(name=f"P{number}", email="x") for number in range(of)]
    taking = Taking(row=ROW, people=people, quiet=True, unsure=unsure)

    for one in people[:taken]:
        taking.take("r-1", "p-1", one.name)

    assert taking.broken_off(again=again) == sentence


def test_namesake_of_the_unsure_one_is_not_left_out():
    people = [Applicant(name="Sam", email=f"sam{number}@example.org") for number in range(2)]
    taking = Taking(row=ROW, people=people, quiet=True, unsure="Sam")

    assert taking.broken_off(again=False) == (
        "0 of 2 applications were taken. Of Sam it is not known; `residency status` will tell. "
        "Not taken: Sam."
    )
