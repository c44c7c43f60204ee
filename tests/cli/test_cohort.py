"""`residency cohort open`: once it is open its dates stay, and what differs is told."""

import shutil
from datetime import date

import pytest
from typer.testing import CliRunner

from cli.app import app
from residency.settings import CHECKOUT
from store import Store
from tests.cli.commanding import PROGRAM

DATES = ("--opens", "2031-01-01", "--closes", "2031-04-03", "--first-day", "2031-09-01")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of a program, whose files can be changed."""
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path / "var"))
    programs = tmp_path / "programs"
    shutil.copytree(CHECKOUT / "programs" / PROGRAM, programs / PROGRAM)
    shutil.copytree(CHECKOUT / "programs" / "_house", programs / "_house")
    return programs / PROGRAM


def opened(folder, *options):
    return CliRunner().invoke(app, ["cohort", "open", str(folder), "2022", *options])


def dates(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/var/residency.db")
    row = store.cohorts.by_name(PROGRAM, "2022")
    store.close()
    return [row.opens, row.closes, row.first_day]


def test_same_command_again_changes_nothing_and_is_no_fault(folder):
    first, again = opened(folder, *DATES), opened(folder, *DATES)

    assert (first.exit_code, first.stderr) == (0, "Open. Next: residency apply\n")
    assert (again.exit_code, again.stderr) == (0, "It was open already; nothing changed.\n")
    assert again.stdout == first.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            ("--closes", "2031-04-06"),
            (
                '--closes "2031-04-06" was given, and it closes 2031-04-03; nothing was changed. '
                "For other dates, open another cohort, from a file of its own; "
                "`residency apply`, too, takes nobody after the close."
            ),
        ),
        (
            (*DATES[:4], "--first-day", "2031-10-01"),
            (
                '--first-day "2031-10-01" was given, and its first day is 2031-09-01; nothing was '
                "changed. For other dates, open another cohort, from a file of its own; "
                "one residency's first day is moved by `residency act first-day`."
            ),
        ),
        (
            ("--opens", "2031-12-01"),  # After the close: that it is open is said, not that.
            (
                '--opens "2031-12-01" was given, and it opens 2031-01-01; nothing was changed. '
                "For other dates, open another cohort, from a file of its own."
            ),
        ),
    ],
)
def test_another_date_for_an_open_cohort_is_refused(tmp_path, folder, given, told):
    opened(folder, *DATES)

    refused = opened(folder, *given)

    begins = 'The cohort "2022" is open, so its dates can\'t be moved any more: '
    assert (refused.exit_code, str(refused.exception)) == (1, begins + told)
    assert refused.stdout == ""
    assert dates(tmp_path) == [date(2031, 1, 1), date(2031, 4, 3), date(2031, 9, 1)]


def test_file_that_was_changed_since_is_told_and_no_fault(tmp_path, folder):
    opened(folder)
    file = folder / "cohorts" / "2022.yaml"
    text = file.read_text().replace("closes: 2022-04-03", "closes: 2022-04-10")
    file.write_text(text.replace("seats: 6", "seats: 7"))

    again = opened(folder)

    assert (again.exit_code, again.stderr) == (
        0,
        (
            "It was open already; nothing changed. Its file differs (closes 2022-04-10, seats 7); "
            "what it was opened with holds.\n"
        ),
    )
    assert dates(tmp_path)[1] == date(2022, 4, 3)


def test_nobody_is_taken_after_the_close_and_a_dry_run_says_so(folder):
    opened(folder)
    answers = str(CHECKOUT / "docs" / "examples" / "application.yaml")
    whose = ("--name", "Ada Lovelace", "--email", "ada@example.org", "--answers", answers)

    refused = CliRunner().invoke(app, ["apply", *whose, "--dry-run"])

    assert (refused.exit_code, str(refused.exception)) == (
        1,
        (
            "Applications to 2022 closed at 2022-04-03 22:00 UTC; nobody is taken any more. "
            "For whoever comes later, open another cohort: residency cohort open"
        ),
    )


def test_one_seat_is_one_seat(folder):
    file = folder / "cohorts" / "2022.yaml"
    file.write_text(file.read_text().replace("seats: 6", "seats: 1"))

    assert opened(folder).stdout.endswith("2022-09-01, 1 seat\n")
