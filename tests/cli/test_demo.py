"""`residency demo`: what it prints for programs to read, without the minute that it takes."""

import json
from contextlib import asynccontextmanager

import pytest
from typer.testing import CliRunner

import cli.rehearsing
import cli.running
from cli.demo import MARKER, app
from rehearsal.summary import Summary

SUMMARY = Summary(
    program="tiny",
    cohort="tiny-rehearsal",
    people_by_end={"completed": 1},
    stages=["application"],
    tasks_completed=3,
    reminders=2,
    escalations=1,
    mails={"offer": 1},
    days=300,
    wall_seconds=1.5,
    residencies=["r-one"],
    mail_folder="var/demo/rehearsals/c-one",
)


@pytest.fixture(autouse=True)
def played(monkeypatch, tmp_path):
    """Everything but the rehearsal itself, in a folder of the test's own."""

    @asynccontextmanager
    async def running_house(_settings, **_more):
        yield None, None

    async def rehearsed(_house, _client, _options, **_more):
        return SUMMARY

    for name in ("DATA", "DATABASE_URL", "TEMPORAL_NAMESPACE", "MAIL_TRANSPORT"):
        monkeypatch.setenv(f"RESIDENCY_{name}", "")  # The demo sets them for its processes.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli.running, "running_house", running_house)
    monkeypatch.setattr(cli.rehearsing, "rehearsed", rehearsed)


def test_json_is_one_object_on_standard_output():
    shown = CliRunner().invoke(app, ["--exit", "--json"])

    assert (shown.exit_code, shown.stderr) == (0, "")
    assert set(json.loads(shown.stdout)) == {
        "program",
        "cohort",
        "people_by_end",
        "stages",
        "tasks_completed",
        "reminders",
        "escalations",
        "mails",
        "days",
        "wall_seconds",
        "residencies",
        "mail_folder",
    }


def test_folder_of_another_hand_is_left_alone(tmp_path):
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    (folder / "mine").write_text("precious")

    shown = CliRunner().invoke(app, ["--exit", "--json"])

    assert shown.exit_code == 1
    assert "was not made by the demo" in str(shown.exception)
    assert (folder / "mine").read_text() == "precious"


def test_folder_of_an_earlier_demo_is_emptied(tmp_path):
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    (folder / "old").touch()

    assert CliRunner().invoke(app, ["--exit", "--json"]).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [MARKER]
