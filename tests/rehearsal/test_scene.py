"""The scene of a rehearsal: what can't be played is refused before anything starts."""

from datetime import UTC, date, datetime

import pytest

from intake import Applicant, Intake
from rehearsal.driver import Options
from rehearsal.scene import applies_on, check_goes_on, scene
from rehearsal.script import read_script
from residency.errors import ResidencyError
from residency.settings import CHECKOUT
from tests.workflows.house import PROGRAMS

TINY = PROGRAMS / "tiny"
WRITTEN = CHECKOUT / "programs" / "huggingface-ai-research-residency-2022"
ADA = Applicant(name="Ada Adams", email="ada@example.org")
BO = Applicant(name="Bo Berg", email="bo@example.org")


def scene_of(program, **options):
    return scene(read_script(program, CHECKOUT / "programs"), Options(program=program, **options))


def refusal_of(program, **options):
    with pytest.raises(ResidencyError) as error:
        scene_of(program, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("2023", '; did you mean "2022"?'), ("nope", "; its folder cohorts/ has 2022.")],
)
def test_a_cohort_that_is_not_written_is_refused(name, hint):
    assert refusal_of(WRITTEN, cohort=name) == f'{WRITTEN.name} has no cohort "{name}"{hint}'


def test_a_cohort_that_is_written_has_its_dates():
    cohort, _ = scene_of(WRITTEN, cohort="2022")

    assert cohort.name == f"{WRITTEN.name}-2022"
    assert cohort.first_day == scene_of(WRITTEN)[0].first_day


def test_a_made_up_cohort_may_have_any_name():
    cohort, _ = scene_of(TINY, cohort="spring")

    assert cohort.name == "tiny-spring"


def test_an_end_before_the_first_application_is_refused():
    cohort, people = scene_of(WRITTEN)
    first = applies_on(cohort, 0, len(people))

    sentence = refusal_of(WRITTEN, until=date(2001, 1, 1))

    assert sentence == f"--until 2001-01-01 is before the first application, {first}."


def test_it_may_end_on_the_day_of_the_first_application():
    cohort, people = scene_of(WRITTEN)

    again, _ = scene_of(WRITTEN, until=applies_on(cohort, 0, len(people)))

    assert again == cohort


@pytest.fixture
def under_way(store):
    """Takes up a rehearsal that Ada and Bo were begun with, with other options."""
    script = read_script(TINY, CHECKOUT / "programs")
    intake = Intake(store)
    cohort, _ = scene(script, Options(program=TINY))
    row = intake.open_cohort(script.definition, cohort, rehearsal=True)
    for number, person in enumerate((ADA, BO)):
        at = datetime.combine(applies_on(cohort, number, 2), datetime.min.time(), UTC)
        intake.prepare(row, person, at=at, line=number)

    def goes_on(people, **options):
        cohort, _ = scene(script, Options(program=TINY, **options))
        check_goes_on(store, row, cohort, people)

    return goes_on


def test_it_goes_on_with_the_same_dates_and_people(under_way):
    under_way([ADA, BO])


def test_other_dates_are_refused(under_way):
    with pytest.raises(ResidencyError) as error:
        under_way([ADA, BO], start=date(2031, 3, 3))

    assert str(error.value) == (
        "A rehearsal of it is under way with the first day 2026-09-01; "
        "repeat it with --start 2026-09-01 to go on, or add --discard to begin anew."
    )


@pytest.mark.parametrize("people", [[BO, ADA], [ADA, Applicant(name="Cy", email="cy@example.org")]])
def test_other_people_are_refused(under_way, people):
    with pytest.raises(ResidencyError, match=r"under way with other people; .* add --discard"):
        under_way(people)
