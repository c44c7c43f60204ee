"""Whole residencies on a real server; whatever happens to the worker, one record and one set of mails."""

import pytest

from tests.workflows.journeys import HUGGING_FACE, ODD, PROGRAMS, assert_same

pytest_plugins = ("tests.workflows.journeys_fixtures",)

ALL = [
    "application",
    "screening",
    "interviews",
    "selection",
    "offer",
    "onboarding",
    "milestones",
    "presentation",
    "publication",
    "completion",
]


@pytest.mark.parametrize("program", PROGRAMS)
async def test_program_runs_its_whole_length(plainly, program):
    told = await plainly(program)

    assert told.ends == {"completed": 1}
    assert told.stages == [stage for stage in ALL if stage in told.stages]
    assert {"application", "selection", "offer", "milestones", "completion"} <= set(told.stages)


async def test_hugging_face_passes_all_ten_stages(plainly):
    told = await plainly(HUGGING_FACE)

    assert told.stages == ALL


async def test_internship_never_says_the_word_of_another_program(plainly):
    told = await plainly("apple-aiml-internship")

    for name, mail in told.letters().items():
        texts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
        for text in [mail["Subject"], *texts]:
            assert "residen" not in text.lower(), name


async def test_two_runs_are_equal_mail_by_mail(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE)

    assert_same(again, told)


async def test_journey_without_a_cache_is_the_same(plainly, travel):
    told = await plainly(ODD)

    again = await travel(ODD, cached_workflows=0, record_timeout=60)

    assert_same(again, told)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_hugging_face_without_a_cache_is_the_same(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE, cached_workflows=0, record_timeout=60)

    assert_same(again, told)


async def test_hugging_face_continued_as_new_at_every_boundary_is_the_same(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE, force_continue=True)

    assert_same(again, told)


async def test_program_that_nobody_has_seen_runs_to_completion(plainly):
    told = await plainly(ODD)

    assert told.ends == {"completed": 1}
    assert told.stages == [
        "application",
        "selection",
        "offer",
        "onboarding",
        "milestones",
        "completion",
    ]
    asked = {event[5].split("/")[2] for event in told.tags("task:opened")}
    assert {"first-night", "fog", "solstice", "repair", "last-oil"} <= asked


async def test_program_that_nobody_has_seen_speaks_its_own_words(plainly):
    told = await plainly(ODD)

    for name, mail in told.letters().items():
        text = mail.get_body(("plain",)).get_content()
        assert "resident" not in text.lower(), name
        assert "month" not in text.lower(), name
