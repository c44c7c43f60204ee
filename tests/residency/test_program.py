import pytest

from residency.definition import (
    PROGRAMS,
    definition_document,
    definition_hash,
    draft_of,
    load,
    program_ids,
)
from residency.errors import DefinitionError, ResidencyError
from residency.reference import page
from residency.settings import CHECKOUT
from residency.show import lacking, values
from tests.residency.definitions import PEOPLE, SMALL, with_stages, write

IDS = [
    "apple-aiml-internship",
    "apple-aiml-residency-2020",
    "huggingface-ai-research-residency-2022",
]


def faults(folder):
    return [str(fault).removeprefix(f"{folder}/") for fault in draft_of(folder).faults]


def test_programs_are_the_three_of_the_house():
    assert program_ids() == IDS


@pytest.mark.parametrize("name", IDS)
def test_program_has_no_fault_and_no_warning(name):
    assert draft_of(name).faults == []


def test_smallest_program_has_all_ten_stages_from_the_house(tmp_path):
    program = load(write(tmp_path)).program

    assert all(stage is not None for _, stage in program.stages)
    assert program.stages.milestones.every == "1 month"


def test_off_switches_a_stage_off(tmp_path):
    folder = write(tmp_path, with_stages(["interviews: off"]))

    assert load(folder).program.stages.interviews is None


def test_list_of_milestones_replaces_the_rule_of_the_house(tmp_path):
    folder = write(tmp_path, with_stages(["milestones: {at: [{id: demo, due: 2024-05-01}]}"]))

    milestones = load(folder).program.stages.milestones

    assert (milestones.every, milestones.at[0].due.isoformat()) == (None, "2024-05-01")


def test_written_ladder_replaces_the_whole_of_the_house(tmp_path):
    stage = "offer: {remind: [1 day before], escalate: {coordinator: 2 days after}}"

    offer = load(write(tmp_path, with_stages([stage]))).program.stages.offer

    assert (offer.remind, offer.escalate) == (["1 day before"], {"coordinator": "2 days after"})
    assert offer.due == "14 days"


def test_ids_alone_get_readable_texts(tmp_path):
    folder = write(tmp_path, SMALL + "attests: [full_time]\nstatements: [goal]\n")

    program = load(folder).program

    assert program.attests["full_time"].text == "Full time"
    assert program.statements == {"goal": "Goal"}


def test_null_that_is_assumed_is_not_stated_twice(tmp_path):
    text = SMALL.replace("length: 10 weeks", "length: null") + "assumed: {length: 6 weeks}\n"

    assert load(write(tmp_path, text)).program.length == "6 weeks"


def test_null_length_is_allowed_where_nothing_needs_it(tmp_path):
    off = ["milestones: off", "presentation: off", "completion: off", "publication: off"]
    text = with_stages(off).replace("length: 10 weeks", "length: null")

    assert load(write(tmp_path, text)).program.length is None


def test_null_length_that_nobody_assumed_is_a_fault(tmp_path):
    folder = write(tmp_path, SMALL.replace("10 weeks", "null"))

    assert faults(folder) == [
        (
            "program.yaml:5:1: length: missing; milestones and presentation and completion "
            "need it: "
            "write a span, or switch them off"
        )
    ]


def test_null_stage_that_nobody_assumed_is_a_fault(tmp_path):
    assert faults(write(tmp_path, with_stages(["offer: null"]))) == [
        "program.yaml:8:10: stages.offer: null, and nobody assumed a value; write one under assumed"
    ]


def test_key_stated_and_assumed_is_a_fault(tmp_path):
    folder = write(tmp_path, SMALL + "assumed:\n  length: 9 weeks\n")

    assert faults(folder) == [
        (
            "program.yaml:9:3: assumed.length: it is stated too, in line 5; "
            "a key stands in only one of the two"
        )
    ]


def test_assumed_typo_is_shown_with_its_place_and_a_suggestion(tmp_path):
    text = SMALL + (
        "assumed:\n  stages:\n    milestones:\n      every: 1 week\n      reprot: {form: report}\n"
    )

    assert faults(write(tmp_path, text)) == [
        'program.yaml:12:7: assumed.stages.milestones.reprot: unknown key; did you mean "report"?'
    ]


def test_span_in_words_is_shown_as_written(tmp_path):
    folder = write(tmp_path, with_stages(["offer:", "  due: a fortnight"]))

    assert faults(folder) == [
        (
            'program.yaml:9:10: stages.offer.due: "a fortnight" is not a span; '
            "write 14 days, 2 weeks or P14D"
        )
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("version: one", 'version: "one" is not a whole number'),
        ("version: 0", 'version: "0" is too small; write at least 1'),
        ("name: 12", 'name: "12" is not a text; put it in quotes'),
        ("length: 9", 'length: "9" is not a span; write 14 days, 2 weeks or P14D'),
        ("length: 11 years", 'length: "11 years" is too long; write at most 10 years'),
        ("time_zone: Paris", 'time_zone: "Paris" is not a time zone; write one like Europe/Paris'),
        ("roll: yes", 'roll: "yes" is not true or false'),
        ("look: {color: blue}", 'look.color: "blue" is not a color; write one like "#ff9d00"'),
        ("look: blue", 'look: "blue" is not a mapping; write key: value'),
        (
            "sources: web",
            'sources: "web" is not a list; write [one, two] or a line with - for each',
        ),
        (
            "mail: {reply_to: ada}",
            'mail.reply_to: "ada" is not an e-mail address; write one like ada@example.org',
        ),
        (
            "id: My Lab",
            'id: "My Lab" is not an id; use small letters, digits, and single - or _ between them',
        ),
        ("lenght: 1 week", 'lenght: unknown key; did you mean "length"?'),
        (
            "send_window: {opens: '8:00'}",
            'send_window.opens: "8:00" is not a time of day; write one like 08:00',
        ),
        (
            "holidays: [XX]",
            'holidays[0]: "XX" is no country with known holidays; write FR or US-CA',
        ),
    ],
)
def test_value_at_fault_says_what_is_allowed(tmp_path, line, sentence):
    key = line.split(":")[0]
    lines = [one for one in SMALL.strip().splitlines() if not one.startswith(f"{key}:")]

    found = faults(write(tmp_path, "\n".join([line, *lines])))

    assert [one.split(": ", 1)[1] for one in found] == [sentence]


@pytest.mark.parametrize("length", ["0 days", "3 business days", "5 hours"])
def test_length_that_counts_no_calendar_days_is_a_fault(tmp_path, length):
    folder = write(tmp_path, SMALL.replace("10 weeks", length), cohorts={"spring": PEOPLE})

    assert faults(folder) == [
        f'program.yaml:5:9: length: "{length}" is not a length; write days, weeks, months or years'
    ]


def test_missing_key_says_so(tmp_path):
    folder = write(tmp_path, SMALL.replace("name: Lab\n", ""))

    assert faults(folder) == ["program.yaml:1:1: name: missing; it is needed"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id: [", "1:6: the file is not YAML: expected the node content, but found '<stream end>'"),
        (
            "id: a\n\tname: b\n",
            "2:1: the file is not YAML: found character '\\t' that cannot start any token",
        ),
        ("", "1:1: the file is empty"),
        ("- a\n", "1:1: not a mapping; write key: value"),
    ],
)
def test_malformed_file_is_a_fault_with_its_place(tmp_path, text, fault):
    folder = write(tmp_path)
    (folder / "program.yaml").write_text(text)

    assert faults(folder) == [f"program.yaml:{fault}"]


def test_file_that_is_not_utf8_is_a_fault(tmp_path):
    folder = write(tmp_path)
    (folder / "program.yaml").write_bytes(b"id: x\nname: \xff\n")

    assert faults(folder) == ["program.yaml:2:1: not UTF-8 text; save the file as UTF-8"]


def test_key_written_twice_is_a_fault(tmp_path):
    folder = write(tmp_path, SMALL + "name: Other\n")

    assert faults(folder) == ["program.yaml:8:1: name: the key stands in line 3 already"]


def test_all_faults_come_at_once_sorted_by_line(tmp_path):
    text = SMALL.replace("version: 1", "version: one").replace("10 weeks", "ten weeks")

    with pytest.raises(DefinitionError) as caught:
        load(write(tmp_path, text, forms={"a": "title: 1\n"}))

    places = [line.removeprefix(f"{tmp_path}/lab/") for line in str(caught.value).splitlines()]
    assert [place.split(": ")[0] for place in places] == [
        "forms/a.yaml:1:1",
        "forms/a.yaml:1:8",
        "program.yaml:2:10",
        "program.yaml:5:9",
    ]


def test_unknown_program_lists_what_there_is():
    with pytest.raises(ResidencyError) as caught:
        load("apple-aiml-intership")

    assert str(caught.value) == (
        '"apple-aiml-intership" is no program; did you mean "apple-aiml-internship"?'
    )
    with pytest.raises(ResidencyError) as caught:
        load("nope")
    assert str(caught.value) == (f'"nope" is no program; give a folder, or one of {", ".join(IDS)}')


def test_folder_without_a_program_says_so(tmp_path):
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path)

    assert str(caught.value) == f"{tmp_path} has no program.yaml"


def test_show_marks_stated_assumed_and_the_house():
    found = {one.key: one.origin for one in values(load(IDS[2]))}

    assert found["length"] == "stated"
    assert found["time_zone"] == "assumed"
    assert found["stages.publication.aim"] == "stated"
    assert found["stages.publication.when"] == "assumed"
    assert found["stages.interviews.decide.due"] == "house"


def test_stated_alone_lacks_what_only_the_assumptions_give():
    found = lacking(draft_of("apple-aiml-internship", stated=True))

    assert {one.stage: one.values for one in found}["milestones"] == [
        "length",
        "stages.milestones.every or stages.milestones.at",
    ]


def test_stages_of_the_house_lack_nothing(tmp_path):
    assert lacking(draft_of(write(tmp_path), stated=True)) == []


def test_hash_does_not_change_with_the_way_it_is_written(tmp_path):
    one = write(tmp_path / "one")
    other = write(tmp_path / "other", SMALL.replace("10 weeks", "10w") + "# A comment.\n")
    third = write(tmp_path / "third", SMALL.replace("10 weeks", "11w"))

    assert definition_hash(load(one)) == definition_hash(load(other))
    assert definition_hash(load(one)) != definition_hash(load(third))


def test_document_has_titles_and_words():
    document = definition_document(load(IDS[0]))

    assert document["program"]["words"] == {
        "person": "intern",
        "program": "internship",
        "period": "week",
    }
    assert document["titles"]["items"]["final"] == "Week 12: Handover"
    assert document["titles"]["rounds"] == {"team": "Team conversation"}
    assert "application" in document["forms"]


def test_internship_never_says_residency():
    document = definition_document(load(IDS[0]))
    del document["program"]["stages"]

    assert "residen" not in str(document).replace("'resident'", "").lower()


def test_reference_is_what_the_models_say():
    written = (CHECKOUT / "docs" / "program-reference.md").read_text()

    assert written == page(), "run: python -m residency.reference > docs/program-reference.md"


def test_house_forms_are_all_sound():
    names = {path.stem for path in (PROGRAMS / "_house" / "forms").glob("*.yaml")}

    assert names <= set(load(IDS[0]).forms)


def test_tutorial_is_a_program_without_faults(tmp_path):
    tutorial = (CHECKOUT / "docs" / "programs.md").read_text()
    blocks = [block.split("```")[0] for block in tutorial.split("```yaml\n")[1:]]
    folder = tmp_path / "letter-lab"
    for block in blocks:
        path = folder / block.splitlines()[0].removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block)

    definition = load(folder)

    assert definition.warnings == []
    assert set(definition.cohorts) == {"spring"}


def test_first_program_of_the_tutorial_is_whole(tmp_path):
    tutorial = (CHECKOUT / "docs" / "programs.md").read_text()
    block = tutorial.split("```yaml\n")[1].split("```")[0]

    assert load(write(tmp_path, block, name="letter-lab")).program.name == "Letter Lab"
