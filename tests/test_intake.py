"""How cohorts open and people apply."""

from datetime import UTC, date, datetime, timedelta

import pytest

from intake import KEPT, Applicant, Intake, address_faults, person_faults, window
from mail.message import is_address
from residency.definition import form_of, load
from residency.errors import ResidencyError
from residency.forms import FormError
from residency.settings import CHECKOUT
from store.applications import Application
from tests.workflows.house import PROGRAMS, cohort_of

FIRST_DAY = date(2027, 3, 1)
IN_TIME = datetime(2026, 12, 1, 10, tzinfo=UTC)
ADA = Applicant(name="Ada Byron", email="ada@example.org", answers={})


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


def test_window_goes_by_the_days_of_the_programs_zone(store, definition):
    limited = window(opened(store, definition))
    unlimited = window(opened(store, definition, name="two", opens=None, closes=None))

    assert limited.opens == datetime(2026, 10, 11, 23, tzinfo=UTC)
    assert limited.closes == limited.ends == datetime(2026, 12, 22, tzinfo=UTC)
    assert (unlimited.opens, unlimited.closes) == (None, None)
    assert unlimited.ends == datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "early", "late"),
    [
        (datetime(2026, 10, 11, 22, 59, 59, tzinfo=UTC), True, False),
        (datetime(2026, 10, 11, 23, tzinfo=UTC), False, False),
        (datetime(2026, 12, 21, 23, 59, 59, tzinfo=UTC), False, False),
        (datetime(2026, 12, 22, tzinfo=UTC), False, True),
    ],
)
def test_window_is_open_from_its_first_moment_to_its_last(store, definition, at, early, late):
    found = window(opened(store, definition))

    assert (found.is_early(at), found.is_late(at)) == (early, late)


def test_one_person_applies_once(store, definition):
    row = opened(store, definition)
    first = sent(store, row)
    Intake(store).taken(first)

    with pytest.raises(ResidencyError) as second:
        Intake(store).prepare(row, ADA, at=IN_TIME)

    assert str(second.value) == (
        f'"ada@example.org" has applied to one already: {first.residency}; '
        "one application a person and cohort."
    )


def test_sent_application_is_stored_once_however_often_it_is_taken(store, definition):
    row = opened(store, definition)
    application = sent(store, row)

    first = Intake(store).taken(application)
    again = Intake(store).taken(store.applications.get(application.id))

    assert first == again
    assert (first.residency, first.started) == (application.residency, application.sent)
    assert store.people.get(first.person).name == "Ada Byron"
    assert [one.answers for one in store.submissions.of(first.residency)] == [{"craft": "mine"}]
    assert store.applications.get(application.id).given == {"track": ""}


def test_drafts_are_forgotten_when_their_time_is_over(store, definition):
    row = opened(store, definition)
    store.applications.begin(begun(row))
    over = datetime(2026, 12, 22, tzinfo=UTC) + KEPT

    assert Intake(store).forget_drafts(at=over - timedelta(seconds=1)) == 0
    assert Intake(store).forget_drafts(at=over) == 1
    assert store.applications.get("d-one") is None


@pytest.mark.parametrize(
    ("changed", "faulty"),
    [
        ({}, []),
        ({"name": " "}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"name": "two\nlines"}, ["name"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": "a@b.org\r\nBcc: c@d.org"}, ["email"]),
        ({"zone": "Mars/Olympus"}, ["zone"]),
        ({"track": "cooking"}, ["track"]),
        ({"name": "", "email": "", "track": ""}, ["name", "email", "track"]),
    ],
)
def test_faults_of_a_person_are_told_by_field(changed, faulty):
    values = {"name": "Ada", "email": "ada@example.org", "track": "research", **changed}

    found = person_faults(Applicant(**values), tracks=["research", "engineering"])

    assert list(found) == faulty


def begun(row, **more):
    return Application(
        id="d-one", cohort=row.id, email=ADA.email, created=IN_TIME, changed=IN_TIME, **more
    )


def sent(store, row):
    """An application that was sent and has not begun to run."""
    given = {"name": "Ada Byron", "track": "", "answers": {"craft": "mine"}}
    application = begun(row, given=given, identity={"words": "apart"})
    store.applications.begin(application)
    store.applications.confirm(application.id, at=IN_TIME)
    return store.applications.seal(application, residency="r-one", at=IN_TIME)


def test_address_that_was_not_given_is_said_to_be_missing():
    faults = person_faults(Applicant(name="Ada", email=" "), tracks=[])

    assert faults == {"email": "the address is missing"}


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "a.b+c@example.org",
        "jörg@example.org",
        "ada@exämple.org",
        "用户@例え.jp",
        '"a b"@example.org',
        "ada@straße.de",
        "ada@-a-.org",
        "ada@example",
        "😀@example.org",
        "ada@😀.la",
        f"{'a' * 65}@example.org",
    ],
)
def test_only_addresses_that_our_mails_reach_are_taken(address):
    assert bool(address_faults(address)) or is_address(address)


def test_address_that_no_mail_reaches_is_told_in_a_sentence():
    (sentence,) = address_faults("jörg@example.org")

    assert sentence == (
        '"jörg@example.org" is no address: Internationalized characters before the @-sign are not '
        "supported: 'ö'"
    )
