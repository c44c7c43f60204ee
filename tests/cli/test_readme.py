"""The README's tour is run as it stands, on a real server; what it links to is there."""

import re
import subprocess

import pytest

from residency.settings import CHECKOUT
from tests.cli.commanding import environment, started, until_said

README = (CHECKOUT / "README.md").read_text()
TOUR = "".join(re.findall(r"<!-- tour -->\n```sh\n(.*?)```", README, flags=re.DOTALL))


@pytest.fixture
def shell(tmp_path):
    """A folder with the README's neighbors, and the command `residency` on the PATH."""
    for name in ("docs", "programs"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    command = tmp_path / "bin" / "residency"
    command.parent.mkdir()
    python = CHECKOUT / ".venv" / "bin" / "python"
    command.write_text(f'#!/bin/sh\nexec "{python}" -c "from cli import main; main()" "$@"\n')
    command.chmod(0o755)
    path = {"PATH": f"{command.parent}:/usr/bin:/bin"}

    def run(script):
        return subprocess.run(
            ["bash", "-eu", "-c", script],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment(tmp_path / "var", **path),
        )

    return run


@pytest.mark.slow
def test_tour_runs_as_written(shell, tmp_path, temporal_binary):
    up = started(tmp_path / "var", "up", "--port", "0", "--ui-port", "0")
    try:
        until_said(up, "working")

        toured = shell(TOUR)
        refused = shell("residency act extend ada@example.org --weeks 3 --reason 'late'")
    finally:
        up.terminate()
        up.communicate(timeout=60)

    assert (toured.returncode, toured.stderr.count("Traceback")) == (0, 0), toured.stderr
    assert "Ada Lovelace applied to 2022" in toured.stdout
    assert "9 milestones move: m1 (Sep 30 -> Oct 31, 2031)" in toured.stdout
    assert "Colette Moreau added a note" in toured.stdout
    assert refused.returncode == 1
    assert re.sub(r"r-\w{8}", "r-7f3akq2m", refused.stderr.strip()) in README
    assert up.returncode == 143


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)

    assert [link for link in links if not (CHECKOUT / link).exists()] == []


def test_tour_is_of_the_commands():
    assert len(TOUR.splitlines()) > 10
    assert {line.split()[0] for line in TOUR.splitlines()} == {"residency"}
