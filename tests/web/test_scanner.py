"""Mail scanners open links, run scripts and send forms; nothing may come of it, on any page."""

from datetime import UTC, datetime

import pytest

from residency.wire import State
from tests import crowd
from tests.web.applicants import ADA, filled, page_text
from tests.web.browsing import HOST
from tests.web.crowded import NUMBER
from tests.web.desk import Desk
from tests.web.scanner import Markup, Scanner, dump
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.

RESIDENT, MENTOR, RESIDENCY = crowd.resident(NUMBER), crowd.mentor(NUMBER), crowd.residency(NUMBER)
AT = datetime(2027, 6, 1, tzinfo=UTC)
WAYS = {
    "as it stands": {},
    "hidden fields only": {"is_bare": True},
    "every button": {"every_button": True},
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


async def scanned(browser, paths, way):
    """Scans twice; the scanner of the second time."""
    for _ in range(2):
        scanner = Scanner(browser, **way)
        await scanner.scan(*paths)
    return scanner


def worst(scanner):
    return max(status for statuses in scanner.answers.values() for status in statuses)


async def test_scanner_of_everybodys_mail_changes_nothing(few, way):
    paths = few.paths
    before = dump(few.store)

    scanner = await scanned(few, [*paths.values(), "/link"], way)

    assert dump(few.store) == before
    assert worst(scanner) < 500
    assert len(scanner.answers) > 60
    opened = [await few.get(path) for path in paths.values() if "/calendar" not in path]
    assert {page.status for page in opened} == {200}


async def test_scanner_sends_no_draft(few, way):
    """What somebody has begun stands in the fields, and is still theirs to send."""
    report = {
        f"answer-{name}": str(value)
        for name, value in few.store.submissions.get(f"s-{NUMBER:08d}").answers.items()
    }
    drafts = {
        (RESIDENT, crowd.REPORT): report,
        (MENTOR, crowd.SIGN_OFF): {"outcome": "approved"},
        (RESIDENT, "withdraw"): {"reason": "A job.", "name": "Person 1"},
        (RESIDENT, "concern"): {"reason": "Nobody answers."},
        (RESIDENT, "correct-address"): {"email": "new@example.org"},
    }
    for (person, task), typed in drafts.items():
        few.store.drafts.put(person, RESIDENCY, task, typed, at=AT)
    paths = few.paths
    before = dump(few.store)

    scanner = await scanned(few, paths.values(), way)

    assert dump(few.store) == before
    assert worst(scanner) < 500
    for path in (paths["/me/{token}/concern/{residency}"], paths["/me/{token}/address"]):
        assert [status for status in scanner.answers["POST", path] if status == 422]


async def test_scanner_of_an_applicants_mail_changes_nothing(site, way):
    browser = Applicant(site)
    row = site.open()
    unconfirmed = await site.begin(row, email="bob@example.org")
    confirmed = await site.begin(row)
    await site.post(confirmed, mine="yes")
    await site.browser.post(confirmed, data=filled(site, row, step="save"))
    before = dump(site.store)

    scanner = await scanned(browser, [site.path, unconfirmed, confirmed], way)
    after = dump(site.store)
    sent = await site.browser.post(confirmed, data=filled(site, row))

    assert after == before
    assert worst(scanner) < 500
    assert "Check" in page_text(sent)
    assert len(site.mails(ADA)) == 1


class Applicant:
    """Somebody who has begun to apply, as a scanner's browser."""

    def __init__(self, site):
        self._site = site

    async def send(self, method, path, fields=()):
        if method != "POST":
            answer = await self._site.browser._ask(method, path)
        else:
            sent = {}
            for name, value in fields:
                sent.setdefault(name, []).append(value)
            answer = await self._site.browser.post(path, data=sent)
        return Answer(answer)


class Answer:
    def __init__(self, page):
        self.status, self.text, self.headers = page.status_code, page.text, page.headers


class Mailbox(Desk):
    """A desk whose scanner reads everybody's mail."""

    async def send(self, method, path, fields=()):
        if method == "POST":
            sent = {}
            for name, value in fields:
                sent.setdefault(name, []).append(value)
            return await self.post(path, **sent)
        return await self._ask(method, path, headers={"Host": HOST})


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_kind_of_task_is_scanned_and_then_still_done_by_its_page(rehearsal, client):  # noqa: F811  # As above.
    desk = Mailbox(rehearsal, client)
    resident = await rehearsal.start("tiny")
    done = {}

    while not resident.said.ended:
        task = next((one for one in resident.said.open if one.kind not in done), None)
        if task is None or (task.kind == "select" and task.item):
            await resident.step()
            continue
        await resident.settled()
        links = [desk.link(resident, task, who) for who in task.who]
        links += [desk.house.links.person(who) for who in task.who]
        before = dump(resident.store)
        scanner = await scanned(desk, links, {})
        assert dump(resident.store) == before, task.key
        assert worst(scanner) < 500, task.key
        pages = await desk.do(resident, task)
        assert [page.status for page in pages] == [200, 200, 200], task.key
        done[task.kind] = task.key
        await resident.settled()
        before = dump(resident.store)
        await scanned(desk, links[:1], {})  # With a button to take it back.
        assert dump(resident.store) == before, task.key

    rows = {row.key: row for row in resident.store.lists.residency(resident.id).tasks}
    assert len(done) > 8
    assert {rows[key].state for key in done.values()} == {State.DONE}


async def test_scanner_finds_what_a_form_would_send():
    """The scanner itself: were it blind, every test above would pass."""
    page = (
        '<a href="/me/x#top">me</a><form method="post" action="/t/x">'
        '<input type="hidden" name="page" value="1"><input type="radio" name="outcome" value="yes">'
        '<input type="checkbox" name="sure" value="yes" checked><textarea name="reason">\nWhy</textarea>'
        '<select name="zone"><option value="a"><option value="b" selected></select>'
        '<button name="step" value="check">Check</button></form>'
    )

    (form,) = Markup(page).forms

    assert form.fields == [("page", "1"), ("sure", "yes"), ("reason", "Why"), ("zone", "b")]
    assert form.hidden == [("page", "1")]
    assert form.buttons == [("step", "check")]
