"""How cohorts open and people apply."""

from datetime import UTC, date, datetime, timedelta

import pytest

from intake import Applicant, Intake
from residency.definition import form_of, load
from residency.errors import ResidencyError
from residency.forms import FormError
from residency.settings import CHECKOUT
from store import Store
from tests.workflows.house import PROGRAMS, cohort_of

FIRST_DAY = date(2027, 3, 1)
IN_TIME = datetime(2026, 12, 1, 10, tzinfo=UTC)
ADA = Applicant(name="Ada Byron", email="ada@example.org", answers={})


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'residency.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def definition():
    return load(PROGRAMS / "tiny", CHECKOUT / "programs")


def opened(store, definition, *, rehearsal=False, **cohort):
    made = cohort_of(**{"name": "one", "first_day": FIRST_DAY, **cohort})
    return Intake(store).open_cohort(definition, made, rehearsal=rehearsal)


def test_cohort_is_opened_once(store, definition):
    first = opened(store, definition)
    second = opened(store, definition)

    assert first.id == second.id
    assert [row.id for row in store.cohorts.list()] == [first.id]
    assert store.definitions.get(first.definition)["program"]["id"] == "tiny"


def test_whoever_has_several_roles_is_one_person(store, definition):
    cohort = cohort_of(name="one", first_day=FIRST_DAY)
    twice = cohort.pools.model_copy(update={"interviewers": cohort.pools.reviewers})
    row = Intake(store).open_cohort(definition, cohort.model_copy(update={"pools": twice}))

    places = store.cohorts.members(row.id)
    reviewers = [place.person for place in places if place.role == "reviewers"]
    interviewers = [place.person for place in places if place.role == "interviewers"]
    assert reviewers == interviewers


def test_application_is_stored_and_the_start_holds_ids_alone(store, definition):
    row = opened(store, definition)

    start = Intake(store).prepare(row, ADA, at=IN_TIME)

    assert store.people.get(start.person).name == "Ada Byron"
    assert store.submissions.get(start.application).form == "application"
    assert start.closes == datetime(2026, 12, 22, tzinfo=UTC)
    assert "Ada" not in start.model_dump_json()
    assert "example.org" not in start.model_dump_json()


def test_rehearsals_ids_are_derived_and_its_people_its_own(store, definition):
    row = opened(store, definition, rehearsal=True)

    first = Intake(store).prepare(row, ADA, at=IN_TIME, line=3)
    again = Intake(store).prepare(row, ADA, at=IN_TIME, line=3)

    assert (first.residency, first.person) == (again.residency, again.person)
    assert store.people.get(first.person).rehearsal == row.id
    assert store.people.by_email("ada@example.org") is None
    assert store.cohorts.list() == []


def test_application_comes_too_late(store, definition):
    row = opened(store, definition)

    with pytest.raises(ResidencyError) as late:
        Intake(store).prepare(row, ADA, at=IN_TIME + timedelta(weeks=8))

    assert str(late.value) == (
        "Applications to one closed at 2026-12-22 00:00 UTC; this one came too late and was not taken."
    )
    assert store.people.by_email("ada@example.org") is None


def test_answers_are_checked_before_anything_is_stored(store, definition):
    row = opened(store, definition)
    form = form_of(store.definitions.get(row.definition), "application")

    with pytest.raises(FormError):
        Intake(store).prepare(row, ADA, at=IN_TIME, form=form)

    assert store.people.by_email("ada@example.org") is None
