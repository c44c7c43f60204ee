"""The door's main paths on PostgreSQL: a task's page, people's own pages, applications, links, calendars."""

import os
import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import make_url

from residency.settings import load
from residency.wire import State
from store import Store
from store.tables import metadata
from tests.store.cluster import binaries, cluster
from tests.store.conftest import WITHOUT, _run
from tests.web.applicants import ADA, NOWHERE, Site, filled, mark_of, page_text
from tests.web.desk import Desk, refreshed
from tests.workflows.conftest import house, rehearsal  # noqa: F401  # Fixtures.


@pytest.fixture(scope="module")
def postgresql():
    """The address of a migrated database of ours; a cluster of our own if need be."""
    if given := os.environ.get("RESIDENCY_TEST_POSTGRES"):
        yield from _database(given)
    elif (found := binaries()) is None:
        pytest.skip(WITHOUT)
    else:
        with cluster(found) as address:
            yield from _database(address)


def _database(server):
    name = f"residency_door_{os.getpid()}"
    _run(server, f'CREATE DATABASE "{name}"')
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    store = Store(url)
    store.migrate()
    store.close()
    yield url
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(postgresql):
    yield postgresql
    _run(postgresql, f"TRUNCATE {', '.join(metadata.tables)}")


@pytest.fixture
def settings(tmp_path, task_queue, database):
    return load(data=tmp_path, task_queue=task_queue, database_url=database)


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.mark.timeout(600)
async def test_every_task_of_a_residency_is_done_by_its_page(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    done = {}

    while not resident.said.ended:
        task = next((one for one in resident.said.open if one.kind not in done), None)
        if task is None:
            await resident.step()
            continue
        pages = await desk.do(resident, task)
        assert [page.status for page in pages] == [200, 200, 200], task.key
        done[task.kind] = task.key

    rows = {row.key: row for row in rehearsal.store.lists.residency(resident.id).tasks}
    assert rehearsal.store.database.engine.dialect.name == "postgresql"
    assert {rows[key].state for key in done.values()} == {State.DONE}
    assert len(done) > 10


async def test_draft_undo_and_another_date(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    report = await resident.reach("report m1")
    path = desk.link(resident, report)
    later = f"{report.due + timedelta(days=5):%Y-%m-%d}"

    kept = await desk.post(
        path, step="save", **{"answer-done": "Half of it, \u00fc and \U0001f916."}
    )
    draft = await desk.get(path)
    asked = await desk.post(f"{path}/later", page="a-1", day=later, reason="I am ill.")
    await refreshed(resident)
    _, _, receipt = await desk.do(resident, report)
    undone = await desk.post(f"{path}/undo", page="a-2", sure="yes")

    assert "Kept as a draft" in kept.text
    assert "Half of it, \u00fc and \U0001f916." in draft.text
    assert "You have asked for another date" in asked.text
    assert "Was that a mistake?" in receipt.text
    assert "It is open again" in undone.text


async def test_people_read_their_pages_and_calendars_and_speak_on_them(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    links, person = desk.house.links, resident.person
    home = links.person(person)

    pages = [
        await desk.get(links.person(one))
        for one in (person, resident.roles["mentors"][0], resident.start.coordinators[0])
    ]
    again = await desk.post(f"{home}/calendar", keep="yes")
    calendar = await desk.get(links.calendar(person))
    action = re.search(r'name="action" value="([^"]+)"', (await desk.get(f"{home}/address")).text)[
        1
    ]
    moved = await desk.post(f"{home}/address", email="n@example.org", action=action, step="confirm")
    raised = await desk.post(f"{home}/concern/{resident.id}", reason="The desk.", action="a-3")
    dead = await desk.get("/t/forged")

    assert [page.status for page in pages] == [200, 200, 200]
    assert again.status == 303
    assert len(Calendar.from_ical(calendar.text).walk("VEVENT")) > 3
    assert "Your address is changed" in moved.text
    assert "Your concern is on its way" in raised.text
    assert dead.status == 404
    assert resident.store.people.get(person).email == "n@example.org"


async def test_application_is_begun_kept_confirmed_and_sent_once(tmp_path, database):
    site = Site(tmp_path, database_url=database, temporal_address=NOWHERE, record_timeout=0.5)
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    saved = await site.browser.post(path, data=filled(site, row, step="save", name="Ada L."))
    checked = await site.browser.post(path, data=filled(site, row))
    for _ in "ab":
        sent = await site.post(path, step="send", sure="yes", mark=mark_of(checked))

    page = await site.get(path)
    again = await site.post("/link", email=ADA)

    applied = site.store.applications.of_address(row.id, ADA)
    site.store.close()
    assert "Saved" in saved.text
    assert sent.status_code == 303
    assert "Your application is with us" in page_text(page)
    assert again.status_code == 200
    assert [one.sent is not None for one in applied] == [True]
