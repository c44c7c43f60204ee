"""A command waits for what it has caused, and says truly why it waits no longer."""

from datetime import UTC, date, datetime

import pytest

from cli.settling import settled
from client import RefusedError
from residency.errors import UnavailableError
from residency.wire import Exit, View


class Residencies:
    """Answers one after the other, the last one for good."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def view(self, _residency):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_view(**more):
    day = date(2026, 5, 4)
    now = datetime(2026, 5, 2, 12, tzinfo=UTC)
    return View(residency="r-1", stage="offer", now=now, first_day=day, last_day=day, **more)


async def said(residencies, capsys, *, seconds=20.0):
    await settled(residencies, ["r-1"], seconds=seconds)
    return capsys.readouterr().err


async def test_mail_that_waits_for_monday_is_not_waited_for(capsys):
    ended = a_view(ended=Exit.WITHDRAWN, unsent=3, kept=3)

    assert await said(Residencies(ended), capsys) == ""


async def test_record_and_mail_on_their_way_are_waited_for(capsys):
    residencies = Residencies(a_view(unrecorded=1), a_view(unsent=1), a_view())

    assert await said(residencies, capsys) == ""
    assert len(residencies.answers) == 1


@pytest.mark.parametrize("code", ["ended", "not-found"])
async def test_what_is_over_has_settled(capsys, code):
    assert await said(Residencies(RefusedError("over", code=code)), capsys) == ""


async def test_residency_that_is_busy_is_not_said_to_lack_a_worker(capsys):
    told = await said(Residencies(a_view(unsent=1)), capsys, seconds=0)

    assert told == "r-1: recorded; what follows from it, such as mail, is still under way.\n"


async def test_missing_worker_is_said(capsys):
    told = await said(Residencies(UnavailableError("no answer")), capsys, seconds=0)

    assert told == (
        "r-1: recorded; no worker answers now, and the rest follows when one runs: "
        "residency worker\n"
    )
