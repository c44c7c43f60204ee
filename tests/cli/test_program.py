import json
import subprocess
import sys
import time

import icalendar
import pytest
from typer.testing import CliRunner

from cli.program import app
from residency.errors import DefinitionError, ResidencyError
from residency.settings import CHECKOUT
from tests.residency.definitions import PEOPLE, SMALL, write


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting of the person who runs the tests."""
    monkeypatch.delenv("RESIDENCY_PROGRAMS", raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_list_has_the_three_programs():
    shown = run("list", "--json")

    assert [(one["id"], one["length"]) for one in json.loads(shown.stdout)] == [
        ("apple-aiml-internship", "12 weeks"),
        ("apple-aiml-residency-2020", "12 months"),
        ("huggingface-ai-research-residency-2022", "9 months"),
    ]


def test_list_tells_of_faults_and_goes_on(tmp_path, monkeypatch):
    write(tmp_path / "programs")
    write(tmp_path / "programs", SMALL.replace("version: 1", "version: x"), name="bad")
    monkeypatch.setenv("RESIDENCY_PROGRAMS", str(tmp_path / "programs"))

    shown = run("list", "--json")

    assert [one["id"] for one in json.loads(shown.stdout)] == ["lab"]
    assert "bad has 1 fault" in shown.stderr


def test_folder_that_was_nearly_named_is_suggested(tmp_path):
    write(tmp_path / "own")

    shown = run("check", "own/lba")

    assert str(shown.exception) == '"own/lba" is no program; did you mean "own/lab"?'


@pytest.mark.parametrize("arguments", [["list"], ["check"], ["show", "lab"]])
def test_folder_of_programs_that_is_not_there_is_told(monkeypatch, arguments):
    monkeypatch.setenv("RESIDENCY_PROGRAMS", "/nope")

    shown = run(*arguments)

    assert (shown.stdout, shown.exit_code) == ("", 1)
    assert str(shown.exception) == (
        'There is no folder "/nope"; RESIDENCY_PROGRAMS says where the programs are.'
    )


def test_folder_without_a_program_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("RESIDENCY_PROGRAMS", str(tmp_path))
    sentence = f"There is no program in {tmp_path}; docs/programs.md says how to write one."

    listed, checked = run("list"), run("check")

    assert (listed.stdout, listed.stderr, listed.exit_code) == ("", sentence + "\n", 0)
    assert (checked.stdout, str(checked.exception), checked.exit_code) == ("", sentence, 1)


def test_check_prints_every_fault_and_that_nothing_was_started(tmp_path):
    write(tmp_path, SMALL.replace("version: 1", "version: x").replace("10 weeks", "10"))

    shown = run("check", "lab")

    assert shown.stdout.splitlines() == [
        'lab/program.yaml:2:10: version: "x" is not a whole number',
        'lab/program.yaml:5:9: length: "10" is not a span; write 14 days, 2 weeks or P14D',
    ]
    assert shown.stderr == "2 faults; nothing was started\n"
    assert shown.exit_code == 1


def test_check_without_faults_says_so():
    shown = run("check")

    assert (shown.stdout, shown.exit_code) == ("", 0)
    assert shown.stderr == "3 programs checked: no faults\n"


def test_check_as_json_lists_the_faults(tmp_path):
    write(tmp_path, SMALL.replace("name: Lab", "nmae: Lab"))

    found = json.loads(run("check", "lab", "--json").stdout)

    assert [(one["line"], one["column"], one["key"], one["severity"]) for one in found] == [
        (1, 1, "name", "fault"),
        (3, 1, "nmae", "fault"),
    ]


def test_check_stated_says_which_stages_could_not_run():
    shown = run("check", "apple-aiml-internship", "--stated")

    assert "apple-aiml-internship: completion could not run: it lacks length" in shown.stdout
    assert shown.stderr.endswith("8 stages could not run by what is stated alone\n")
    assert shown.exit_code == 0


def test_show_marks_where_values_come_from():
    rows = json.loads(run("show", "apple-aiml-residency-2020", "--json").stdout)["values"]

    origins = {one["key"]: one["origin"] for one in rows}
    assert origins["length"] == "stated"
    assert origins["roll"] == "assumed"
    assert origins["stages.completion.decide.due"] == "house"


def test_show_is_a_table_for_people():
    shown = run("show", "apple-aiml-residency-2020")

    assert "Origin" in shown.stdout
    assert "values: " in shown.stderr


def test_schedule_takes_the_dates_of_a_cohort(tmp_path):
    write(tmp_path, cohorts={"spring": PEOPLE})

    rows = json.loads(run("schedule", "lab", "--cohort", "spring", "--json").stdout)

    assert [row["date"] for row in rows if row["what"] == "First day"] == ["2027-03-01"]


def test_schedule_may_leave_out_what_is_late(tmp_path):
    write(tmp_path)

    rows = json.loads(run("schedule", "lab", "--start", "2027-03-01", "--prompt", "--json").stdout)

    assert not any(row["late"] for row in rows)


def test_schedule_marks_what_comes_only_while_a_task_is_open(tmp_path):
    write(tmp_path)

    shown = run("schedule", "lab", "--start", "2027-03-01")

    # Some of it comes before the task is due, when nobody is late yet.
    assert " (if still open)" in shown.stdout
    assert "if late" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lab"], "no first day; write --start DATE, as in --start 2027-01-04, or --cohort NAME."),
        (
            ["lab", "--start", "tomorrow"],
            '"tomorrow" is no day for --start; write one like 2026-05-04.',
        ),
    ],
)
def test_schedule_says_what_is_typed_wrong(tmp_path, arguments, sentence):
    write(tmp_path, cohorts={"spring": PEOPLE})

    shown = run("schedule", *arguments)

    # How it looks is the whole command's matter: tests/cli/test_usage.py.
    assert shown.exit_code == 2
    assert sentence in " ".join(shown.stderr.replace("│", " ").split())


def test_schedule_refuses_a_cohort_that_is_not_there(tmp_path):
    write(tmp_path, cohorts={"spring": PEOPLE})

    shown = run("schedule", "lab", "--cohort", "fall")

    assert isinstance(shown.exception, ResidencyError)
    assert str(shown.exception) == '"fall" is no cohort of lab; there are: spring'


def test_schedule_of_a_program_at_fault_shows_the_faults(tmp_path):
    write(tmp_path, SMALL.replace("10 weeks", "10"))

    assert isinstance(run("schedule", "lab", "--start", "2027-03-01").exception, DefinitionError)


@pytest.mark.parametrize("command", ["list", "check", "show", "schedule"])
def test_help_ends_with_an_example(command):
    assert f"Example: residency program {command}" in " ".join(
        run(command, "--help").stdout.split()
    )


def test_schedule_needs_no_server_nor_database():
    code = (
        "import sys; from cli.program import app; app(["
        "'schedule', 'huggingface-ai-research-residency-2022', '--start', '2027-03-01'"
        "], standalone_mode=False); "
        "print([name for name in ('temporalio', 'sqlalchemy') if name in sys.modules])"
    )

    began = time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )

    assert shown.stdout.splitlines()[-1] == "[]"
    # A generous bound for a busy machine; the promise is half a second on a warm one.
    assert time.monotonic() - began < 3


def test_schedule_as_a_calendar_has_every_date_once():
    arguments = ("schedule", "apple-aiml-internship", "--start", "2027-01-04")

    rows = json.loads(run(*arguments, "--json").stdout)
    shown = run(*arguments, "--ics")

    calendar = icalendar.Calendar.from_ical(shown.stdout)
    days = [event.start.isoformat() for event in calendar.events]
    assert calendar["METHOD"] == "PUBLISH"
    assert set(days) == {row["date"] for row in rows}
    assert len({event["UID"] for event in calendar.events}) == len(days)
    assert shown.stdout.isascii()
