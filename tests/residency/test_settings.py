import subprocess
import sys
from pathlib import Path

import pytest

from residency.settings import CHECKOUT, Settings, SettingsError, load, page, unknown


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No variable and no .env of the person who runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RESIDENCY_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_settings_have_defaults_that_run_on_one_machine(tmp_path):
    settings = load()

    assert settings.data == Path("var")
    assert settings.database == f"sqlite:///{tmp_path}/var/residency.db"
    assert settings.mail_transport == "file"
    assert settings.mail_live is False
    assert settings.programs == CHECKOUT / "programs"


def test_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("RESIDENCY_TASK_QUEUE=file\nRESIDENCY_LOG_LEVEL=error\nFOO=1\n")
    monkeypatch.setenv("RESIDENCY_TASK_QUEUE", "environment")

    settings = load()

    assert (settings.task_queue, settings.log_level) == ("environment", "error")


def test_arguments_win_over_the_environment(monkeypatch):
    monkeypatch.setenv("RESIDENCY_TASK_QUEUE", "environment")

    assert load(task_queue="argument").task_queue == "argument"


def test_allow_list_is_split_at_commas(monkeypatch):
    monkeypatch.setenv("RESIDENCY_MAIL_ALLOW", "ada@example.org, @example.com")

    assert load().mail_allow == ("ada@example.org", "@example.com")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "MAIL_TRANSPORT",
            "pigeon",
            'RESIDENCY_MAIL_TRANSPORT is "pigeon"; allowed: file, recording, smtp, sendgrid.',
        ),
        ("MAIL_LIVE", "perhaps", 'RESIDENCY_MAIL_LIVE is "perhaps"; allowed: true, false.'),
        (
            "TEMPORAL_ADDRESS",
            "localhost",
            'RESIDENCY_TEMPORAL_ADDRESS is "localhost"; allowed: host:port.',
        ),
        (
            "CACHED_WORKFLOWS",
            "-1",
            'RESIDENCY_CACHED_WORKFLOWS is "-1"; allowed: a whole number from 0 to 100000.',
        ),
        (
            "RECORD_TIMEOUT",
            "soon",
            'RESIDENCY_RECORD_TIMEOUT is "soon"; allowed: seconds, more than 0, at most 600.',
        ),
    ],
)
def test_bad_value_is_named_with_what_is_allowed(monkeypatch, name, value, sentence):
    monkeypatch.setenv(f"RESIDENCY_{name}", value)

    with pytest.raises(SettingsError) as refusal:
        load()

    assert str(refusal.value) == sentence


def test_two_bad_values_are_both_told(monkeypatch):
    monkeypatch.setenv("RESIDENCY_LOG_FORMAT", "xml")
    monkeypatch.setenv("RESIDENCY_LOG_LEVEL", "loud")

    with pytest.raises(SettingsError) as refusal:
        load()

    assert str(refusal.value) == (
        'RESIDENCY_LOG_FORMAT is "xml"; allowed: auto, json, console. '
        'RESIDENCY_LOG_LEVEL is "loud"; allowed: debug, info, warning, error.'
    )


def test_secrets_are_not_shown():
    settings = load(sendgrid_api_key="SG.marked", database_url="postgresql://u:marked@h/d")

    assert "marked" not in repr(settings)
    assert settings.database == "postgresql://u:marked@h/d"


def test_unknown_variable_gets_a_hint():
    sentences = unknown({"RESIDENCY_MAIL_LIFE": "true", "RESIDENCY_DATA": "x", "HOME": "y"})

    assert sentences == ['"RESIDENCY_MAIL_LIFE" is no setting: did you mean RESIDENCY_MAIL_LIVE.']


def test_env_file_is_looked_through_for_what_is_no_setting(tmp_path):
    (tmp_path / ".env").write_text("RESIDENCY_MAIL_LIFE=true\nFOO=1\nBAR\nRESIDENCY_DATA=x\n")

    assert unknown() == ['"RESIDENCY_MAIL_LIFE" is no setting: did you mean RESIDENCY_MAIL_LIVE.']


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("RESIDENCY_DATA\n", '.env:1: "RESIDENCY_DATA" has no value; write NAME=value.'),
        (
            "FOO=1\n\n# Ours.\nRESIDENCY_DATA in x\n",
            ".env:4: this line can't be read; write NAME=value.",
        ),
        (
            'export RESIDENCY_LINK_KEYS="marked\n',
            ".env:1: this line can't be read; write NAME=value.",
        ),
    ],
)
def test_line_of_the_env_file_with_a_fault_is_refused_by_its_number(tmp_path, text, sentence):
    (tmp_path / ".env").write_text(text)

    with pytest.raises(SettingsError) as refusal:
        load()

    assert str(refusal.value) == sentence


def test_line_of_somebody_else_is_told_and_stops_nothing(tmp_path, caplog):
    (tmp_path / ".env").write_text("some words here\nRESIDENCY_TASK_QUEUE=file\n")

    assert load().task_queue == "file"
    assert unknown() == [".env:1: this line can't be read; write NAME=value."]
    assert caplog.text == ""


def test_page_lists_every_setting():
    written = (CHECKOUT / "docs" / "settings.md").read_text()

    assert written == page(), "run: python -m residency.settings > docs/settings.md"
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`RESIDENCY_{name.upper()}`" in written


def test_example_file_names_only_settings():
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    names = {line.lstrip("# ").split("=")[0]: "x" for line in lines if "=" in line}

    assert unknown(names) == []


def test_page_is_printed_by_the_module():
    printed = subprocess.run(
        [sys.executable, "-m", "residency.settings"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed == page()


@pytest.mark.parametrize(
    "address",
    [
        "https://residency.example.org",
        "https://residency.example.org:8443/",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    ],
)
def test_public_address_is_one_that_browsers_send_forms_to(address):
    assert load(public_url=address).public_url == address


@pytest.mark.parametrize(
    "address",
    [
        "http://residency.example.org",
        "http://192.0.2.1:8000",
        "http://localhost.example.org",
        "https://residency.example.org/in",
        "https://residency.example.org/?a=b",
        "https://residency.example.org#a",
        "https://me@residency.example.org",
        "https://residency.example.org:port",
        "https://",
        "residency.example.org",
    ],
)
def test_public_address_that_can_not_work_is_refused_in_a_sentence(address):
    with pytest.raises(SettingsError) as refusal:
        load(public_url=address)

    assert str(refusal.value) == (
        f'RESIDENCY_PUBLIC_URL is "{address}"; allowed: an https address without a path; http only for '
        "this machine itself, as in http://localhost:8000 (from elsewhere browsers send forms only "
        "over TLS)."
    )
