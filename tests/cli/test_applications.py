"""What commands say of the application page, and how drafts are forgotten."""

from datetime import UTC, datetime

import pytest

from intake import Intake
from residency.definition import load
from residency.settings import CHECKOUT
from store import Store
from store.applications import Application
from tests.cli.commanding import PROGRAM, run

URL = "https://door.example.org"


@pytest.fixture
def data(tmp_path):
    """A folder with the cohort of 2022, which closed long ago, and a draft for it."""
    data = tmp_path / "data"
    data.mkdir()
    store = Store(f"sqlite:///{data / 'residency.db'}")
    store.migrate()
    definition = load(PROGRAM, CHECKOUT / "programs")
    row = Intake(store).open_cohort(definition, definition.cohorts["2022"])
    Intake(store).open_cohort(definition, definition.cohorts["2022"], rehearsal=True)
    now = datetime.now(UTC)
    store.applications.begin(
        Application(id="d-one", cohort=row.id, email="ada@example.org", created=now, changed=now)
    )
    store.close()
    return data


def test_cohort_says_where_its_application_page_is(data):
    shown = run(data, "cohort", "show", "2022", RESIDENCY_PUBLIC_URL=f"{URL}/")
    silent = run(data, "cohort", "show", "2022")

    assert f"applications at {URL}/apply/{PROGRAM}/2022\n" in shown.stdout
    assert "applications at" not in silent.stdout


def test_rehearsals_page_has_a_link_of_its_own(data):
    store = Store(f"sqlite:///{data / 'residency.db'}")
    (rehearsal,) = [row.id for row in store.cohorts.list(rehearsals=True) if row.rehearsal]
    store.close()

    shown = run(data, "cohort", "show", rehearsal, RESIDENCY_PUBLIC_URL=URL)

    assert f"applications at {URL}/a/" in shown.stdout


def test_drafts_are_forgotten_by_a_command(data):
    first = run(data, "apply", "--forget-drafts")
    second = run(data, "apply", "--forget-drafts")

    assert first.stderr == "1 draft deleted.\n"
    assert second.stderr == "There was nothing to forget.\n"
