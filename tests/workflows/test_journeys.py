"""Whole residencies on a real server; whatever happens to the worker, one record and one set of mails."""

import pytest

from tests.workflows.journeys import (
    HUGGING_FACE,
    PROGRAMS,
    TINY,
    journey,
)

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


@pytest.fixture(scope="session")
def plainly(tmp_path_factory, temporal_binary, empty_database):
    """Runs a program's journey as it is, once in a session; everything else is compared with it."""
    known = {}

    async def run(program):
        if program not in known:
            data = tmp_path_factory.mktemp("plain")
            known[program] = await journey(
                data, program, binary=temporal_binary, empty=empty_database
            )
        return known[program]

    return run


@pytest.fixture
def travel(tmp_path, temporal_binary, empty_database):
    """Runs a journey with other settings, in a place of the test's own."""

    async def run(program, **how):
        return await journey(
            tmp_path / "data", program, binary=temporal_binary, empty=empty_database, **how
        )

    return run


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
        texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert len(texts) >= 2, name
        for text in [mail["Subject"], *texts]:
            assert "residen" not in text.lower(), name


async def test_two_runs_are_equal_mail_by_mail(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE)

    assert_same(again, told)


async def test_journey_without_a_cache_is_the_same(plainly, travel):
    told = await plainly(TINY)

    again = await travel(TINY, cached_workflows=0, record_timeout=60)

    assert_same(again, told)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_hugging_face_without_a_cache_is_the_same(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE, cached_workflows=0, record_timeout=60)

    assert_same(again, told)


async def test_hugging_face_continued_as_new_at_every_boundary_is_the_same(plainly, travel):
    told = await plainly(HUGGING_FACE)

    again = await travel(HUGGING_FACE, force_continue=True)

    assert_same(again, told)


def assert_same(told, expected):
    """The same events, number by number, and the same mails, file by file."""
    for residency, events in expected.record.items():
        for event, wanted in zip(told.record[residency], events, strict=False):
            assert event == wanted
        assert len(told.record[residency]) == len(events)
    assert list(told.mails) == list(expected.mails)
    for name, content in expected.mails.items():
        assert told.mails[name].decode() == content.decode(), name
    assert told == expected
