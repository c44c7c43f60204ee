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
