"""Every notice in every language: the same as the English one, whole, and in that language alone."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes
from ruamel.yaml import YAML

from mail.context import context_of
from mail.language import FRAME, WORDS
from mail.render import LARGE, Rendered, Renderer
from mail.samples import sample_facts, sample_letter, with_sample_form
from mail.source import read_source
from residency.notices import CATALOG, Notice
from tests.mail.conftest import CHECKOUT, PROGRAMS, real_document

HOUSE = CHECKOUT / "templates" / "email"
ENGLISH = HOUSE / "en"
OTHERS = sorted(path for path in HOUSE.iterdir() if path.is_dir() and path != ENGLISH)
PAIRS = [(folder, notice) for folder in OTHERS for notice in CATALOG]

# Words that no French sentence has.
TELLTALES = re.compile(
    r"\b(the|you|your|yours|and|is|are|was|were|has|have|for|with|from|this|that|these|not|will|"
    r"if|of|to|by|in|at|it|its|we|us|they|their|who|what|when|more|mail|answer|please|thank|"
    r"hello|dear|about|because|get|task|month|week|milestone|report|review|due|sign|signed|"
    r"reminder|decide|schedule|somebody|nobody|done|late|days?|weeks|january|february|april|"
    r"may|june|september|october|november|(mon|tues|wednes|thurs|fri|satur|sun)day|time|residency|"
    r"resident|internship|intern|reject|advance|approved|passed|changes)\b",
    re.IGNORECASE,
)


COMPILED: dict[Any, Any] = {}


def renderer_of(link: Any = None) -> Renderer:
    """With the programs' own words, as in production; compiled once for all tests."""
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs", link=link)
    renderer._compiled = COMPILED
    return renderer


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return renderer_of()


@pytest.fixture
def research() -> dict[str, Any]:
    return real_document("huggingface-ai-research-residency-2022")


def in_french(
    renderer: Renderer, notice: Notice, document: dict[str, Any], **change: Any
) -> Rendered:
    facts = with_sample_form(sample_facts(document, locale=change.pop("locale", "fr")))
    source = renderer.check(notice.name)
    letter = sample_letter(notice, source, document=document, to=change.pop("to", None))
    context = context_of(facts, letter, to=letter.to, at=letter.at) | change
    return renderer.render(notice.name, context, color=facts.color)


def placeholders(path: Path) -> set[str]:
    """Everything that a template reads: names with their parts."""
    source = read_source(path)
    found = set[str]()
    for text in (source.front["subject"], source.front.get("preheader", ""), source.body):
        tree = Environment().parse(str(text))  # Nothing is rendered.
        for part in tree.find_all(nodes.Getattr):
            if isinstance(part.node, nodes.Name):
                found.add(f"{part.node.name}.{part.attr}")
        found |= {name.name for name in tree.find_all(nodes.Name)}
    return found


def spoken(mail: Rendered, *names: str) -> str:
    """All that is read, without names and addresses: they are the same in every language."""
    html = re.sub(r"<style.*?</style>|<[^>]+>", " ", mail.html, flags=re.DOTALL)
    words = unescape(f"{mail.subject} {mail.text} {html}")
    words = re.sub(r"https?://\S+", " ", words)
    words = " ".join(re.sub(r"«\s[a-z-]+\s»", " ", words).split())
    for name in names:
        words = words.replace(name, " ")
    return words


def test_another_language_than_english_is_there():
    assert [folder.name for folder in OTHERS] == ["fr"]


@pytest.mark.parametrize("folder", OTHERS, ids=lambda folder: folder.name)
def test_language_has_every_notice_and_no_other(folder):
    assert {path.stem for path in folder.glob("*.md")} == set(CATALOG)


@pytest.mark.parametrize(("folder", "name"), PAIRS, ids=lambda value: getattr(value, "name", value))
def test_notice_says_the_same_in_every_language(folder, name):
    english, other = ENGLISH / f"{name}.md", folder / f"{name}.md"

    fronts = [dict(read_source(path).front) for path in (english, other)]

    causes = [front.pop("cause") for front in fronts]
    subjects = [front.pop("subject") for front in fronts]
    preheaders = [front.pop("preheader", "") for front in fronts]
    assert fronts[0] == fronts[1]
    assert causes[1] not in ("", causes[0])
    assert subjects[1] not in ("", subjects[0])
    assert bool(preheaders[0]) == bool(preheaders[1])
    assert placeholders(other) == placeholders(english)


@pytest.mark.parametrize(
    "link", [None, lambda residency, task, person: f"https://example.org/{task}"]
)
@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_french_mail_has_no_english_word(document, notice, link):
    renderer = renderer_of(link)

    mails = [in_french(renderer, notice, document, by_list=by_list) for by_list in (False, True)]

    organization = document["program"]["organization"]
    for mail in mails:
        words = spoken(mail, organization, "Room 4")
        assert TELLTALES.findall(words) == []
        assert '<html lang="fr"' in mail.html
        assert len(mail.html) <= LARGE
        assert not re.search(r"\{\{|\{%|\}\}|\ue000|None|Undefined|\bde [AEÉIOU]\w+ ", mail.text)


@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_french_mail_to_the_person_has_no_english_word(renderer, research, notice):
    """Templates that are for several say other sentences to the person."""
    bare = {key: "2022-10-01T10:00:00Z" if key in {"at", "first"} else "" for key in notice.data}

    whole = in_french(renderer, notice, research, to="p-person")
    without = in_french(renderer, notice, research, to="p-person", data=bare, answers=[], about=[])

    for mail in (whole, without):
        assert TELLTALES.findall(spoken(mail, "Hugging Face", "Room 4")) == []


@pytest.mark.parametrize("document", ["apple-aiml-internship"], indirect=True)
@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_french_internship_never_says_residency(renderer, document, notice):
    mail = in_french(renderer, notice, document)

    words = f"{mail.subject}{mail.text}{mail.html}".lower().replace("&#233;", "é").replace("é", "e")
    assert "residen" not in words


@pytest.mark.parametrize("notice", CATALOG.values(), ids=lambda notice: notice.name)
def test_french_spaces_before_signs_do_not_break(renderer, research, notice):
    mail = in_french(renderer, notice, research)

    assert re.findall(r".{12}(?: [;:!?»]|« )", mail.text) == []
    assert re.findall(r"[^\W\d][;!?]", mail.text.replace("?v=", "")) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_words_of_a_program_are_those_that_it_has(program):
    """A text that changes in the program must be translated anew."""
    document = real_document(program)
    words = _words(CHECKOUT / "programs" / program / "email" / "fr" / WORDS)
    titles = document["titles"]
    own = {str(value) for group in ("items", "rounds", "kinds") for value in titles[group].values()}
    own |= {part for title in own for part in title.split(": ")}
    own |= {str(document["program"][key]) for key in ("name", "description")}
    own |= {field["label"] for form in document["forms"].values() for field in form["fields"]}

    assert set(words["texts"]) - own == set()
    assert set(words["statements"]) == set(titles["statements"])


@pytest.mark.parametrize("folder", [ENGLISH, *OTHERS], ids=lambda folder: folder.name)
def test_house_has_every_sentence_of_the_frame(folder):
    assert set(_words(folder / WORDS)["frame"]) == set(FRAME)


def _words(path: Path) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(path)
    return words
