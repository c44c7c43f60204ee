"""One whole residency by clicking: from the application form to the certificate, out of the mails.

Reviewer, interviewer, mentor, panelist and resident act in a real browser; the coordinator acts by
the command line; the clock is a rehearsal's.
"""

import asyncio
import os
import shutil
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
import uvicorn
from sqlalchemy import select

import ports
from intake import Applicant
from rehearsal.actor import VERBS
from rehearsal.cast import PASSES
from residency.definition import form_of
from residency.settings import CHECKOUT, load
from residency.wire import Move
from store.tables import applications
from tests.browser.people import AXE, Axe, Person, Post
from tests.workflows.house import Rehearsal, Resident, workers
from web.app import make_app
from web.limiting import Limits
from wiring import House

playwright = pytest.importorskip(
    "playwright.async_api", reason="a browser is needed: bin/test --all installs playwright"
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium"),
]

NAME, ADDRESS = "Ada Marker", "ada.marker@example.org"


class Site:
    """An installation with its pages, workers and a rehearsed cohort, all real."""

    def __init__(self, house, client, base):
        self.house, self.base = house, base
        self.rehearsal = Rehearsal(house, client)
        self.residencies = house.residencies(client)
        self.post = Post(house.data)

    def open(self):
        """A cohort that takes applications today."""
        first_day = datetime.now(UTC).date() + timedelta(weeks=16)
        first_day -= timedelta(days=first_day.weekday())
        return self.rehearsal._opened("tiny", first_day, real=False, cohort={})


@asynccontextmanager
async def opened_site(tmp_path, client, task_queue):
    port = ports.free(0)
    base = f"http://127.0.0.1:{port}"
    house = House(load(data=tmp_path, task_queue=task_queue, public_url=base))
    address = client.service_client.config.target_host
    house.connect = lambda: _given(client)
    async with AsyncExitStack() as stack:
        await workers(house, client, stack)
        config = uvicorn.Config(
            make_app(house, limits=Limits({})), port=port, log_config=None, lifespan="on"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # uvicorn offers no event.
            await asyncio.sleep(0.02)
        site = Site(house, client, base)
        site.environment = {
            **os.environ,
            "RESIDENCY_DATA": str(tmp_path),
            "RESIDENCY_TASK_QUEUE": task_queue,
            "RESIDENCY_TEMPORAL_ADDRESS": address,
        }
        try:
            yield site
        finally:
            server.should_exit = True
            await serving
            house.store.close()


async def _given(client):
    return client


@asynccontextmanager
async def browser_page(*, scripts=True, width=1280):
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 900}
        )
        yield await context.new_page()
        await browser.close()


# The application


async def apply_by_page(site, person):
    """From the page of the cohort to a residency that runs; the resident whom the test moves on."""
    row, actor, calendar = site.open()
    answers = {f"answer-{name}": value for name, value in actor.application().items()}
    await person.open(site.house.links.application(row.id))
    await person.fill({"name": NAME, "email": ADDRESS, "zone": "Europe/Lisbon", "locale": "en"})
    await person.fill(answers)
    await person.send("Continue")

    await person.open(await site.post.awaited(ADDRESS, "/a/"))
    await person.fill({"mine": "yes"})
    await person.send("Continue")
    await person.fill({"name": NAME, **answers})
    await person.send("Check your answers")
    assert NAME in await person.text()
    await person.fill({"sure": "yes"})
    await person.send("Send my application")

    running = await begun(site, row)
    start = site.house.intake.taken(
        site.house.store.applications.get(_application_of(site, row, ADDRESS))
    )
    assert start.residency == running.id
    applicant = Applicant(name=NAME, email=ADDRESS, answers=actor.application())
    resident = Resident(
        site.rehearsal, start, applicant, 0, actor=actor, calendar=calendar, cast=()
    )
    await resident.look()
    return resident


async def begun(site, row):
    """The residency that the application became, once its start is recorded."""
    until = monotonic() + 30
    while not (found := site.house.store.lists.residencies(cohort=row.id)):
        assert monotonic() < until, "the application was sent, and no residency began"
        await asyncio.sleep(0.1)
    return found[0]


def _application_of(site, row, address):
    query = select(applications.c.id).where(
        applications.c.cohort == row.id, applications.c.email_key == address
    )
    with site.house.store.database.reading() as connection:
        return connection.execute(query).scalar_one()


# Tasks


async def act_by_page(site, resident, person, task, who):
    """Somebody answers a task from the link in their mail."""
    receiver = site.house.store.people.get(who)
    link = link_of(site, resident, task, receiver)
    if link:
        await person.open(link)
    else:  # It came as a line of another mail; its foot leads to their own page.
        (home, *_) = site.post.links(receiver.email, "/me/")
        await person.open(home)
        await person.page.goto(await _listed(person, task))
    kind = resident.start.plan.kinds[task.kind]
    document = site.house.store.definitions.get(resident.start.plan.definition)
    answers = {}
    if kind.form:
        passing = resident._actor._passing(form_of(document, kind.form))
        answers = {f"answer-{name}": value for name, value in passing.items()}
    await person.fill({**answers, "outcome": PASSES.get(task.kind) or kind.outcomes[0]})
    await person.send("Check your answers")
    await person.fill({"name": receiver.name, "sure": "yes"})
    await person.send("Record it")
    assert "Recorded" in await person.text(), await person.text()


def link_of(site, resident, task, receiver):
    """The link of the mail that asked for it; "" where it was a line of another one."""
    for row in resident.mails(to=receiver.id):
        if row.letter.task == task.key and row.message_id:
            found = site.post.links(receiver.email, "/t/", message_id=row.message_id)
            if found:
                return found[0]
    return ""


async def _listed(person, task):
    key = task.key.replace("/", "~")
    found = person.page.locator(f'main a[href$="{key}"]')
    return person.page.url.split("/me/")[0] + await found.first.get_attribute("href")


async def act_by_command(site, resident, task, who):
    """A coordinator answers by the command line."""
    verb = next((v for k, v in VERBS.items() if task.kind.startswith(k)), "complete")
    options = ["--as", who]
    if verb == "schedule":
        at = resident._actor._slot(task, resident.now)
        options += ["--task", task.key, "--start", f"{at:%Y-%m-%dT%H:%M%z}"]
    elif verb == "decide":
        kind = resident.start.plan.kinds[task.kind]
        options += ["--outcome", PASSES.get(task.kind) or kind.outcomes[0]]
    elif verb == "complete":
        options += ["--task", task.key]
        kind = resident.start.plan.kinds[task.kind]
        if len(kind.outcomes) > 1:
            options += ["--outcome", PASSES.get(task.kind) or kind.outcomes[0]]
    command = [sys.executable, "-c", "from cli import main; main()", "act", verb, resident.id]
    process = await asyncio.create_subprocess_exec(
        *command,
        *options,
        cwd=CHECKOUT,
        env=site.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, f"{verb} {options}: {told.decode()}"


async def catch_up(resident):
    """What the residency says now, after somebody else acted."""
    move = Move(id=f"look-{next(resident._ids)}", to=resident.now)
    await resident._heard(await resident._residencies.move_clock(resident.id, move))
    await resident.settled()
    await resident._heard(
        await resident._residencies.move_clock(
            resident.id, Move(id=f"look-{next(resident._ids)}", to=resident.now)
        )
    )


async def go_through(site, resident, person):
    """Everybody does what waits for them, until the residency has ended; how many pages were sent."""
    coordinators, sent = set(resident.start.coordinators), 0
    while not resident.said.ended:
        waiting = [(task, who) for task in resident.said.open for who in task.who[:1]]
        ready = [pair for pair in waiting if pair[1] in coordinators] or [
            (task, who) for task, who in waiting if has_mail(site, resident, who)
        ]
        if not ready:
            await resident.ring()
            await resident.settled()
            continue
        task, who = ready[0]
        if who in coordinators:
            await act_by_command(site, resident, task, who)
        else:
            await act_by_page(site, resident, person, task, who)
            sent += 1
        await catch_up(resident)
    return sent


def has_mail(site, resident, who):
    """Whether anything at all came to them: then they know where their page is."""
    receiver = site.house.store.people.get(who)
    return bool(site.post.links(receiver.email, "/me/"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_residency_from_the_application_form_to_the_certificate(
    tmp_path, client, task_queue, scripts
):
    if scripts and not AXE.exists():
        pytest.skip("axe-core is needed: npm ci in tests/js")
    axe = Axe() if scripts else None
    async with (
        opened_site(tmp_path, client, task_queue) as site,
        browser_page(scripts=scripts) as page,
    ):
        person = Person(page, axe=axe)
        resident = await apply_by_page(site, person)

        sent = await go_through(site, resident, person)
        ended = await resident.ended()
        (home, *_) = site.post.links(ADDRESS, "/me/")
        await person.open(home)

        assert ended == "completed"
        assert "completed" in (await person.text()).lower()
        assert "completed" in resident.notices()
        done = [event for event in resident.events("task:done") if event.data["by"] != ""]
        theirs = [e for e in done if e.data["by"] not in resident.start.coordinators]
        assert sent >= len(theirs) > 12
        assert person.faults == []


async def test_sign_off_by_keyboard_alone(tmp_path, client, task_queue):
    async with opened_site(tmp_path, client, task_queue) as site, browser_page(width=360) as page:
        resident = await site.rehearsal.start("residence", applicant=Applicant(NAME, ADDRESS))
        task = await resident.reach("sign-off m1")
        await resident.settled()
        mentor = task.who[0]

        await act_by_page(site, resident, Person(page, by_keyboard=True), task, mentor)
        await catch_up(resident)

        (event,) = [e for e in resident.events("task:done") if e.task == task.key]
        assert (event.actor, event.data["outcome"]) == (mentor, "approved")
        assert resident.notices(to=mentor).count("receipt") == 1


async def test_page_is_as_wide_as_a_phone(tmp_path, client, task_queue):
    async with opened_site(tmp_path, client, task_queue) as site, browser_page(width=360) as page:
        resident = await site.rehearsal.start("residence", applicant=Applicant(NAME, ADDRESS))
        task = await resident.reach("sign-off m1")
        links = [
            site.house.links.task(resident.id, task.key, task.who[0]),
            site.house.links.person(task.who[0]),
            site.house.links.person(resident.person),
            f"{site.base}/link",
            f"{site.base}/t/none",
        ]

        for link in links:
            await page.goto(link)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, link
