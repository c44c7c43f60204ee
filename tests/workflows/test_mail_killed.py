"""The mail process dies at each point, times each kind of answer, under real residencies.

By the provider's log, the outbox, the record and the histories: nothing is lost, nothing comes twice
without a mark, and all say the same. One process has the mails of many residencies on their way; it
is killed when each of them is at the point.
"""

import asyncio
from copy import deepcopy
from dataclasses import replace

import pytest

from residency.wire import Tag
from store.posting import MailState
from tests.mail.fake_sendgrid import ANSWERS
from tests.mail.killing import POINTS as OF_THE_OUTBOX
from tests.workflows.mail_child import COMPLETED
from tests.workflows.mail_histories import check_fate
from tests.workflows.mail_killing import ASKED, RESENT, all_fates
from workflows.post import NOTICE

POINTS = (*OF_THE_OUTBOX, COMPLETED)
DIAGONAL = {
    point: ANSWERS[(place + 5) % len(POINTS) :: len(POINTS)] for place, point in enumerate(POINTS)
}
"""Every point and every answer; where the answer is not read, one was taken and one was not."""


@pytest.fixture(scope="module")
def run(tmp_path_factory, dev_server, empty_database):
    def run(answers, *, at_once):
        data = {point: tmp_path_factory.mktemp(point.replace(" ", "-")) for point in answers}
        fates = all_fates(
            answers, data=data, server=dev_server, empty=empty_database, at_once=at_once
        )
        return asyncio.run(fates)

    return run


@pytest.fixture(scope="module")
def diagonal(run):
    return run(DIAGONAL, at_once=len(POINTS))


@pytest.fixture(scope="module")
def matrix(run):
    return run(dict.fromkeys(POINTS, ANSWERS), at_once=3)


def assert_proven(fates, point, answer):
    of_both = [fates[program, answer] for program in (RESENT, ASKED) if (program, answer) in fates]
    assert len(of_both) == (1 if point == POINTS[0] else 2)
    for fate in of_both:
        first = fate.posts[0]
        assert check_fate(fate) == []
        # The server gave the first mails to another process, unless it knew what came of them.
        assert first.attempts > 1 or point == COMPLETED
        assert len(fate.rows) >= len(first.letters)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("point", "answer"), [(point, answer) for point, some in DIAGONAL.items() for answer in some]
)
def test_killed_at_each_point_and_with_each_answer(diagonal, point, answer):
    assert_proven(diagonal[point], point, answer)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_with_any_answer(matrix, point, answer):
    assert_proven(matrix[point], point, answer)


def test_what_was_claimed_and_not_reported_goes_once_more_with_a_mark_or_is_told(diagonal):
    """The provider took the first mail and the process died before it read so."""
    resent, asked = (diagonal["request written"][program, 202] for program in (RESENT, ASKED))

    assert {(row.state, row.again) for row in resent.rows} == {(MailState.SENT, 1)}
    assert len(resent.log) == len(resent.rows) + 1
    assert [(row.notice, row.state) for row in asked.rows if row.notice != NOTICE] == [
        ("offer", MailState.UNKNOWN)
    ]
    assert [entry.taken for entry in asked.log] == [True] * 3  # The offer, and two coordinators.


def _first_sent(fate, **change):
    place = next(place for place, row in enumerate(fate.rows) if row.state is MailState.SENT)
    rows = list(fate.rows)
    rows[place] = replace(rows[place], **change)
    return replace(fate, rows=rows)


def _with_another_id(fate):
    entry = deepcopy(fate.log[0])
    entry.body["headers"]["Message-ID"] = "<other>"
    return replace(fate, log=[*fate.log, entry])


FAULTS = {
    "a copy": (
        lambda fate: replace(fate, log=[*fate.log, fate.taken[0]]),
        {"copied without a mark", "asked too often", "asked more often than tried"},
    ),
    "no request": (lambda fate: replace(fate, log=[]), {"lost", "said to be sent"}),
    "left": (
        lambda fate: _first_sent(fate, state=MailState.SENDING),
        {"left", "told otherwise"},
    ),
    "said to have failed": (
        lambda fate: _first_sent(fate, state=MailState.FAILED),
        {"said to be failed", "not told", "told otherwise"},
    ),
    "said to be skipped": (
        lambda fate: _first_sent(fate, state=MailState.SKIPPED),
        {"said to be skipped", "skipped without a reason"},
    ),
    "no row": (
        lambda fate: replace(fate, rows=fate.rows[1:]),
        {"without a row", "sent without a row"},
    ),
    "no letter": (
        lambda fate: replace(fate, posts=fate.posts[1:]),
        {"from nowhere", "lost", "not told", "recorded otherwise"}
        | {"coordinators were told otherwise"},
    ),
    "no answer": (
        lambda fate: replace(fate, posts=[*fate.posts[:-1], replace(fate.posts[-1], said=None)]),
        {"kept", "told otherwise"},
    ),
    "asked again": (
        lambda fate: replace(fate, posts=[*fate.posts, fate.posts[-1]]),
        {"posted after its end"},
    ),
    "not tried": (
        lambda fate: replace(fate, posts=[replace(post, attempts=0) for post in fate.posts]),
        {"asked more often than tried"},
    ),
    "not recorded": (
        lambda fate: replace(
            fate, events=[event for event in fate.events if event.tag is not Tag.UNDELIVERED]
        ),
        {"recorded otherwise"},
    ),
    "no coordinator": (
        lambda fate: replace(
            fate, posts=[post for post in fate.posts if post.letters[0].notice != NOTICE]
        ),
        {"from nowhere", "coordinators were told otherwise"},
    ),
    "another Message-ID": (
        _with_another_id,
        {"other Message-ID", "asked too often", "asked more often than tried"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_checker_sees_each_fault(diagonal, fault):
    change, kinds = FAULTS[fault]
    fate = diagonal[COMPLETED][RESENT, 413]
    # A process that was starved of its core may have lost its first try: one is what was needed.
    fate = replace(fate, posts=[replace(post, attempts=1) for post in fate.posts])
    assert check_fate(fate) == []

    faults = check_fate(change(fate))

    assert {fault.partition(":")[0] for fault in faults} == kinds
