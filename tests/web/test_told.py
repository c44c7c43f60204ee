"""Nobody reads on a page what no mail has told them yet: how their residency has ended."""

from datetime import timedelta

import pytest

from residency.wire import Exit, State, Tag
from store.holds import Hold, Scope
from store.mails import Settled
from store.posting import MailState
from tests.web.desk import Desk
from tests.web.persons import action_in
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.

WORDS = ("not selected", "ended", "Ended", "nothing more is asked", "Nothing more is asked")


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.fixture
async def rejected(rehearsal):  # noqa: F811  # As above.
    """Somebody whose rejection is decided and released, while notices are on hold."""
    found = await rehearsal.start("tiny")
    task = await found.reach("select")
    await found.act("decide", task=task.key, outcome="reject", reason="No seat.")
    await found.act("hold")
    while not found.said.ended:
        await found.ring() if found.find("release") is None else await _release(found)
    await found.settled()
    assert found.said.ended == Exit.REJECTED
    return found


async def _release(found):
    await found.act("release", task=found.find("release").key)


def mail_of(resident, notice):
    (row,) = [one for one in resident.mails(to=resident.person) if one.notice == notice]
    return row


def send(store, row):
    """Somebody sends a held mail by hand."""
    assert store.outbox.open_by_hand(row.key, "by hand")
    settled = Settled(key=row.key, state=MailState.SENT)
    assert store.outbox.settle_many("by hand", [settled]) == {row.key}


async def test_rejection_is_on_no_page_before_its_mail_went(desk, rejected):
    links = desk.house.links
    me = links.person(rejected.person)
    row = mail_of(rejected, "rejected")
    paths = [me, f"{me}/r/{rejected.id}", f"{me}/withdraw/{rejected.id}", f"{me}/address"]

    before = [await desk.get(path) for path in paths]
    feed = await desk.get(links.calendar(rejected.person))
    send(rejected.store, row)
    after = [await desk.get(path) for path in paths]

    assert row.state is MailState.HELD
    assert [page.status for page in before] == [200] * len(paths)
    assert [[word for word in WORDS if word in page.text] for page in before] == [[]] * len(paths)
    assert "Now: selection" in before[0].text
    assert feed.status == 200
    assert "This application was not selected" in after[0].text
    assert "Nothing to withdraw from" in after[2].text
    assert "This has ended" in after[3].text


async def test_what_is_refused_meanwhile_does_not_say_why(desk, rejected):
    path = f"{desk.house.links.person(rejected.person)}/withdraw/{rejected.id}"
    action = action_in(await desk.get(path))

    page = await desk.post(path, reason="A job", name="Person 0", action=action)

    assert page.status == 409
    assert "It can&#39;t be recorded here just now" in page.text
    assert [word for word in WORDS if word in page.text] == []
    assert rejected.events(Tag.ENDED)[0].data["how"] == Exit.REJECTED


async def test_discarded_mail_keeps_nothing_back(desk, rejected):
    me = desk.house.links.person(rejected.person)
    row = mail_of(rejected, "rejected")

    assert rejected.store.outbox.move(row.key, MailState.DISCARDED)
    page = await desk.get(me)

    assert "This application was not selected" in page.text


async def test_end_of_a_residency_leaves_its_pages_and_feed_as_they_stood(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    task = await resident.reach("report m1")
    links = desk.house.links
    me, feed = links.person(resident.person), links.calendar(resident.person)
    path = desk.link(resident, task)
    resident.store.holds.add(
        Hold(scope=Scope.COHORT, name=resident.start.cohort, since=resident.now)
    )
    before = await desk.get(feed)
    await resident.act("finish", reason="She found work.")
    await resident.settled()

    own, report, later = await desk.get(me), await desk.get(path), await desk.get(feed)
    row = mail_of(resident, "completed-early")
    send(resident.store, row)
    told = await desk.get(me)

    closed = next(
        one for one in resident.store.lists.residency(resident.id).tasks if one.key == task.key
    )
    assert (row.state, closed.state) == (MailState.HELD, State.WAIVED)
    assert "Now: milestones; 0 of 4 milestones done" in own.text
    assert "has ended" not in own.text + report.text
    assert "This is not needed any more" in report.text
    assert "Last day" in before.text
    assert "Last day" in later.text
    assert "You completed the" in told.text


async def test_whoever_withdrew_knows_it_at_once(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    resident.store.cohorts.set_clock(resident.start.cohort, resident.now + timedelta(hours=1))

    await resident.act("withdraw", actor=resident.person, reason="A job.")
    page = await desk.get(desk.house.links.person(resident.person))

    assert "It ended on" in page.text
