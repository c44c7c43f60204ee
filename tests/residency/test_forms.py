import pytest

from residency.definition import draft_of, load
from residency.derived import application_form
from residency.forms import (
    Form,
    FormError,
    readable_answers,
    results,
    sample_answers,
    score,
    validate,
)
from tests.residency.definitions import write


def form(*fields):
    return Form.model_validate({"title": "Form", "fields": list(fields)})


def field(kind, **more):
    return {"id": "a", "label": "Question", "type": kind} | more


VALUES = {"one": "One", "two": "Two"}


@pytest.mark.parametrize(
    ("asked", "value", "sentence"),
    [
        (field("line"), None, "is not answered; write a line of at most 200 characters"),
        (field("line"), "  ", "is not answered; write a line of at most 200 characters"),
        (field("line"), 7, ': "7" is no text; write a line of at most 200 characters'),
        (
            field("line"),
            "a\nb",
            ': "a b" has more than one line; write a line of at most 200 characters',
        ),
        (
            field("text", length=3),
            "long",
            ': "long" has 4 characters; write a text of at most 3 characters',
        ),
        (
            field("text"),
            "a\x00",
            ': "a\x00" has control characters; write a text of at most 10000 characters',
        ),
        (field("choice", values=VALUES), "six", ': "six" is no choice; choose one of one, two'),
        (
            field("choices", values=VALUES),
            ["one", "one"],
            ': "one, one" is no list of different choices; choose among one, two',
        ),
        (
            field("choices", values=VALUES),
            ["one", "fame"],
            ': "fame" is no choice; choose among one, two',
        ),
        (field("number", least=0), -1, ': "-1" is too small; give a number from 0'),
        (field("number", most=9), 10, ': "10" is too large; give a number to 9'),
        (field("number"), "7", ': "7" is no number; give a number'),
        (field("number"), float("nan"), ': "nan" is no number; give a number'),
        (field("number"), float("inf"), ': "inf" is no number; give a number'),
        (field("scale"), 6, ': "6" is not on the scale; give a whole number from 1 to 5'),
        (field("scale"), True, ': "true" is no number; give a whole number from 1 to 5'),
        (field("date"), "2022-02-30", ': "2022-02-30" is no date; write a date like 2022-04-03'),
        (
            field("link"),
            "javascript:alert(1)",
            ': "javascript:alert(1)" is no link; write an address that begins with https://',
        ),
        (field("yes-no"), "yes", ': "yes" is neither yes nor no; answer yes or no (true or false)'),
        (field("attestation"), False, ': "false" is no agreement; agree to it (true)'),
    ],
)
def test_impossible_answer_says_what_is_allowed(asked, value, sentence):
    with pytest.raises(FormError) as caught:
        validate(form(asked), {"a": value})

    space = "" if sentence.startswith(":") else " "
    assert str(caught.value) == f'"Question"{space}{sentence}.'


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (field("line"), "One line"),
        (field("text"), "Two\nlines"),
        (field("choice", values=VALUES), "two"),
        (field("choices", values=VALUES), ["two", "one"]),
        (field("number"), 1.5),
        (field("scale"), 5),
        (field("date"), "2024-02-29"),
        (field("link"), "https://example.org/a?b=c"),
        (field("yes-no"), False),
        (field("attestation"), True),
    ],
)
def test_possible_answer_is_kept(asked, value):
    assert validate(form(asked), {"a": value}) == {"a": value}


def test_all_answers_at_fault_are_named_at_once():
    asked = form(field("line"), field("scale") | {"id": "b", "label": "Scale"})

    with pytest.raises(FormError) as caught:
        validate(asked, {"b": 9, "c": 1})

    assert list(caught.value.faults) == ["a", "b", "c"]


def test_optional_answers_may_be_left_out():
    assert validate(form(field("text", required=False)), {"a": ""}) == {}


@pytest.mark.parametrize(
    "name", ["huggingface-ai-research-residency-2022", "apple-aiml-internship"]
)
def test_samples_are_possible_answers_of_every_form(name):
    for one in load(name).forms.values():
        answers = sample_answers(one)

        assert validate(one, answers) == answers


@pytest.mark.parametrize("kind", ["line", "text", "number", "scale", "date", "link", "yes-no"])
def test_first_possible_value_is_possible(kind):
    asked = form(field(kind))

    assert validate(asked, sample_answers(asked))


def test_score_is_the_weighted_mean_from_0_to_1():
    rubric = form(
        field("scale", weight=3) | {"id": "a"},
        field("scale", weight=1, least=0, most=10) | {"id": "b"},
        field("text") | {"id": "c"},
    )

    assert score(rubric, {"a": 5, "b": 5, "c": "x"}) == pytest.approx(0.875)
    assert score(rubric, {"a": 1, "b": 0}) == 0.0
    assert score(rubric, {"b": 10}) == 1.0
    assert score(rubric, {}) is None


def test_readers_see_what_is_theirs():
    asked = form(
        field("text", readers=["coordinator"]),
        field("text") | {"id": "b"},
    )
    answers = {"a": "secret", "b": "open"}

    assert readable_answers(asked, answers, role="mentors") == {"b": "open"}
    assert readable_answers(asked, answers, role="coordinators") == answers


def test_answers_meet_requirements_by_yes_or_anything_written():
    asked = form(
        field("yes-no") | {"id": "a"},
        field("yes-no") | {"id": "b"},
        field("text") | {"id": "c"},
    )

    found = results(asked, {"a": True, "b": False, "c": "Linear algebra"}, ["a", "b", "c", "d"])

    assert found == {"a": True, "b": False, "c": True, "d": False}


def test_application_asks_for_what_rules_need_and_the_form_lacks():
    program = load("apple-aiml-internship").program

    asked = application_form(program, None)

    assert [one.id for one in asked.fields] == [
        "working_toward_degree",
        "preferences",
        "after_internship",
    ]
    assert asked.field("after_internship").values == {
        "return_to_school": "I return to school to continue my education",
        "last_requirement": "The internship is the last requirement for me to graduate",
    }


def test_preferences_and_statements_are_no_scores():
    definition = load("huggingface-ai-research-residency-2022")

    asked = definition.forms["application"]

    assert score(asked, sample_answers(asked)) is None
    assert not {"communities_encouraged", "equal_opportunity"} & {one.id for one in asked.fields}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{id: a, label: A, type: choice}", "a choice has no values; write values: [one, two]"),
        ("{id: a, label: A, type: text, weight: 1}", "a text has none; it is for scale"),
        (
            "{id: a, label: A, type: line, values: [b]}",
            "a line has none; it is for choice and choices",
        ),
        ("{id: a, label: A, readers: [mentrs]}", '"mentrs" is no role; did you mean "mentors"?'),
        ("{id: a, label: A, type: number, sample: many}", '"many" is no number; give a number'),
        (
            "{id: a, label: A, type: scale, least: 5, most: 5}",
            'from "5" to "5" is no range; most is above least',
        ),
        ("{id: a, label: A}\n  - {id: a, label: B}", '"a" stands there twice'),
        ("{id: a, label: A, requird: true}", 'unknown key; did you mean "required"?'),
    ],
)
def test_form_at_fault_says_what_is_allowed(tmp_path, line, sentence):
    folder = write(tmp_path, forms={"note": f"title: Note\nfields:\n  - {line}\n"})

    found = draft_of(folder).faults

    assert [fault.sentence for fault in found] == [sentence]
