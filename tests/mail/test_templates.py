"""Every template, with the words of every program, in both ways of answering."""

import re
from pathlib import Path
from typing import Any

import pytest

from mail.context import context_of
from mail.preview import Previews
from mail.render import LARGE, NAMES, Rendered, Renderer
from mail.samples import AT, sample_facts, sample_letter, with_sample_form
from mail.source import read_source
from residency.notices import CATALOG, Notice
from residency.wire import Letter

HOUSE = Path(__file__).resolve().parents[2] / "templates" / "email"
FILES = sorted(HOUSE.glob("*/*.md"))


def rendered(
    renderer: Renderer, notice: Notice, document: dict[str, Any], **change: Any
) -> Rendered:
    facts = with_sample_form(sample_facts(document))
    source = renderer.check(notice.name)
    letter = sample_letter(notice, source, document=document, to=change.pop("to", None))
    context = context_of(facts, letter, to=letter.to, at=letter.at) | change
    return renderer.render(notice.name, context, color=facts.color)


def test_every_notice_has_a_template_and_every_template_a_notice():
    names = {path.stem for path in (HOUSE / "en").glob("*.md")}

    assert names == set(CATALOG)


@pytest.mark.parametrize("path", sorted(HOUSE.glob("en/*.md")), ids=lambda path: path.stem)
def test_front_matter_agrees_with_the_catalog(path):
    notice = CATALOG[path.stem]

    front = read_source(path).front

    told = {key: front[key] for key in ("audience", "cause", "critical", "unknown")}
    assert told == {
        "audience": notice.audience.value,
        "cause": notice.cause,
        "critical": notice.critical,
        "unknown": notice.unknown.value,
    }


@pytest.mark.parametrize(
    "link", [None, lambda residency, task, person: f"https://example.org/{task}"]
)
@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_template_renders_for_every_program(house, document, notice, link):
    mail = rendered(house(link=link), notice, document)

    assert mail.subject == mail.subject.strip() != ""
    assert len(mail.html) <= LARGE
    assert '<html lang="en"' in mail.html
    assert f"You get this because {notice.cause}." in " ".join(mail.text.split())
    for part in (mail.subject, mail.text, mail.html):
        assert not re.search(r"\{\{|\{%|\}\}|\ue000|None|Undefined", part)


@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_template_renders_without_data(house, one_document, notice):
    """A letter that lacks what it may carry is still better sent than lost."""
    needed = {"at", "first"}  # A meeting without its time, a new first day without the day.
    data = {key: "2022-10-01T10:00:00Z" if key in needed else "" for key in notice.data}

    mail = rendered(house(), notice, one_document, data=data, answers=[], about=[])

    assert mail.subject


@pytest.mark.parametrize("document", ["apple-aiml-internship"], indirect=True)
@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_internship_never_says_residency(house, document, notice):
    mail = rendered(house(), notice, document)

    assert "residen" not in f"{mail.subject}{mail.text}{mail.html}".lower()


@pytest.mark.parametrize("path", [*FILES, *sorted(HOUSE.glob("_*"))], ids=lambda path: path.stem)
def test_template_never_says_the_literal_words(path):
    text = path.read_text()
    body = text.split("---\n", 2)[-1] if path.suffix == ".md" else text

    assert "residen" not in body.lower().replace("é", "e")


@pytest.mark.parametrize("notice", [n for n in CATALOG.values() if n.asks], ids=lambda n: n.name)
def test_what_is_asked_has_a_button_and_a_date(house, one_document, notice):
    link = house(link=lambda residency, task, person: "https://example.org/do/it")

    with_link = rendered(link, notice, one_document)
    without = rendered(house(), notice, one_document, by_list=False)

    if notice.name != "escalation":  # It asks for a word, and tells when the task was due.
        assert with_link.html.count("https://example.org/do/it") == 1
        assert with_link.text.count("https://example.org/do/it") == 1
        assert "Answer this mail; Noor Haddad records it for you." in without.html
        assert "answer this mail; Noor Haddad records it for you." in " ".join(without.text.split())
        assert re.search(r"\n(By|It was due) \w+day, ", without.text)
    assert "href" not in without.html


def test_names_are_those_of_a_context(one_document):
    facts = sample_facts(one_document)
    source = read_source(HOUSE / "en" / "reminder.md")
    letter = sample_letter(CATALOG["reminder"], source, document=one_document)

    context = context_of(facts, letter, to="p-mentor", at=letter.at)

    layout_only = {"residency", "progress", "by_list", "button", "own_link"}
    assert set(context) ^ set(NAMES) == layout_only
    for name, parts in NAMES.items():
        if parts and context[name] is not None:
            assert set(parts) <= set(context[name])


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_undeliverable_says_whether_it_surely_did_not_go(house, one_document, locale):
    notice = CATALOG["mail-undeliverable"]
    said = {
        "en": ("could not be sent", "may not have gone"),
        "fr": ("n’a pas pu partir", "n’est peut-être pas parti"),
    }[locale]

    mails = [
        Previews(house()).draw(
            sample_facts(one_document, locale=locale),
            Letter(
                notice=notice.name,
                to="p-coordinator",
                occurrence="one",
                at=AT,
                data={"notice": "offer", "who": "p-person", "state": state, "mail": "m-2x5jq7"},
            ),
        )
        for state in ("failed", "unknown")
    ]

    for mail, words in zip(mails, said, strict=True):
        assert words in mail.subject
        assert "emails show m-2x5jq7" in " ".join(mail.text.split())
    assert mails[0].text != mails[1].text
