"""The tasks that most residencies never see: revisions, terminations, appointments, addresses, endings."""

import shutil
from datetime import timedelta

import pytest

from residency.wire import Tag
from tests.web.desk import Desk, refreshed
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.
from tests.workflows.house import PROGRAMS


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.fixture
async def signing(rehearsal):  # noqa: F811  # As above.
    """A resident whose first report waits for its sign-off."""
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    await found.report("m1")
    return found


async def test_revision_is_asked_for_with_a_reason_and_begins_with_what_was_sent(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    judging = await resident.reach("judge")
    path = desk.link(resident, judging)

    silent = await desk.check(path, await desk.get(path), outcome="revise", reason="")
    await desk.do(resident, judging, outcome="revise", reason="Which craft do you mean?")
    task = resident.find("revise")
    page, check, receipt = await desk.do(resident, task, **{"answer-craft": "Weaving."})
    again = resident.find("judge")
    judged = await desk.get(desk.link(resident, again))

    assert silent.status == 422
    assert "Please say why, in your own words." in silent.text
    assert "Which craft do you mean?" in page.text
    assert "Here is it: evidence of the craft." in page.text
    assert "I have read it over" in check.text
    assert receipt.status == 200
    assert "Weaving." in judged.text
    assert "Which craft do you mean?" in judged.text


async def test_termination_is_proposed_heard_and_confirmed_by_typed_names(desk, signing):
    typed = {"outcome": "changes", "flag": "terminate", "flag-reason": "He has left the city."}
    path = desk.link(signing, signing.find("sign-off m1"))
    proposed = await desk.check(path, await desk.get(path), **typed)
    await desk.confirm(path, proposed)
    await refreshed(signing)
    hearing = signing.find("hearing")
    side, _, _ = await desk.do(signing, hearing, **{"answer-statement": "I will be back."})
    decision, check, receipt = await desk.do(
        signing, signing.find("handle-terminate"), outcome="confirmed", reason="He was heard."
    )

    mentor = signing.store.people.get(signing.roles["mentors"][0]).name
    assert "Type your name to confirm" in proposed.text
    assert "He has left the city." in side.text
    assert mentor not in side.text
    assert "I will be back." in decision.text
    assert mentor in decision.text
    assert "Type your name to confirm" in check.text
    assert receipt.status == 200
    assert signing.said.ended == "terminated"


async def test_extension_is_raised_beside_a_verdict_and_granted(desk, signing):
    typed = {"flag": "extend", "weeks": "2", "flag-reason": "The machine was broken."}
    last = signing.store.lists.residency(signing.id).row.last_day

    await desk.do(signing, signing.find("sign-off m1"), **typed)
    page, _, _ = await desk.do(
        signing, signing.find("handle-extend"), outcome="granted", reason=None
    )
    after = await desk.get(desk.link(signing, await signing.reach("sign-off m2")))

    moved = signing.store.lists.residency(signing.id).row.last_day - last
    assert "The machine was broken." in page.text
    assert moved.days == 14
    assert "At most 2 are left." in after.text


async def test_more_weeks_than_are_left_are_refused_beside_the_field(desk, signing):
    path = desk.link(signing, signing.find("sign-off m1"))

    page = await desk.check(
        path, await desk.get(path), flag="extend", weeks="40", **{"flag-reason": "Long."}
    )

    assert page.status == 422
    assert "Please give a number from 1 to 4." in page.text


async def test_coordinator_appoints_where_the_pool_has_nobody(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cohort={"mentors": 0})
    task = await resident.reach("appoint")
    someone = next(
        one.person
        for one in resident.store.cohorts.members(resident.start.cohort)
        if one.role == "panelists"
    )

    nobody = await desk.check(
        desk.link(resident, task), await desk.get(desk.link(resident, task)), who=[]
    )
    page, check, receipt = await desk.do(resident, task, who=[someone])

    name = resident.store.people.get(someone).name
    assert nobody.status == 422
    assert f"{name} (panelist)" in page.text
    assert f"{name} (panelist)" in check.text
    assert receipt.status == 200
    assert resident.roles["mentors"] == [someone]


async def test_address_that_bounces_is_corrected(desk, signing):
    await signing.act("bounced", who=[signing.person], item="welcome")
    task = signing.find("correct-address")

    path = desk.link(signing, task)
    wrong = await desk.check(path, await desk.get(path), email="nowhere")
    page, _, receipt = await desk.do(signing, task, email="new@example.org")

    assert wrong.status == 422
    assert "person0@example.org" in page.text
    assert receipt.status == 200
    assert signing.store.people.get(signing.person).email == "new@example.org"


async def test_prepared_decision_is_taken_back_and_decided_anew(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    await desk.do(resident, await resident.reach("select"), outcome="reject", reason="Too late.")
    task = resident.find("release")

    page, _, receipt = await desk.do(resident, task, outcome="take-back")

    assert "Too late." in page.text
    assert "Reject" in page.text
    assert "Nobody was told." in receipt.text
    assert resident.find("select") is not None
    assert len(resident.events(Tag.TAKEN_BACK)) == 1


async def test_drafts_that_nobody_can_send_any_more_are_forgotten(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    report = await resident.reach("report m1")
    drafts = resident.store.drafts
    own = (resident.person, resident.id)
    await desk.post(desk.link(resident, report), step="save", **{"answer-done": "Half of it."})
    drafts.put(*own, "concern", {"reason": "Half of it."}, at=resident.now)
    stranger = resident.roles["mentors"][0]
    drafts.put(stranger, resident.id, report.key, {"answer-done": "Mine."}, at=resident.now)

    others = drafts.forget_closed()
    kept = [drafts.get(*own, task) is not None for task in (report.key, "concern")]
    await resident.act("waive", task=report.key, reason="Ill.")
    waived = drafts.forget_closed()
    left = [drafts.get(*own, task) is not None for task in (report.key, "concern")]
    await resident.act("withdraw", actor=resident.person, reason="Bye.")
    ended = drafts.forget_closed()

    assert (others, kept) == (1, [True, True])
    assert (waived, left) == (1, [False, True])
    assert ended == 1


@pytest.mark.parametrize("name", ["email", "clock", "minutes"])
async def test_field_of_a_program_may_have_the_name_of_one_of_ours(desk, rehearsal, tmp_path, name):  # noqa: F811  # As above.
    """Not even beside ours: an interview is scheduled with a form that asks for the same."""
    path = tmp_path / "named"
    shutil.copytree(PROGRAMS / "tiny", path)
    text = (path / "program.yaml").read_text()
    (path / "program.yaml").write_text(text.replace("id: tiny", "id: named", 1))
    (path / "forms").mkdir(exist_ok=True)
    (path / "forms" / "meeting.yaml").write_text(
        f"title: Where\nfields:\n  - {{id: {name}, label: Anything, type: line}}\n"
    )
    resident = await rehearsal.start(str(path))
    task = await resident.reach("schedule-talk")

    pages = await desk.do(resident, task, **{f"answer-{name}": "What I say", "clock": "14:30"})

    assert [page.status for page in pages] == [200, 200, 200]
    assert "What I say" in pages[1].text
    assert resident.find("schedule-talk") is None


async def test_of_several_who_answer_apart_each_asks_for_another_date(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    task = await resident.reach("review")
    first, second = task.who[:2]
    day = f"{task.due + timedelta(days=4):%Y-%m-%d}"
    asking, waiting = (desk.link(resident, task, person) for person in (first, second))

    asked = await desk.post(f"{asking}/later", page="a-1", day=day, reason="I am ill.")
    await refreshed(resident)
    own, other = await desk.get(asking), await desk.get(waiting)
    theirs = await desk.post(f"{waiting}/later", page="a-2", day=day, reason="I am away.")
    again = await desk.post(f"{asking}/later", page="a-3", day=day, reason="Still ill.")
    await refreshed(resident)

    wishes = [event.data["by"] for event in resident.events(Tag.NOTED) if event.data.get("wished")]
    assert "You have asked for another date" in asked.text
    assert "You have asked for another date" in own.text
    assert "asked for another date" not in other.text
    assert f'href="{waiting}/later"' in other.text
    assert "You have asked for another date" in theirs.text
    assert "You have asked already" in again.text
    assert wishes == [first, second]
