"""What is typed wrong gets one line: what, what is allowed, for which option; and exit code 2."""

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.reference import commands

COMMANDS = dict(commands())
SAID = {
    ("statsu",): '"statsu" is no command of `residency`; did you mean "status"?',
    ("xyz",): '"xyz" is no command of `residency`; `residency --help` lists them.',
    ("program", "lst"): '"lst" is no command of `residency program`; did you mean "list"?',
    ("cohort", "x"): '"x" is no command of `residency cohort`; allowed: open, list, show.',
    ("act", "extnd", "r-1"): '"extnd" is no command of `residency act`; did you mean "extend"?',
    ("act", "ex'te\"nd", "r-1"): (
        '"ex\'te"nd" is no command of `residency act`; did you mean "extend"?'
    ),
    ("act", "extend"): (
        "`residency act extend` needs ID, --weeks and --reason, as in: "
        'residency act extend r-7f3akq2m --weeks 3 --reason "data arrived late"'
    ),
    ("act", "extend", "r-1", "--weeks", "many", "--reason", "x"): (
        '"many" is no whole number; --weeks takes a whole number from 1 to 104.'
    ),
    ("act", "extend", "r-1", "--weeks", "3.5", "--reason", "x"): (
        '"3.5" is no whole number; --weeks takes a whole number from 1 to 104.'
    ),
    ("act", "extend", "r-1", "--weeks", "0", "--reason", "x"): (
        '"0" is too small for --weeks; write at least 1.'
    ),
    ("act", "flag", "r-1", "--flag", "concen", "--reason", "x"): (
        '"concen" is not allowed for --flag; did you mean "concern"?'
    ),
    ("act", "flag", "r-1", "--flag", "x", "--reason", "x"): (
        '"x" is not allowed for --flag; allowed: concern, extend, terminate.'
    ),
    ("act", "extend", "r-1", "--wek", "3"): (
        '"--wek" is no option of `residency act extend`; did you mean "--weeks"?'
    ),
    ("act", "reassign", "r-1", "--to", "x"): (
        '"--to" is no option of `residency act reassign`; did you mean "--who"?'
    ),
    ("act", "reassign", "r-1", "--person", "x"): (
        '"--person" is no option of `residency act reassign`; did you mean "--who PERSON"?'
    ),
    ("act", "first-day", "r-1", "--day", "soon", "--reason", "x"): (
        '"soon" is no day for --day; write one like 2026-05-04.'
    ),
    ("act", "first-day", "r-1", "--day", "2026-02-30", "--reason", "x"): (
        '"2026-02-30" is no day for --day; write one like 2026-05-04.'
    ),
    ("apply",): (
        "`residency apply` needs --name and --email, or --file, as in: "
        "residency apply --file people.yaml"
    ),
    ("up", "--port", "-1"): '"-1" is too small for --port; write at least 0.',
    ("server", "--port", "x"): (
        '"x" is no whole number; --port takes a whole number from 0 to 65535.'
    ),
    ("apply", "--answers"): "--answers needs a value behind it.",
    ("status", "--json=3"): "--json takes no value.",
    ("status", "--frobnicate"): (
        '"--frobnicate" is no option of `residency status`; `residency status --help` lists them.'
    ),
    (
        "status",
        "-x",
    ): '"-x" is no option of `residency status`; `residency status --help` lists them.',
    ("timeline",): "`residency timeline` needs ID, as in: residency timeline r-7f3akq2m",
    ("timeline", "a", "b", "c"): '"b c" is too much for `residency timeline`; it takes only ID.',
    ("doctor", "now"): '"now" is too much for `residency doctor`; it takes no words, only options.',
    ("bench", "--journeys", "0"): '"0" is too small for --journeys; write at least 1.',
    ("demo", "--speed", "fast"): '"fast" is no number; --speed takes a number, at least 0.01.',
    ("web", "--port", "99999"): '"99999" is too large for --port; write at most 65535.',
    ("web", "--port", "x"): '"x" is no whole number; --port takes a whole number from 0 to 65535.',
    ("status", "--live"): ("--live asks one residency; say which one: residency status ID --live"),
    ("program", "schedule", "apple-aiml-internship", "--start", "soon"): (
        '"soon" is no day for --start; write one like 2026-05-04.'
    ),
    ("program", "schedule", "apple-aiml-internship"): (
        "no first day; write --start DATE, as in --start 2027-01-04, or --cohort NAME."
    ),
    ("worker", "--only", "mial"): '"mial" is no part of a worker; did you mean "mail"?',
    ("worker", "--only", "x"): '"x" is no part of a worker; allowed: workflows, mail.',
}


def typed(*words):
    return CliRunner().invoke(app, list(words), prog_name="residency")


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_what_is_typed_wrong_is_told_in_one_line(words):
    ended = typed(*words)

    assert ended.stderr.splitlines() == [SAID[words]]
    assert (ended.stdout, ended.exit_code) == ("", 2)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_names_what_it_needs(words):
    needed = [param for param in COMMANDS[words].params if param.required]

    ended = typed(*words.split(), "--no-such-option")

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f'"--no-such-option" is no option of `residency {words}`')
    if needed:
        ended = typed(*words.split())
        assert ended.exit_code == 2
        assert ended.stderr.startswith(f"`residency {words}` needs ")
        assert len(ended.stderr.splitlines()) == 1


def test_what_could_move_the_cursor_is_not_repeated():
    ended = typed("act", "extend", "r-1", "--weeks", "\x1b[2Jmany\n" + "y" * 100, "--reason", "x")

    assert ended.stderr.splitlines() == [
        f'" [2Jmany {"y" * 48}..." is no whole number; --weeks takes a whole number from 1 to 104.'
    ]


def test_group_without_a_command_shows_its_help():
    ended = typed("program")

    assert ended.exit_code == 2
    assert "schedule" in ended.output
