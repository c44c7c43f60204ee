"""`residency rehearse`: what is wrong with its files is told before anything starts."""

from tests.cli.commanding import PROGRAM, run


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
