"""How pages look, where a machine can tell: contrast, names, widths, sizes to touch."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mail.look import WHITE, Look, contrast
from residency.definition import load
from residency.settings import CHECKOUT
from tests.web.gallery import gallery, render, standing
from web.pages import STATIC

JS = CHECKOUT / "tests" / "js"
CHROMIUM = os.environ.get("RESIDENCY_CHROMIUM") or shutil.which("chromium")
STYLE = (STATIC / "style.css").read_text()
PROGRAMS = sorted(path.parent for path in (CHECKOUT / "programs").glob("*/program.yaml"))
ERRORS = (
    "dead-link.html",
    "away.html",
    "refused.html",
    "no-page.html",
    "not-taken.html",
    "broken.html",
)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or not (JS / "node_modules").exists(),
    reason="needs Chromium, on the PATH or named by RESIDENCY_CHROMIUM, and npm ci in tests/js",
)


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colors of the sheet, in light and in dark."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in blocks[:2])
    return light, light | dark


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("color", "grounds"),
    [
        ("ink", ("card", "ground", "raised", "bad-ground", "warn-ground", "good-ground")),
        ("soft", ("card", "ground", "raised")),
        ("bad", ("card", "bad-ground")),
        ("warn", ("card", "warn-ground")),
        ("good", ("card", "good-ground")),
    ],
)
def test_every_text_has_enough_contrast_on_its_grounds(
    scheme: int, color: str, grounds: tuple[str, ...]
) -> None:
    known = tokens()[scheme]

    faint = [ground for ground in grounds if contrast(known[color], known[ground]) < 4.5]

    assert faint == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_edge_of_an_input_can_be_seen(scheme: int) -> None:
    known = tokens()[scheme]

    assert contrast(known["edge"], known["card"]) >= 3


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_the_accent_of_every_program_can_be_read_in_both_schemes(program: Path) -> None:
    color = load(program).program.look.color

    look = Look.of(color)

    light, dark = tokens()
    assert contrast(look.link, light["card"]) >= 4.5
    assert contrast(look.link_dark, dark["card"]) >= 4.5
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.on_link_dark, look.link_dark) >= 4.5


@pytest.mark.parametrize("color", ["#ffffff", "#ffff00", "#000000", "#3b5bdb", "#777777"])
def test_any_color_becomes_one_that_can_be_read(color: str) -> None:
    look = Look.of(color)

    assert contrast(look.link, WHITE) >= 4.5
    assert contrast(look.link_dark, tokens()[1]["card"]) >= 4.5


def test_the_sheet_stays_small_and_asks_nobody_else() -> None:
    assert len(STYLE.encode()) < 25_000
    assert "@import" not in STYLE
    assert re.findall(r"url\((?!'data:)", STYLE) == []


def test_the_sheet_knows_every_wish_of_a_reader() -> None:
    wishes = (
        "prefers-color-scheme: dark",
        "prefers-reduced-motion",
        "prefers-contrast",
        "forced-colors",
        "print",
        ":focus-visible",
        ":user-invalid",
    )

    assert [wish for wish in wishes if wish not in STYLE] == []


@needs_chromium
def test_axe_finds_no_fault_and_every_part_fits_a_small_screen(tmp_path: Path) -> None:
    found = {color: gallery(color) for color in ("#3b5bdb", "#ff9d00", "#1d1d1f")}
    found |= {
        name: render(f'{{% extends "{name}" %}}', sentence="The offer was withdrawn.")
        for name in ERRORS
    }
    listed = []
    for number, (name, html) in enumerate(found.items()):
        path = tmp_path / f"{number}.html"
        path.write_text(standing(html))
        listed.append({"name": name, "url": path.as_uri()})
    (tmp_path / "pages.json").write_text(json.dumps(listed))

    looked = subprocess.run(
        [str(shutil.which("node")), str(JS / "look.mjs"), str(tmp_path / "pages.json")],
        check=True,
        capture_output=True,
        env=os.environ | {"RESIDENCY_CHROMIUM": str(CHROMIUM)},
    )

    assert json.loads(looked.stdout) == []
