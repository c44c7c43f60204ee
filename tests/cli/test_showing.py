"""How `residency demo` ends: printed links that work, and people on whom something waits."""

import re
import signal
import subprocess
import sys

import pytest

from residency.settings import CHECKOUT
from tests.cli.commanding import environment, fetched, until_said

SHORT = f"""
import cli.demo
from pathlib import Path
from rehearsal.driver import Options

cli.demo._options = lambda _settings, _speed: Options(
    program=Path({str(CHECKOUT / "tests" / "programs" / "tiny")!r}),
    people=Path("people.yaml"),
)
cli.main()
"""
"""The command, with one person and six weeks in the place of a cohort and nine months."""

LINK = re.compile(r"^(\w+) +(http://\S+)  (.+)\n(?: +(\S.*)\n)?", re.MULTILINE)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def said(tmp_path_factory, temporal_binary):
    """The links above and below the line of the second run: who, link, name, what waits."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "people.yaml").write_text("- {name: Ada Lovelace, email: ada@example.org}\n")
    demo = subprocess.Popen(
        [sys.executable, "-c", SHORT, "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environment(folder / "unused"),
    )
    try:
        above = until_said(demo, "A second, short run", seconds=110)
        below = until_said(demo, "run until Ctrl-C", seconds=110)
        yield LINK.findall("".join(above)), LINK.findall("".join(below))
    finally:
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
    assert (demo.returncode, "Traceback" in rest) == (130, False)


def test_links_of_the_whole_run_work(said):
    whole, _ = said

    assert [who for who, *_ in whole] == ["Resident", "Mentor", "Reviewer"]
    assert (whole[0][2], {waits for *_, waits in whole}) == ("Ada Lovelace", {""})
    assert [fetched(link)[0] for _, link, *_ in whole] == [200, 200, 200]


def test_links_of_the_run_that_was_stopped_lead_to_what_waits(said):
    _, stopped = said

    assert [(who, waits) for who, _, _, waits in stopped] == [
        ("Resident", "Report: Week 6: Half way"),
        ("Mentor", "Sign-off: Week 6: Half way, of Tomas Reyes"),
        ("Coordinator", "Decide on an extension, of Mina Okoye"),
    ]
    for _, link, name, waits in stopped:
        status, page = fetched(link)
        title, _, whose = waits.partition(", of ")
        assert status == 200
        assert {text for text in (name, title, whose) if text not in page} == set()
        site = link.partition("/me/")[0]
        task = re.search(rf'href="(/me/[^"/]+/task/[^"]+)"[^>]*>\s*{title}', page)[1]
        assert 'value="check"' in fetched(site + task)[1]
