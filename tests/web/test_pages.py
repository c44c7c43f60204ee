"""The parts of every page: what a field posts, what is said beside it, what a reader hears."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from residency.forms import Form, FormError, FormField, validate
from tests.web.gallery import ANSWERS, FIELDS, gallery, render
from web.pages import glued
from web.parts import beside, fault, read_by, scale

FIELD = '{% import "_parts.html" as parts with context %}{{ parts.field(one, value, error, "f-") }}'


class Inputs(HTMLParser):
    """The controls of a page, and the ids on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.described: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.described += (given.get("aria-describedby") or "").split()
        if tag == "label" and "for" in given:
            self.labels.append(given["for"] or "")
        if tag in ("input", "textarea", "select"):
            self.controls.append({"tag": tag, **given})


def shown(field: FormField, value: Any = None, error: str = "") -> Inputs:
    return Inputs(render(FIELD, one=field, value=value, error=error))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.type)
def test_a_field_posts_under_its_prefixed_id(field: FormField) -> None:
    found = shown(field)

    assert {control["name"] for control in found.controls} == {f"f-{field.id}"}
    assert found.controls[0]["id"] == f"f-{field.id}"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.type)
def test_nothing_is_chosen_beforehand(field: FormField) -> None:
    found = shown(field)

    assert [one for one in found.controls if "checked" in one] == []


@pytest.mark.parametrize(
    ("id_", "value", "chosen"),
    [
        ("choice", "adapt", ["adapt"]),
        ("choices", ["time", "people"], ["time", "people"]),
        ("scale", 4, ["4"]),
        ("scale", "4", ["4"]),
        ("yes", True, ["yes"]),
        ("yes", False, ["no"]),
        ("yes", "no", ["no"]),
        ("attest", True, ["yes"]),
        ("attest", "yes", ["yes"]),
    ],
)
def test_an_answer_is_shown_whether_kept_or_posted(id_: str, value: Any, chosen: list[str]) -> None:
    field = next(one for one in FIELDS if one.id == id_)

    found = shown(field, value)

    assert [one["value"] for one in found.controls if "checked" in one] == chosen


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.type)
def test_a_fault_is_tied_to_its_field(field: FormField) -> None:
    found = shown(field, error="Please choose one.")

    assert f"f-{field.id}-error" in found.described
    assert set(found.described) <= set(found.ids)
    assert {one["aria-invalid"] for one in found.controls} == {"true"}


def test_every_id_is_there_once_and_every_label_has_its_input() -> None:
    found = Inputs(gallery())

    assert sorted(found.ids) == sorted(set(found.ids))
    assert set(found.labels) <= set(found.ids)
    assert set(found.described) <= set(found.ids)


def test_hostile_words_stay_text() -> None:
    words = '"><script>alert(1)</script>'
    field = FormField(id="line", label=words, help=words)

    html = render(FIELD, one=field, value=words, error=words)

    assert "<script>alert" not in html


def test_only_an_address_of_the_web_becomes_a_link() -> None:
    source = '{% import "_parts.html" as parts with context %}{{ parts.answers(pairs) }}'
    pairs = [("A", "javascript:alert(1)"), ("B", "https://example.org/x"), ("C", "https://a b")]

    html = render(source, pairs=pairs)

    assert re.findall(r'href="([^"]+)"', html) == ["https://example.org/x"]


def test_a_page_has_one_heading_landmarks_and_a_way_past_them() -> None:
    html = gallery()

    assert len(re.findall(r"<h1\b", html)) == 1
    assert [html.count(f"<{tag} ") for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert html.index('href="#main"') < html.index("<header")


def test_pages_have_nothing_that_their_policy_forbids() -> None:
    html = gallery()

    assert re.findall(r"\sstyle=|\son\w+=|javascript:", html) == []
    assert all("nonce=" in tag for tag in re.findall(r"<(?:script|style)\b[^>]*>", html))


def test_an_address_of_a_page_is_not_repeated_where_something_failed() -> None:
    for name in ("dead-link", "away", "broken", "no-page", "not-taken", "refused"):
        html = render(f'{{% extends "{name}.html" %}}', sentence="No.")

        others = {found for found in re.findall(r'href="([^"]*)"', html) if "/static/" not in found}
        assert others <= {"?", "/link", "#main"}


def test_the_ends_of_a_scale_are_read_from_its_help() -> None:
    field = FormField(
        id="sure", label="Sure", type="scale", help="Be honest. From 1 (not at all) to 5 (certain)"
    )

    found = scale(field)

    assert (found.least, found.most) == ("1: not at all", "5: certain")
    assert found.help == "Be honest."
    assert found.numbers == [1, 2, 3, 4, 5]


def test_a_scale_of_other_numbers_keeps_its_help() -> None:
    field = FormField(id="sure", label="Sure", type="scale", most=10, help="From 1 (no) to 5 (yes)")

    found = scale(field)

    assert (found.least, found.most) == ("1: lowest", "10: highest")
    assert found.help == "From 1 (no) to 5 (yes)"


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (["mentors"], "mentors"),
        (["resident", "mentors"], "the resident and mentors"),
        (["resident", "mentors", "site_leads"], "the resident, mentors and site leads"),
    ],
)
def test_readers_are_named_in_words(roles: list[str], words: str) -> None:
    assert read_by(roles) == words


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.id)
def test_a_missing_answer_is_asked_for_by_the_question_not_by_ids(field: FormField) -> None:
    sentence = fault(field, "")

    assert sentence.startswith(f"“{field.label[:60]}")
    assert beside(sentence, field).startswith("Please ")
    assert not any(f" {id_}," in sentence for id_ in field.values)


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        (
            FormField(id="a", label="A", length=10),
            "x" * 12,
            "Please shorten it by 2 characters; 10 fit here.",
        ),
        (FormField(id="a", label="A"), "one\ntwo", "Please write it in one line."),
        (
            FormField(id="a", label="A", type="number", least=1, most=40),
            99,
            "Please give a number from 1 to 40.",
        ),
        (
            FormField(id="a", label="A", type="link"),
            "example.org",
            "Please give an address that begins with https://.",
        ),
    ],
)
def test_an_impossible_answer_is_said_with_what_to_do(
    field: FormField, value: Any, advice: str
) -> None:
    with pytest.raises(FormError):
        validate(Form(title="It", fields=[field]), {"a": value})

    assert beside(fault(field, value), field) == advice


def test_the_answers_of_the_gallery_are_answers() -> None:
    form = Form(title="Gallery", fields=FIELDS)

    assert validate(form, ANSWERS) == ANSWERS


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("🤗 AI Residency", "🤗\N{NO-BREAK SPACE}AI Residency"),
        ("AI/ML residency program", "AI/ML residency program"),
        ("Residency", "Residency"),
    ],
)
def test_a_sign_stays_with_the_first_word_of_a_name(name: str, found: str) -> None:
    assert glued(name) == found
