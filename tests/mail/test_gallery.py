"""The gallery: every notice as files, and what only a browser or JavaScript can check of them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import icalendar
import pytest

from mail.gallery import locales_in, pieces, write
from mail.invite import METHODS
from mail.preview import LINK, Previews
from mail.render import Renderer
from residency.definition import definition_document, load, program_ids
from residency.notices import CATALOG
from residency.settings import CHECKOUT

TEMPLATES = CHECKOUT / "templates"
JS = CHECKOUT / "tests" / "js"
NODE = shutil.which("node")
CHROMIUM = os.environ.get("RESIDENCY_CHROMIUM") or shutil.which("chromium")
LARGEST = 80 * 1024

needs_node = pytest.mark.skipif(
    NODE is None or not (JS / "node_modules").is_dir(),
    reason="needs node, and `npm ci` in tests/js",
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium, on the PATH or named by RESIDENCY_CHROMIUM"
)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    root = CHECKOUT / "programs"
    documents = {name: definition_document(load(name, root)) for name in program_ids(root)}
    renderer = Renderer(
        templates=TEMPLATES, programs=root, link=lambda _residency, _task, _person: LINK
    )
    found = pieces(Previews(renderer), documents, locales=locales_in(TEMPLATES))
    return folder, write(folder, found, templates=TEMPLATES)


def checked(script, paths, **more):
    done = subprocess.run(
        [NODE, JS / script, *paths],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | more,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_gallery_has_every_notice_program_and_language(gallery):
    folder, written = gallery

    programs, locales = program_ids(CHECKOUT / "programs"), locales_in(TEMPLATES)
    stems = {piece.stem.as_posix() for piece in written}
    assert stems == {
        f"{program}/{locale}/{notice}"
        for program in programs
        for locale in locales
        for notice in CATALOG
    }
    for piece in written:
        found = {path.suffix for path in (folder / piece.stem).parent.glob(f"{piece.stem.name}.*")}
        invited = {".ics"} if piece.notice.name in METHODS else set()
        assert found == {".html", ".txt", ".eml"} | invited
        assert piece.size <= LARGEST
        if invited:
            icalendar.Calendar.from_ical((folder / piece.stem).with_suffix(".ics").read_bytes())
    index = (folder / "index.html").read_text()
    assert all(f'data-notice="{notice}"' in index for notice in CATALOG)
    assert f"{len(written)} mails" in index


@pytest.mark.slow
@pytest.mark.timeout(600)
@needs_node
def test_every_mail_is_valid_html_that_the_big_clients_know(gallery):
    folder, _ = gallery

    assert checked("html.mjs", sorted(folder.glob("*/*/*.html"))) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@needs_node
@needs_chromium
def test_every_notice_passes_axe_in_light_and_dark_and_fits_a_phone(gallery):
    """All of one program, and a few of each other: they differ in words and color alone."""
    folder, written = gallery
    some = ("offer", "milestone-opening", "presentation-moved", "changes-requested")
    paths = [
        folder / piece.stem.with_suffix(".html")
        for piece in written
        if (piece.program, piece.locale) == (written[0].program, written[0].locale)
        or piece.notice.name in some
    ]
    paths.append(folder / "index.html")

    assert checked("axe.mjs", paths, RESIDENCY_CHROMIUM=str(CHROMIUM)) == []


def test_locales_are_those_with_a_folder_english_first(tmp_path):
    for name in ("fr", "en", "de"):
        (tmp_path / "email" / name).mkdir(parents=True)

    assert locales_in(tmp_path) == ["en", "de", "fr"]


def test_page_of_the_gallery_is_a_list_of_links_without_scripts(house, one_document, tmp_path):
    found = [
        piece
        for piece in pieces(Previews(house()), {"residency": one_document}, locales=["en"])
        if piece.notice.name in ("offer", "interview-moved")
    ]

    write(tmp_path, found, templates=TEMPLATES)

    page = (tmp_path / "index.html").read_text()
    for piece in found:
        assert f'href="{piece.stem.as_posix()}.html"' in page
        assert (tmp_path / Path(f"{piece.stem}.html")).read_text() == piece.mail.html
