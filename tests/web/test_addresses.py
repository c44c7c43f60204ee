"""Corrected addresses: of one's own, by a coordinator, taken by somebody else; and who is told."""

import asyncio

import pytest

from residency.wire import Tag
from store.posting import MailState
from tests.web.desk import Desk
from tests.web.persons import action_in
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.

OLD, NEW = "person0@example.org", "new.person@example.org"
TAKEN = "mentor1@example.org"


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.fixture
async def resident(rehearsal):  # noqa: F811  # As above.
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    return found


def told(store, person):
    """The mails about an address that somebody had: notice and state."""
    rows = store.outbox.list(receiver=person, limit=1000)
    return sorted((row.notice, row.state) for row in rows if row.notice.startswith("address-"))


async def corrected(desk, person, email):
    path = f"{desk.house.links.person(person)}/address"
    action = action_in(await desk.get(path))
    return await desk.post(path, email=email, action=action, step="confirm")


async def test_old_address_is_told_of_the_new_one(desk, resident):
    home = desk.house.links.person(resident.person)

    page = await corrected(desk, resident.person, NEW)
    still = await desk.get(home)

    (mail,) = [each for each in letters(desk) if "was changed" in each]
    assert "Your links still work" in page.text
    assert still.status == 200
    assert told(resident.store, resident.person) == [("address-changed", MailState.SENT)]
    assert f"<{OLD}>" in mail
    assert NEW not in mail


def letters(desk):
    """Every mail that went as a file."""
    return [path.read_text() for path in sorted(desk.house.data.rglob("*.eml"))]


async def test_correction_by_a_coordinator_ends_the_links_in_the_wrong_mailbox(desk, resident):
    links = desk.house.links
    lost = [links.person(resident.person), links.calendar(resident.person)]
    await resident.act("bounced", who=[resident.person], item="welcome")

    _, _, receipt = await desk.do(resident, resident.find("correct-address"), email=NEW)
    dead = [await desk.get(path) for path in lost]
    new = await desk.get(links.person(resident.person))

    assert "Links in earlier mails have ended" in receipt.text
    assert [page.status for page in dead] == [404, 404]
    assert new.status == 200
    assert ("address-corrected", MailState.SENT) in told(resident.store, resident.person)
    assert resident.store.people.get(resident.person).email == NEW


async def test_address_of_somebody_else_is_refused_to_a_coordinator_too(desk, resident):
    await resident.act("bounced", who=[resident.person], item="welcome")
    path = desk.link(resident, resident.find("correct-address"))

    page = await desk.check(path, await desk.get(path), email=TAKEN)

    other = resident.store.people.by_email(TAKEN, rehearsal=resident.start.cohort)
    assert page.status == 422
    assert "That address can&#39;t be used: somebody else has it." in page.text
    assert other.name not in page.text
    assert resident.events(Tag.ADDRESS) == []


@pytest.mark.parametrize("by", ["resident", "coordinator"])
async def test_page_says_so_where_the_record_does_not_take_the_address(
    desk, resident, monkeypatch, by
):
    """Somebody else may get it between the check and the record."""
    for module in ("web.given", "web.saying"):
        monkeypatch.setattr(f"{module}.address_taken", lambda *_: False)
    await resident.act("bounced", who=[resident.person], item="welcome")

    if by == "resident":
        page = await corrected(desk, resident.person, TAKEN)
        said = "That address can&#39;t be used here"
    else:
        _, _, page = await desk.do(resident, resident.find("correct-address"), email=TAKEN)
        said = "But mail still goes to the address of before"

    assert said in page.text
    assert "Your address is changed" not in page.text
    assert "From now on" not in page.text
    assert resident.store.people.get(resident.person).email == OLD
    assert told(resident.store, resident.person) == []


async def test_mentor_corrects_their_own_address_and_nobody_elses(desk, resident):
    mentor = resident.mentor.id
    home = desk.house.links.person(mentor)

    page = await desk.get(home)
    done = await corrected(desk, mentor, NEW)

    assert f'href="{home}/address"' in page.text
    assert "Your address is changed" in done.text
    assert resident.store.people.get(mentor).email == NEW
    assert resident.store.people.get(resident.person).email == OLD


async def test_reviewer_corrects_their_own_address(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    reviewer = (await resident.reach("review")).who[0]

    done = await corrected(desk, reviewer, NEW)

    assert "Your address is changed" in done.text
    assert resident.store.people.get(reviewer).email == NEW


async def test_whoever_has_a_part_in_nothing_has_no_such_page(desk, resident):
    stranger = next(
        one.person
        for one in resident.store.cohorts.members(resident.start.cohort)
        if not any(
            each.person == one.person
            for each in resident.store.lists.residency(resident.id).appointments
        )
    )
    home = desk.house.links.person(stranger)

    pages = await asyncio.gather(desk.get(home), desk.get(f"{home}/address"))

    assert [page.status for page in pages] == [200, 404]
    assert "Correct your address" not in pages[0].text
