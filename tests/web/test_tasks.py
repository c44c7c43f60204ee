"""One page per task: every kind of three programs is done by its page, on a real server."""

import pytest

from residency.wire import State, Tag
from tests.web.desk import Desk, Form, refreshed
from tests.workflows.conftest import empty_database, house, rehearsal, settings  # noqa: F401  # Fixtures.

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


@pytest.mark.parametrize(
    ("program", "but"),
    [
        ("tiny", {"revise", "release", "appoint", "decide-presentation", "decide-end"}),
        ("odd", {"release", "revise", "appoint", "decide-end"}),
        (
            "huggingface-ai-research-residency-2022",
            {"release", "revise", "appoint", "decide-presentation", "decide-end"},
        ),
    ],
)
async def test_every_kind_is_done_by_its_page(desk, rehearsal, program, but):  # noqa: F811  # As above.
    resident = await rehearsal.start(program)
    done = {}

    while not resident.said.ended:
        task = next((one for one in resident.said.open if one.kind not in done), None)
        if task is None or (task.kind == "select" and task.item):
            await resident.step()
            continue
        pages = await desk.do(resident, task)
        assert [page.status for page in pages] == [200, 200, 200], (task.key, pages[-1].text)
        done[task.kind] = task.key

    rows = {row.key: row for row in rehearsal.store.lists.residency(resident.id).tasks}
    asked = set(rehearsal.store.cohorts.get(resident.start.cohort).plan["kinds"]) - RARE
    assert asked - set(done) == but, " ".join([str(resident.said.ended), *done])
    assert {rows[key].state for key in done.values()} == {State.DONE}
