"""What pages say is true for whoever reads it, and holds no code of ours."""

import pytest

from residency.titles import KINDS
from tests.web.desk import Desk
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.
from web.titles import title_of


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.mark.parametrize(
    ("what", "opens"), [("item-contract", True), ("item-problem", False), ("item-desk", False)]
)
async def test_only_what_something_depends_on_is_said_to_open_it(desk, rehearsal, what, opens):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")

    _, _, receipt = await desk.do(resident, await resident.reach(what))

    assert receipt.status == 200
    assert ("What depends on it opens now." in receipt.text) is opens


@pytest.mark.parametrize(("milestone", "signed"), [("m1", True), ("fair", False)])
async def test_only_what_is_signed_off_is_said_to_be(desk, rehearsal, milestone, signed):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")

    _, _, receipt = await desk.do(resident, await resident.reach(f"report {milestone}"))

    assert receipt.status == 200
    assert ("it is read and signed off" in receipt.text) is signed


async def test_reviewer_is_told_who_reads_the_review(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    task = await resident.reach("review")

    first, _, receipt = await desk.do(resident, task)

    assert "Coordinators alone read yours; other reviewers don&#39;t." in receipt.text
    assert "<dt>Cohort</dt>" in first.text


async def test_faults_are_in_the_title_and_required_boxes_are_marked(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cohort={"mentors": 0})
    path = desk.link(resident, await resident.reach("appoint"))

    page = await desk.get(path)
    faulty = await desk.check(path, page, who=[])

    assert "<title>Appoint mentors" in page.text
    assert "<title>Error: Appoint mentors" in faulty.text
    assert "(required: at least one)</span></legend>" in page.text


@pytest.mark.parametrize(
    ("kind", "item", "said"),
    [
        ("correct-address", "p-givq6fnz", "Correct an address"),
        ("handle-extend", "2", "Decide on an extension"),
        ("check-date", "fair", "Look at a date again: The fair"),
        ("select", "", "Decide on a place"),
        ("select", "waitlist-1", "Decide on a place from the waitlist"),
        ("select", "waitlist-2", "Decide on a place from the waitlist (2)"),
        ("appoint", "interviewers.talk", "Appoint interviewers talk"),
    ],
)
def test_title_of_a_task_has_no_code_in_it(kind, item, said):
    document = {"titles": {"kinds": KINDS, "items": {"fair": "The fair"}}}

    assert title_of(document, kind, item=item, round_=1) == said
