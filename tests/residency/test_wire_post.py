"""What a Post is on the wire: letters that differ only in their receiver are one."""

from datetime import UTC, datetime, timedelta

import pytest

from converter import DATA_CONVERTER
from residency.wire import Letter, Line, Post

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
TASK = "interviews/scorecard/research/1"


def letter(to, **more):
    given = {"notice": "scorecard-wanted", "occurrence": f"{TASK}~0", "at": NOW, "task": TASK}
    return Letter(to=to, **{**given, **more})


def post(*letters):
    return Post(residency="r-one", definition="d", now=NOW, letters=list(letters))


def crossed(sent):
    payloads = DATA_CONVERTER.payload_converter.to_payloads([sent])
    return DATA_CONVERTER.payload_converter.from_payloads(payloads, [Post])[0], payloads[0].data


@pytest.mark.parametrize(
    "letters",
    [
        [],
        [letter("p-a")],
        [letter("p-a"), letter("p-b"), letter("p-c", due=NOW)],
        [letter("p-a"), letter("p-b", at=NOW - timedelta(days=1)), letter("p-c")],
        [letter("p-a", data={"minutes": 45}), letter("p-b", data={"minutes": 45})],
        [letter("p-a", lines=[Line(notice="welcome")], not_before=NOW, skip="held")],
    ],
)
def test_post_arrives_as_it_was_sent(letters):
    arrived, _ = crossed(post(*letters))

    assert arrived == post(*letters)


def test_letters_of_one_moment_are_said_once():
    _, data = crossed(post(letter("p-a"), letter("p-b"), letter("p-c")))

    assert data.count(b"scorecard-wanted") == 1
    assert data.count(b"2026-09-01") == 1


def test_a_post_of_an_older_worker_is_read():
    old = post(letter("p-a"), letter("p-b")).model_dump_json()

    assert Post.model_validate_json(old) == post(letter("p-a"), letter("p-b"))
