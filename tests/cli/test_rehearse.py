"""`residency rehearse`: what is wrong is told before anything starts, and how it goes on."""

import signal

import pytest

from tests.cli.commanding import PROGRAM, run, started, until_said


def test_faults_of_its_files_are_told_at_once_and_nothing_starts(tmp_path):
    data = tmp_path / "var"
    (tmp_path / "people.yaml").write_text(
        "- {name: '', email: ada@example.org}\n- {name: Bo, email: bo@example.org, zone: Mars}\n"
    )
    (tmp_path / "cast.yaml").write_text("- {when: ofer, do: declined}\n")

    files = ("--people", "people.yaml", "--cast", "cast.yaml")
    ended = run(data, "rehearse", PROGRAM, *files)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [
        (
            'cast.yaml:1:10: when: "ofer" is no task, item or stage of this program; '
            'did you mean "offer"?'
        ),
        "people.yaml:1:10: name: the name is missing",
        'people.yaml:2:43: zone: "Mars" is not a time zone; write one like Europe/Paris',
        "3 faults; nothing was started",
    ]
    assert not data.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--cohort", "2021"], f'{PROGRAM} has no cohort "2021"; did you mean "2022"?'),
        (
            ["--until", "2001-01-01"],
            "--until 2001-01-01 is before the first application, 2022-03-16.",
        ),
    ],
)
def test_what_cannot_be_played_is_refused_and_nothing_starts(tmp_path, options, sentence):
    data = tmp_path / "var"

    ended = run(data, "rehearse", PROGRAM, *options)

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", sentence + "\n")
    assert not data.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Broken off; the same command goes on, --discard begins anew."),
        (["--discard"], "Broken off; the same command without --discard goes on."),
    ],
)
def test_ctrl_c_says_how_it_goes_on(tmp_path, options, sentence):
    with started(tmp_path / "var", "rehearse", PROGRAM, "--speed", "1", *options) as process:
        until_said(process, "enters application")
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)

    assert (process.returncode, told.splitlines()[-1]) == (130, sentence)
