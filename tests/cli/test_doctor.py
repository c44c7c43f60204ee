"""`doctor` says what works, what does not, and what to do."""

import json

from tests.cli.commanding import run


def test_doctor_on_a_fresh_machine_finds_nothing_broken(tmp_path):
    ended = run(tmp_path / "var", "doctor")

    assert ended.returncode == 0
    assert "ok      settings: RESIDENCY_DATA set" in ended.stdout
    assert "note    Temporal: no server is running or configured" in ended.stdout
    assert not (tmp_path / "var").exists()


def test_doctor_names_what_is_broken_and_exits_1(tmp_path):
    ended = run(
        tmp_path / "var",
        "doctor",
        "--json",
        RESIDENCY_TEMPORAL_ADDRESS="127.0.0.1:1",
        RESIDENCY_MAIL_TRANSPORT="smtp",
        RESIDENCY_MAIL_LIV="true",
    )
    found = {(one["about"], one["state"]): one for one in json.loads(ended.stdout)}

    assert ended.returncode == 1
    assert '"127.0.0.1:1" can\'t be reached' in found["Temporal", "broken"]["said"]
    assert found["mail", "broken"]["todo"] == "Set RESIDENCY_SMTP_URL."
    assert "did you mean RESIDENCY_MAIL_LIVE" in found["settings", "note"]["said"]


def test_doctor_shows_a_bad_setting(tmp_path):
    ended = run(tmp_path / "var", "doctor", RESIDENCY_LOG_LEVEL="loud")

    assert ended.returncode == 1
    assert 'RESIDENCY_LOG_LEVEL is "loud"; allowed: ' in ended.stdout


def test_data_folder_that_is_a_file_is_broken(tmp_path):
    (tmp_path / "var").write_text("")

    ended = run(tmp_path / "var", "doctor")

    assert ended.returncode == 1
    assert "BROKEN  data folder: " in ended.stdout
