"""Cast files: what may be written, and what is said of the rest."""

from datetime import UTC, datetime

import pytest

from rehearsal.cast import read_cast
from rehearsal.script import read_script
from residency.errors import ResidencyError
from residency.settings import CHECKOUT
from residency.wire import OpenTask
from tests.workflows.house import PROGRAMS

TINY = PROGRAMS / "tiny"
HUGGING_FACE = "huggingface-ai-research-residency-2022"
AT = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a cast file of that text for a program."""
    monkeypatch.chdir(tmp_path)

    def read(text, *, program=TINY):
        file = tmp_path / "cast.yaml"
        file.write_text(text)
        return read_script(program, CHECKOUT / "programs", cast=file).cast

    return read


def played(cast, key, *, who=(), of=()):
    _, kind, item, _ = key.split("/")
    task = OpenTask(key=key, kind=kind, item=item, who=["p-a"], opened=AT, due=None)
    return cast.part_for(task, residency="r-a", who=set(who), of=set(of)).do


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        (
            "{when: ofer, do: declined}",
            '1:10: when: "ofer" is no task, item or stage of this program; did you mean "offer"?',
        ),
        (
            "{when: report mm3}",
            '1:10: when: "mm3" is no task, item or stage of this program; did you mean "m3"?',
        ),
        (
            "{when: offer, do: decline}",
            (
                '1:21: do: "decline" can\'t be done there; write accepted, declined, concern, flag, '
                'withdraw or nothing; did you mean "declined"?'
            ),
        ),
        (
            "{when: report, late: a fortnight}",
            '1:24: late: "a fortnight" is not a span; write 14 days, 2 weeks or P14D',
        ),
        ("{who: 4}", '1:9: who: "4" is not a text; put it in quotes'),
        (
            "{who: mentor, when: sign_off, do: changes}",
            (
                '1:9: who: "mentor" is nobody here; write a role (resident, reviewers, interviewers, '
                "panelists, mentors or coordinators), a name or an address; did you mean "
                '"mentors"?'
            ),
        ),
        (
            "{of: 13, when: offer, do: declined}",
            (
                '1:8: of: "13" is no applicant here; write a number up to 12, a name or an address; '
                'did you mean "3"?'
            ),
        ),
        ("{times: -1}", '1:11: times: "-1" is too small; write at least 0'),
        ("{wen: offer}", '1:4: wen: unknown key; did you mean "when"?'),
        (
            "{do: flag, flag: extension}",
            (
                '1:20: flag: "extension" is no flag; write concern, extend or terminate; '
                'did you mean "extend"?'
            ),
        ),
        ("declined", "1:3: not a mapping; write {who: ..., when: ..., do: ...}"),
    ],
)
def test_fault_says_where_and_what(read, part, fault):
    with pytest.raises(ResidencyError) as error:
        read(f"- {part}")

    assert str(error.value).splitlines() == [f"cast.yaml:{fault}", "1 fault; nothing was started"]


def test_what_is_near_nothing_is_told_with_all_that_is_allowed(read):
    with pytest.raises(ResidencyError) as error:
        read("- {when: nowhere}")

    told = str(error.value).splitlines()[0]
    assert told.startswith(
        'cast.yaml:1:10: when: "nowhere" is no task, item or stage of this program; stages are '
        "application, screening, interviews, selection, offer, onboarding, milestones, "
        "presentation, publication, completion; tasks are "
    )
    assert ", report, sign-off, " in told


def test_keys_of_a_program_file_name_its_tasks(read):
    cast = read("- {when: sign_off, do: changes}")

    assert played(cast, "milestones/sign-off/m2/1") == "changes"


def test_resident_may_leave_whoever_was_asked(read):
    cast = read("- {who: mentors, when: sign_off, do: withdraw}")

    assert played(cast, "milestones/sign-off/m2/1", who=["mentors"]) == "withdraw"


def test_people_and_cast_are_checked_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cast.yaml").write_text("- {when: ofer}\n")
    (tmp_path / "people.yaml").write_text("- {name: '', email: a@example.org}\n")

    with pytest.raises(ResidencyError) as error:
        read_script(
            TINY,
            CHECKOUT / "programs",
            people=tmp_path / "people.yaml",
            cast=tmp_path / "cast.yaml",
        )

    lines = str(error.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "cast.yaml",
        "people.yaml",
        "2 faults; nothing was started",
    ]


@pytest.mark.parametrize(
    "when",
    [
        "milestones",
        "report",
        "report m2",
        "m2",
        "judge",
        "item-desk",
        "desk",
        "waitlist-1",
        "decide",
        "handle-extend",
        "schedule-talk",
        "appoint mentors",
        "milestones/report/m1/1",
    ],
)
def test_every_way_to_name_a_task_is_taken(read, when):
    read(f"- {{when: {when}, do: nothing}}")


def test_first_part_that_matches_is_played(read):
    cast = read(
        "- {of: 2, when: offer, do: declined}\n"
        "- {who: mentors, when: sign-off m1, do: changes, times: 1}\n"
        "- {when: sign-off, do: nothing}\n"
    )

    assert played(cast, "offer/offer//1", of={"2"}) == "declined"
    assert played(cast, "offer/offer//1", of={"3"}) == ""
    signed = [played(cast, "milestones/sign-off/m1/1", who={"mentors"}) for _ in range(2)]
    assert signed == ["changes", "nothing"]


def test_the_demos_cast_fits_its_program():
    cast = CHECKOUT / "programs" / "_house" / "casts" / "demo.yaml"

    read_script(HUGGING_FACE, CHECKOUT / "programs", cast=cast)


def test_without_a_file_everybody_passes():
    cast, faults = read_cast(None)

    assert (played(cast, "offer/offer//1"), faults) == ("", [])
