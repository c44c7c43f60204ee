"""What a task's page shows to whom, and that reading it changes nothing."""

import re
from contextvars import ContextVar

from sqlalchemy import event

from tests.web.desk import Form
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    desk,
    done,
    house,
    rehearsal,
    resident,
    rows,
    scheduling,
    settings,
    signing,
)


async def test_page_says_who_whose_what_and_by_when(desk, signing):  # noqa: F811  # The fixtures.
    task = signing.find("sign-off m1")
    page = await desk.get(desk.link(signing, task))

    mentor = signing.store.people.get(task.who[0]).name
    assert f"You are {mentor}" in page.text
    assert "Person 0" in page.text
    assert "<h1>Sign-off: First</h1>" in page.text
    assert re.search(r"<dt>Until</dt><dd><time [^>]*>[^<]*23:59 \(Lisbon time\)</time>", page.text)
    assert "The first experiments ran and their results are written up." in page.text
    assert "checked" not in page.text


async def test_reading_changes_nothing(desk, signing):  # noqa: F811  # The fixtures.
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    own = desk.house.links.person(task.who[0])
    long = f"{own}/task/{signing.id}/{task.key.replace('/', '~')}"
    before = rows(signing.store)

    answers = [
        await ask(one)
        for one in (path, f"{path}/later", f"{path}/undo", long, f"{long}/later")
        for ask in (desk.get, desk.head)
    ]

    assert {answer.status for answer in answers} == {200}
    assert rows(signing.store) == before


async def test_links_of_both_kinds_show_the_same_task(desk, signing):  # noqa: F811  # The fixtures.
    task = signing.find("sign-off m1")
    short = await desk.get(desk.link(signing, task))
    own = desk.house.links.person(task.who[0])
    long = await desk.get(f"{own}/task/{signing.id}/{task.key.replace('/', '~')}")

    assert Form(short.text).controls.keys() == Form(long.text).controls.keys()
    assert f'href="{own}"' in long.text
    assert "/me/" not in short.text


async def test_a_program_that_opens_links_and_sends_their_forms_records_nothing(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    before = rows(resident.store)

    for step in ("check", "confirm", "save", "edit", "", "nonsense"):
        page = await desk.get(path)
        await desk.post(path, **Form(page.text).as_it_stands(), step=step)
    for button in ("undo", "later"):
        await desk.post(f"{path}/{button}", page="a-1")

    assert rows(resident.store) == before
    assert (await desk.do(resident, task))[-1].status == 200


async def test_a_draft_is_not_recorded_by_a_program_that_sends_forms(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    await desk.post(path, **desk.filled(await desk.get(path), {}), step="save")

    page = await desk.get(path)
    check = await desk.post(path, **Form(page.text).as_it_stands(), step="check")
    sent = await desk.post(path, **Form(check.text).as_it_stands(), step="confirm")

    assert (check.status, sent.status) == (200, 422)
    assert "Please say that you have read it over." in sent.text
    assert done(resident, task.key) == []


async def test_a_page_costs_a_fixed_number_of_queries(desk, signing):  # noqa: F811  # The fixtures.
    @event.listens_for(signing.store.database.engine, "before_cursor_execute")
    def note(*given):
        if counted.get() is not None and given[2].startswith("SELECT"):
            counted.get().append(given[2])

    async def cost(what):
        path = desk.link(signing, signing.find(what))
        counted.set([])
        page = await desk.get(path)
        return len(counted.get()), page

    early, _ = await cost("sign-off m1")
    await signing.reach("sign-off m3")
    late, page = await cost("sign-off m3")

    assert (early, late) == (QUERIES, QUERIES)
    assert len(page.text) < 100_000


counted = ContextVar("counted", default=None)
"""The statements of a request: it runs in the test's context, and what the workers do does not."""


QUERIES = 15
"""What one task's page asks the database for, whatever has happened before."""
