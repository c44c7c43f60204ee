"""The command as a whole: its help, its examples, its speed, and that nouns are imported late."""

import resource
import shlex
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.app import app, known
from cli.nouns import NOUNS
from cli.reference import commands, page
from residency.settings import CHECKOUT
from tests.cli.commanding import PROGRAM, run

COMMANDS = dict(commands())


def shown(*arguments):
    return CliRunner().invoke(app, list(arguments))


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=CHECKOUT
    )


def test_help_lists_every_noun():
    text = shown("--help").output

    assert [name for name in known() if f" {name} " not in text] == []
    assert [noun.help[:40] for noun in known().values() if noun.help[:40] not in text] == []


def test_every_noun_has_a_module_or_is_another_piece():
    assert set(NOUNS) - set(known()) <= {"bench"}


def test_help_imports_no_noun():
    code = (
        "import sys\nfrom cli.app import command\n"
        "try:\n    command().main(['--help'])\nexcept SystemExit:\n    pass\n"
        "late = ('temporalio', 'sqlalchemy', 'store', 'wiring', 'cli.act', 'cli.status')\n"
        "print('imported:', [name for name in late if name in sys.modules])"
    )

    assert python(code).stdout.splitlines()[-1] == "imported: []"


@pytest.mark.parametrize("words", COMMANDS)
def test_help_ends_with_a_runnable_example(words):
    result = shown(*words.split(), "--help")
    example = COMMANDS[words].epilog.removeprefix("Example: ").split("  or  ")[0]

    assert result.exit_code == 0
    assert shlex.split(example)[: 1 + len(words.split())] == ["residency", *words.split()]
    assert "Example: residency" in result.output


@pytest.mark.parametrize("words", COMMANDS)
def test_example_names_only_options_that_exist(words):
    examples = COMMANDS[words].epilog.removeprefix("Example: ").split("  or  ")
    known_options = {name for param in COMMANDS[words].params for name in param.opts}

    used = {word for example in examples for word in shlex.split(example) if word[:2] == "--"}

    assert used - known_options == set()


def test_command_that_does_not_exist_is_usage_and_gets_a_hint():
    result = shown("statsu")

    assert result.exit_code == 2
    assert 'did you mean "status"?' in result.output


def test_missing_option_is_usage():
    assert shown("act", "extend", "r-1").exit_code == 2


def test_commands_page_is_up_to_date():
    assert (CHECKOUT / "docs" / "commands.md").read_text() == page()


@pytest.mark.parametrize("arguments", [["--help"], ["act", "--help"], ["status"], ["tasks"]])
def test_command_is_quick(tmp_path, arguments):
    run(tmp_path / "var", *arguments)  # Warm: compiled, and its database made.

    assert min(seconds(tmp_path / "var", *arguments) for _ in range(3)) < 1


def test_schedule_is_quicker_still(tmp_path):
    arguments = ["program", "schedule", PROGRAM, "--start", "2027-01-04"]
    run(tmp_path / "var", *arguments)  # Warm, as above.

    # The promise is half a second; a busy machine, whose caches others use too, takes half as much more.
    assert min(seconds(tmp_path / "var", *arguments) for _ in range(5)) < 0.75


def seconds(data, *arguments):
    """Of work for the processor: on a machine that does nothing else, how long it takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(data, *arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
