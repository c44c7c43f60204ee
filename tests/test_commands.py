"""bin/demo, bin/test and their set-up, in a copy of what they need."""

import shutil
import subprocess
import time

import pytest

from residency.settings import CHECKOUT

TOOLS = ["bash", "cat", "cksum", "dirname", "env", "grep", "rm", "tail", "tr"]


@pytest.fixture
def checkout(tmp_path):
    """A checkout in a folder with a space, with no `.venv`."""
    made = tmp_path / "a checkout"
    made.mkdir()
    shutil.copytree(CHECKOUT / "bin", made / "bin")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, made / name)
    return made


@pytest.fixture
def path(tmp_path):
    """A PATH with the tools of a bare machine, and no Python."""
    folder = tmp_path / "path"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def run(checkout, command, *arguments, path):
    return subprocess.run(
        [checkout / "bin" / command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(path)},
        cwd=path,
    )


@pytest.mark.parametrize("command", ["demo", "test"])
def test_help_needs_no_set_up(checkout, path, command):
    began = time.monotonic()

    shown = run(checkout, command, "--help", path=path)

    assert shown.returncode == 0
    assert shown.stdout.startswith(f"Usage: bin/{command} ")
    assert f"Example: bin/{command} " in shown.stdout
    assert time.monotonic() - began < 1


def test_machine_without_python_is_told_what_is_needed(checkout, path):
    put(path / "python3", "exit 1")  # As an older Python answers.

    ended = run(checkout, "demo", path=path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Python 3.11 or newer is needed, and none was found ")
    assert len(ended.stderr.splitlines()) == 1


def test_python_without_ensurepip_is_told_what_to_install(checkout, path):
    put(
        path / "python3",
        'if [ "$2" = venv ]; then echo "No module named ensurepip"; exit 1; fi\n'
        'if [ "$1" = --version ]; then echo Python 3.11.2; fi',
    )

    ended = run(checkout, "demo", path=path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [
        "Setting up .venv with Python 3.11.2 (once; one to four minutes) ...",
        (
            "python3 can't make a virtual environment: its module ensurepip is missing. "
            "On Debian and Ubuntu: apt install python3-venv"
        ),
    ]
    assert not (checkout / ".venv").exists()


FAKE_PYTHON = """
echo "$@" >> "$PWD/calls"
case "$*" in
    --version) echo Python 3.11.2 ;;
    "-m venv .venv")
        mkdir -p .venv/bin
        cp "$0" .venv/bin/python
        ;;
    *--editable*)
        printf '#!/bin/sh\\necho "demo: $*"\\n' > .venv/bin/residency
        chmod +x .venv/bin/residency
        ;;
esac
"""


@pytest.fixture
def ready(checkout, path):
    """A checkout that a first, faked, run has set up."""
    for tool in ("mkdir", "cp", "chmod"):
        (path / tool).symlink_to(shutil.which(tool))
    put(path / "python3", FAKE_PYTHON)
    run(checkout, "demo", path=path)
    return checkout


def test_first_run_sets_up_and_second_run_only_looks(ready, path):
    calls = (ready / "calls").read_text()
    began = time.monotonic()

    second = run(ready, "demo", "--exit", "--speed", "3", path=path)

    assert "--require-hashes" in calls
    assert (second.stdout, second.stderr) == ("demo: demo --exit --speed 3\n", "")
    assert (ready / "calls").read_text() == calls
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_requirements_are_installed_again(ready, path, name):
    with (ready / name).open("a") as file:
        file.write("# changed\n")

    again = run(ready, "demo", "--json", path=path)

    assert again.stdout == "demo: demo --json\n"
    assert again.stderr.endswith("Ready: .venv/bin/residency\n")


def test_checkout_that_was_moved_is_set_up_again(ready, path, tmp_path):
    moved = ready.rename(tmp_path / "elsewhere")

    again = run(moved, "demo", path=path)

    assert again.stderr.endswith("Ready: .venv/bin/residency\n")


def test_package_that_cannot_be_installed_is_told(checkout, path, ready):
    put(
        path / "python3",
        FAKE_PYTHON.replace('"-m venv', '*-r*) echo no route >&2; exit 1 ;;\n"-m venv'),
    )
    (ready / ".venv" / "stamp").unlink()

    ended = run(ready, "demo", path=path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-2:] == [
        "no route",
        "The locked packages could not be installed; the lines above say why.",
    ]


def test_npm_is_only_for_all_the_tests_and_only_once(ready, path):
    (ready / "tests" / "js").mkdir(parents=True)
    (ready / "tests" / "js" / "package-lock.json").write_text("{}")
    put(
        path / "npm",
        'echo "npm $*" >> "$PWD/calls"\n'
        "mkdir -p tests/js/node_modules\n"
        "sleep 0.01; echo > tests/js/node_modules/.package-lock.json",
    )
    (path / "sleep").symlink_to(shutil.which("sleep"))

    run(ready, "test", path=path)
    before = (ready / "calls").read_text()
    first = run(ready, "test", "--all", path=path)
    run(ready, "test", "--all", path=path)

    assert "npm" not in before
    assert "npm ci in tests/js (once, about half a minute) ..." in first.stderr
    assert (ready / "calls").read_text().removeprefix(before).count("npm ci ") == 1


def test_npm_that_fails_holds_nothing_up(ready, path):
    (ready / "tests" / "js").mkdir(parents=True)
    put(path / "npm", "echo no route >&2; exit 1")

    ended = run(ready, "test", "--all", path=path)

    assert "no route\nnpm ci did not work, as it says above; " in ended.stderr
    assert "ruff check ..." in ended.stderr


def test_lock_names_no_host_and_hashes_everything():
    text = (CHECKOUT / "requirements.lock").read_text()

    packages = text.count("==")
    assert "http" not in text.replace("python-http-client", "")
    assert text.count("--hash=sha256:") >= packages > 50
