"""Pages that are seldom met: each is whole, says one thing, and axe finds no fault with it."""

import asyncio
import json
import os
import re
import subprocess

import pytest

from tests.web.gallery import standing
from tests.web.seldom import all_seldom
from tests.web.test_look import CHROMIUM, JS, needs_chromium
from tests.web.test_speed import LARGEST_PAGE

RAW = re.compile(r">\s*(?:[a-z]+[-/][a-z-]+/|p-\w{4,}<|r-\w{6,}<|None|True|False)")
"""What no page shows to anybody: keys, ids, values of ours."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return asyncio.run(all_seldom(tmp_path_factory.mktemp("seldom")))


def status(page):
    return getattr(page, "status", None) or page.status_code


def test_nothing_fails_and_every_page_has_one_heading(pages):
    failed = {name for name, page in pages.items() if status(page) in (500, 400) and name != "400"}
    headings = {name: page.text.count("<h1>") for name, page in pages.items()}

    assert failed == set()
    assert {name: number for name, number in headings.items() if number != 1} == {}
    assert len(pages) > 150


def test_no_page_shows_what_is_ours_or_is_large(pages):
    raw = {name: RAW.findall(page.text) for name, page in pages.items()}
    sizes = {name: len(page.text.encode()) for name, page in pages.items()}

    assert {name: found for name, found in raw.items() if found} == {}
    assert {name: size for name, size in sizes.items() if size > LARGEST_PAGE} == {}


def test_every_fault_says_where_it_is(pages):
    """A page that asks to look again leads to the place."""
    faulty = {name: page.text for name, page in pages.items() if status(page) == 422}

    leads = {name: re.findall(r'<li><a href="#([^"]+)"', text) for name, text in faulty.items()}

    assert {name for name, found in leads.items() if not found} == set()
    assert {
        (name, id_)
        for name, found in leads.items()
        for id_ in found
        if f'id="{id_}"' not in faulty[name]
    } == set()


def kinds(pages):
    """The pages of every kind of task, and with nothing filled in."""
    return {name: page.text for name, page in pages.items() if name.startswith("kind-")}


def test_no_page_says_a_heading_twice(pages):
    shown = re.compile(r"<(h1|h2[^>]*|legend|label for[^>]*)>([^<]+)<")
    twice = {}
    for name, text in kinds(pages).items():
        said = [words for tag, words in shown.findall(text) if "unseen" not in tag]
        twice[name] = {words for words in said if said.count(words) > 1}

    assert {name: found for name, found in twice.items() if found} == {}


def test_every_fault_names_its_question(pages):
    faulty = {name: text for name, text in kinds(pages).items() if name.endswith("-faults")}

    told = {
        name: re.findall(r'<li><a href="#[^"]+">([^<]+)<', text) for name, text in faulty.items()
    }

    assert len(faulty) > 30
    assert {
        name: said for name, said in told.items() if not all(one[0] == "“" for one in said)
    } == {}


def test_one_choice_alone_is_a_box_and_nothing_to_write_is_no_draft(pages):
    alone, writes = set(), {}
    for name, text in kinds(pages).items():
        radios = re.findall(r'type="radio" name="([^"]+)"', text)
        alone |= {(name, one) for one in radios if radios.count(one) == 1}
        writes[name] = bool(re.search(r"<textarea|<input class|name=.(?:who|answer-)", text))

    assert alone == set()
    assert 'type="checkbox" name="outcome" value="done"' in pages["kind-item-contract"].text
    assert {name for name, does in writes.items() if not does} == {
        name for name, text in kinds(pages).items() if "Keep as a draft" not in text
    }


def test_what_is_hard_to_hear_is_said_before_it_is_asked_about(pages):
    hearing, decision = pages["kind-hearing"].text, pages["kind-handle-terminate"].text

    assert "It is proposed to end your residency before its time." in hearing
    assert "It is decided without your side" in hearing
    assert "They did not answer." in decision


def test_check_says_what_happens_then_and_never_that_what_was_taken_is_not_recorded(pages):
    unconfirmed = pages["confirm-unconfirmed"].text

    assert "What happens then" in pages["check"].text
    assert "A mail confirms it" in pages["check-name"].text
    assert "Nothing is recorded yet" in pages["confirm-away"].text
    assert "Nothing is recorded yet" not in unconfirmed
    assert "What happens then" not in unconfirmed


def test_whoever_was_slower_reads_who_was_first(pages):
    assert "was first; nothing waits for you" in pages["somebody-was-faster"].text
    assert "was first" not in pages["first-was-faster"].text


def test_what_was_taken_back_is_not_called_a_draft(pages):
    assert "What you had sent stands in the fields" in pages["undone"].text
    assert "Your draft of" not in pages["undone"].text


@needs_chromium
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_axe_finds_no_fault_and_nothing_is_too_wide(pages, tmp_path):
    listed = []
    for name, page in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(standing(page.text))
        listed.append({"name": name, "url": path.as_uri()})
    (tmp_path / "pages.json").write_text(json.dumps(listed))

    looked = subprocess.run(
        ["node", str(JS / "look.mjs"), str(tmp_path / "pages.json")],
        check=True,
        capture_output=True,
        env=os.environ | {"RESIDENCY_CHROMIUM": str(CHROMIUM)},
    )

    assert json.loads(looked.stdout) == []
