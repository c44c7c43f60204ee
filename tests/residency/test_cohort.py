import pytest

from residency.definition import draft_of, load
from tests.residency.definitions import PEOPLE, SMALL, write


def faults(folder):
    return [
        str(fault).removeprefix(f"{folder}/cohorts/spring.yaml:")
        for fault in draft_of(folder).faults
    ]


def cohort(root, text, program=SMALL):
    return write(root, program, cohorts={"spring": text})


def test_cohort_is_read_with_its_people(tmp_path):
    found = load(cohort(tmp_path, PEOPLE)).cohorts["spring"]

    assert (found.first_day.isoformat(), found.seats_in_all) == ("2027-03-01", 4)
    assert [one.name for one in found.pools.panelists] == ["Bela Kiss", "Chen Li"]


def test_huggingface_closes_when_its_source_says():
    found = load("huggingface-ai-research-residency-2022").cohorts["2022"]

    assert found.closes.isoformat() == "2022-04-03"


def test_seats_of_tracks_add_up():
    found = load("apple-aiml-internship").cohorts["summer"]

    assert found.seats_in_all == 10


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("2027-03-01", "2027-02-30", '"2027-02-30" is not a date; write one like 2022-04-03'),
        ("name: spring", "name: summer", '"summer" is not the name of its file'),
        ("seats: 4", "seats: 0", '"0" is too small; write at least 1'),
        ("seats: 4", "seats: {research: 1}", '"research" is no track'),
        (
            "ana@example.org",
            "ana.example.org",
            '"ana.example.org" is not an e-mail address; write one like ada@example.org',
        ),
        (
            "ana@example.org",
            "ana@example.org, zone: Mars",
            '"Mars" is not a time zone; write one like Europe/Paris',
        ),
        (
            "chen@example.org",
            "bela@example.org",
            '"bela@example.org" stands there twice',
        ),
        (
            "dora@example.org",
            "bela@example.org",
            '"bela@example.org" is "Bela Kiss" too; an address is one person\'s',
        ),
        (
            "dora@example.org",
            "dora@example.org, tracks: research",
            '"research" is no track',
        ),
        ("  mentors:", "  mentros:", 'unknown key; did you mean "mentors"?'),
        (
            "seats: 4",
            "seats: 4\nopens: 2027-01-05\ncloses: 2027-01-04",
            '"2027-01-04" is before 2027-01-05, when applications open',
        ),
        (
            "seats: 4",
            "seats: 4\ncloses: 2027-03-01",
            '"2027-03-01" is not after 2027-03-01, when people still apply',
        ),
        (
            ", {name: Chen Li, email: chen@example.org}",
            "",
            "1 panelist is too few; a presentation needs 2",
        ),
    ],
)
def test_cohort_at_fault_says_what_is_allowed(tmp_path, old, new, fault):
    found = faults(cohort(tmp_path, PEOPLE.replace(old, new)))

    assert fault in [one.split(": ", 2)[-1] for one in found]


def test_fixed_day_outside_of_a_cohort_is_a_fault(tmp_path):
    program = SMALL.replace("{}", "{presentation: {day: 2028-01-01}}")

    assert faults(cohort(tmp_path, PEOPLE, program)) == [
        "2:12: first_day: the presentation is on 2028-01-01, outside of 2027-03-01 to 2027-05-09"
    ]


def test_role_that_nobody_has_is_a_fault(tmp_path):
    program = SMALL.replace("{}", "{onboarding: {items: [{id: a, by: legal}]}}")

    assert faults(cohort(tmp_path, PEOPLE, program)) == [
        '1:1: others: nobody is "legal"; a task of the program needs one'
    ]


def test_role_of_the_cohort_owns_a_task(tmp_path):
    program = SMALL.replace("{}", "{onboarding: {items: [{id: a, by: legal}]}}")
    people = PEOPLE + "others: {legal: [{name: Lea, email: lea@example.org}]}\n"

    assert faults(cohort(tmp_path, people, program)) == []
