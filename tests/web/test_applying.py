"""The application page, from a draft to a residency that runs; and what changes nothing."""

import asyncio
import threading
from contextlib import AsyncExitStack
from datetime import date, timedelta

from intake import window
from residency.wire import Move
from tests.web.applicants import (
    ADA,
    BASE,
    PLANTED,
    filled,
    mark_of,
    rows_with,
    until,
)
from tests.workflows.house import workers
from wiring import House

# The whole way


async def test_draft_becomes_a_residency_by_the_mailed_link(live, client):
    row = live.open()

    async with AsyncExitStack() as stack:
        await workers(live.house, client, stack)
        path = await live.begin(row, step="save", identity__in_your_words=PLANTED)
        confirmed = await live.post(path, mine="yes")
        draft = await live.get(path)
        sent = await live.send(row, path, identity__in_your_words=PLANTED)
        receipt = await live.get(path)
        (residency,) = await until(lambda: live.store.lists.residencies(cohort=row.id))

    person = live.store.people.by_email(ADA)
    (submission,) = live.store.submissions.of(residency.id)
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, path)
    assert 'value="Ada Lovelace"' in draft.text
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert "Your application is with us" in receipt.text
    assert (person.name, person.zone, residency.person) == (
        "Ada Lovelace",
        "Asia/Tokyo",
        person.id,
    )
    assert submission.answers["full_time"] is True
    assert live.store.applications.waiting() == []


async def test_rehearsal_is_applied_to_by_its_own_link_and_its_mail_goes(live, client):
    first_day = date(2027, 3, 1)
    row = live.open(
        "tiny", name=f"c{live.data.parent.name}", first_day=first_day, opens=0, closes=60,
        rehearsal=True,
    )  # fmt: skip
    begins = window(row).opens + timedelta(days=2, hours=10)
    live.store.cohorts.set_clock(row.id, begins)
    row = live.store.cohorts.get(row.id)
    door = live.house.links.application(row.id).removeprefix(BASE)

    unlisted = await live.get(live.path)
    page = await live.get(door)
    async with AsyncExitStack() as stack:
        await workers(live.house, client, stack)
        path = await live.begin(row, path=door)
        await live.send(row, path)
        (one,) = await until(lambda: live.store.lists.residencies(cohort=row.id))
        residencies = live.house.residencies(client)
        said = await residencies.move_clock(one.id, Move(id="m-0", to=begins))
        while said.next_at is not None and said.next_at < begins + timedelta(days=4):
            said = await residencies.move_clock(one.id, Move(id="m", to=said.next_at))
        await until(lambda: any("has arrived" in subject for subject, _ in live.mails()))

    assert unlisted.status_code == 404
    assert "This is a rehearsal" in page.text
    assert live.store.people.get(one.person).rehearsal == row.id
    assert one.started_at == begins


async def test_server_that_is_away_takes_the_application_and_begins_it_later(
    site, client, dev_server
):
    row = site.open()
    path = await site.begin(row, identity__in_your_words=PLANTED)

    sent = await site.send(row, path, identity__in_your_words=PLANTED)
    receipt = await site.get(path)
    (waiting,) = site.store.applications.waiting()
    house = House(site.house.settings.model_copy(update={"temporal_address": dev_server.address}))
    async with AsyncExitStack() as stack:
        await workers(house, client, stack)
        first = await house.intake.send_waiting(house.residencies(client))
        (residency,) = await until(lambda: site.store.lists.residencies(cohort=row.id))
        second = await house.intake.send_waiting(house.residencies(client))
    house.store.close()

    assert sent.status_code == 303
    assert "Your application is with us" in receipt.text
    assert (first, second, residency.id) == (1, 0, waiting.residency)
    assert rows_with(site.store, PLANTED) == {"identities"}


async def test_identity_stands_apart_and_no_page_shows_it_once_sent(site):
    row = site.open()
    path = await site.begin(row, identity__in_your_words=PLANTED)
    before = rows_with(site.store, PLANTED)

    await site.send(row, path, identity__in_your_words=PLANTED, identity__communities=["woman"])
    receipt = await site.get(path)

    (application,) = site.store.applications.of_address(row.id, ADA)
    assert before == {"applications"}
    assert rows_with(site.store, PLANTED) == {"identities"}
    assert PLANTED not in receipt.text
    assert (application.given, application.identity) == ({"track": ""}, {})
    assert not any(PLANTED.encode() in path.read_bytes() for path in site.data.rglob("*.eml"))


async def test_nobody_need_say_anything_of_their_identity(site):
    row = site.open()
    path = await site.begin(row)

    await site.send(row, path)

    assert site.store.applications.of_address(row.id, ADA)[0].sent is not None
    with site.store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT * FROM identities").all() == []


async def test_double_click_sends_once(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))

    answers = await asyncio.gather(
        *[site.post(path, step="send", sure="yes", mark=mark) for _ in range(3)]
    )
    (application,) = site.store.applications.waiting()

    assert {answer.status_code for answer in answers} == {303}
    assert len(site.store.submissions.of(application.residency)) == 1


async def test_the_slower_click_of_two_sees_what_the_quicker_sent(site, monkeypatch):
    """The slower one has read the application as unsent, and looks then for an earlier one."""
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    intake, applications, sealed = site.house.intake, site.store.applications, threading.Event()
    look, seal, slow = intake.earlier, applications.seal, iter([True])

    def looking(*given, **more):
        if next(slow, False):
            assert sealed.wait(10)
        return look(*given, **more)

    def sealing(*given, **more):
        answer = seal(*given, **more)
        sealed.set()
        return answer

    monkeypatch.setattr(intake, "earlier", looking)
    monkeypatch.setattr(applications, "seal", sealing)
    send = [site.post(path, step="send", sure="yes", mark=mark) for _ in range(2)]
    answers = await asyncio.gather(*send)

    assert {answer.status_code for answer in answers} == {303}
    assert len(applications.waiting()) == 1
    assert len(site.mails()) == 1


# What changes nothing


async def test_opening_and_posting_without_a_choice_change_nothing(site):
    row = site.open()
    path = await site.begin(row)
    (before,) = site.store.applications.of_address(row.id, ADA)

    for _ in range(2):
        await site.get(path)
        await site.browser.head(path)
        await site.browser.post(path, data={})
        await site.post(path, step="confirm")
    await site.browser.post(path, data=filled(site, row, step="send", sure="yes"))

    assert site.store.applications.of_address(row.id, ADA) == [before]
    assert before.confirmed is None


async def test_nothing_is_sent_without_saying_so(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))

    unsure = await site.post(path, step="send", mark=mark)

    assert unsure.status_code == 409
    assert "Please say that you want to send it." in unsure.text
    assert site.store.applications.of_address(row.id, ADA)[0].sent is None


async def test_what_was_changed_meanwhile_is_shown_before_it_is_sent(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    await site.browser.post(path, data=filled(site, row, step="save", name="Ada Byron"))

    stale = await site.post(path, step="send", sure="yes", mark=mark)

    assert stale.status_code == 409
    assert "Ada Byron" in stale.text
    assert "It was changed meanwhile" in stale.text
    assert mark_of(stale) != mark


# Rehearsals


async def test_rehearsal_leads_to_no_page_that_is_nobodys(site):
    site.open("tiny", name="next")
    row = site.open("tiny", rehearsal=True)
    door = site.house.links.application(row.id).removeprefix(BASE)
    path = await site.begin(row, path=door)

    dropped = await site.post(path, mine="no")
    site.store.cohorts.set_clock(row.id, window(row).ends)
    closed = await site.get(door)

    assert "It is deleted" in dropped.text
    assert "Applications are closed" in closed.text
    assert "/apply/" not in dropped.text + closed.text
