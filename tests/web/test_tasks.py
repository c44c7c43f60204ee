"""One page per task: every kind of three programs is done by its page, on a real server."""

import re
from datetime import date

import pytest

from residency.cohort import PoolMember
from residency.wire import State
from tests.web.desk import Desk
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.
from tests.workflows.house import FIRST_DAY

RARE = {
    "correct-address",
    "handle-concern",
    "handle-date",
    "handle-extend",
    "handle-terminate",
    "hearing",
}
"""What flags and mail that comes back open; they have tests of their own."""


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


def faults(page):
    """The ids of the inputs that a page finds fault with."""
    return re.findall(r'<li><a href="#([^"]+)">', page.text)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("program", "first_day", "but"),
    [
        ("tiny", FIRST_DAY, {"revise", "appoint", "decide-presentation", "decide-end"}),
        ("odd", date(2027, 9, 6), {"decide-screening", "appoint", "decide-end"}),
        (
            "huggingface-ai-research-residency-2022",
            FIRST_DAY,
            {"appoint", "decide-presentation", "decide-end"},
        ),
        ("apple-aiml-internship", FIRST_DAY, {"appoint", "decide-end"}),
        (
            "apple-aiml-residency-2020",
            FIRST_DAY,
            {"revise", "appoint", "decide-presentation", "decide-end"},
        ),
    ],
)
async def test_every_kind_is_done_by_its_page(desk, rehearsal, program, first_day, but):  # noqa: F811  # As above.
    harbor = [PoolMember(name="Harbor Master", email="harbor@example.org")]
    resident = await rehearsal.start(
        program, first_day=first_day, cohort={"others": {"harbor": harbor}}
    )
    done = {}

    while not resident.said.ended:
        task = next((one for one in resident.said.open if one.kind not in done), None)
        if task is None or (task.kind == "select" and task.item):
            await resident.step()
            continue
        pages = await desk.do(resident, task)
        assert [page.status for page in pages] == [200, 200, 200], (task.key, faults(pages[1]))
        done[task.kind] = task.key

    rows = {row.key: row for row in rehearsal.store.lists.residency(resident.id).tasks}
    asked = set(rehearsal.store.cohorts.get(resident.start.cohort).plan["kinds"]) - RARE
    assert asked - set(done) == but, " ".join([str(resident.said.ended), *done])
    assert {rows[key].state for key in done.values()} == {State.DONE}
