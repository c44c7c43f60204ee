"""One `residency up` on one data folder."""

import os
import subprocess
import sys

import pytest

from cli.alone import alone
from residency.errors import ResidencyError, UnavailableError

HOLD = """
import sys
from pathlib import Path
from cli.alone import alone
with alone(Path(sys.argv[1]), command="residency up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_second_one_is_told_which_one_runs(tmp_path, holder):
    with pytest.raises(ResidencyError) as told, alone(tmp_path, command="residency up"):
        pass

    assert str(told.value) == (
        f'`residency up` runs already on "{tmp_path}" (process {holder.pid}); end that one first, '
        "or set RESIDENCY_DATA to another folder."
    )


def test_folder_is_free_when_the_other_was_killed(tmp_path, holder):
    holder.kill()
    holder.wait()

    with alone(tmp_path, command="residency up"):
        pass


def test_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "var").write_text("")

    with (
        pytest.raises(UnavailableError, match="can't be written: "),
        alone(tmp_path / "var" / "x", command="residency up"),
    ):
        pass


def test_folder_is_made_and_other_commands_have_locks_of_their_own(tmp_path):
    with (
        alone(tmp_path / "var", command="residency up"),
        alone(tmp_path / "var", command="residency server"),
    ):
        assert (tmp_path / "var" / "up.lock").read_text() == f"{os.getpid()}\n"
