"""The application page, from a draft to a residency that runs; and everything that is refused."""

import asyncio
import re
import shutil
import threading
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache
from html import unescape
from time import monotonic
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from intake import KEPT, Applicant, window
from mail.direct import DirectMail
from residency.definition import load as load_definition
from residency.forms import sample_answers
from residency.settings import CHECKOUT, load
from residency.wire import Move
from store import Store
from store.applications import Application
from store.tables import metadata
from tests.web.asking import ask
from tests.workflows.house import HUGGING_FACE, cohort_of, program_path, workers
from web.app import make_app
from web.calls import call_of, zones
from web.limiting import Limits
from wiring import House

BASE = "https://door.example.org"
ADA = "ada@example.org"
PLANTED = "planted words about an identity"
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "residency.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@dataclass(frozen=True)
class Page:
    status_code: int
    text: str
    headers: dict


class Browser:
    """Asks the application as a browser does that shows its pages."""

    def __init__(self, app):
        self._app = app

    async def get(self, path):
        return await self._ask("GET", path)

    async def head(self, path):
        return await self._ask("HEAD", path)

    async def post(self, path, data, *, boundary=""):
        if boundary:
            body = _multipart(data, boundary)
            type_ = f"multipart/form-data; boundary={boundary}"
        else:
            body = urlencode(data, doseq=True).encode()
            type_ = "application/x-www-form-urlencoded"
        headers = {"Content-Type": type_, "Content-Length": str(len(body)), "Origin": BASE}
        return await self._ask("POST", path, body=body, headers=headers)

    async def _ask(self, method, path, **more):
        headers = {"Host": BASE.removeprefix("https://"), **more.pop("headers", {})}
        answer, _ = await ask(self._app, method, path, headers=headers, **more)
        return Page(answer.status, answer.body, answer.headers)


def _multipart(data, boundary):
    """A form with its fields, and a file in place of each whose value is bytes."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        + ('; filename="a.txt"\r\n\r\n' if isinstance(value, bytes) else "\r\n\r\n")
        + (value.decode() if isinstance(value, bytes) else str(value))
        for name, value in data.items()
    ]
    return ("\r\n".join(parts) + f"\r\n--{boundary}--\r\n").encode()


class Site:
    """An installation with its pages, as somebody sees it who gets its mails."""

    def __init__(self, data, **settings):
        self.data = data
        values = {"data": data, "public_url": BASE, "record_timeout": 10.0, **settings}
        self.house = House(load(**values))
        self.store = self.house.store
        self.use(Limits({}))

    def use(self, limits):
        app = make_app(self.house, limits=limits)
        self.browser = Browser(app)

    def open(
        self,
        program=HUGGING_FACE,
        *,
        opens=-5,
        closes=10,
        rehearsal=False,
        change=lambda one: one,
        **more,
    ):
        """A cohort that opens and closes so many days from now."""
        today = datetime.now(UTC).date()
        definition = change(definition_of(program))
        cohort = cohort_of(
            name=more.pop("name", "one"),
            first_day=more.pop("first_day", today + timedelta(days=150)),
            opens=None if opens is None else today + timedelta(days=opens),
            closes=None if closes is None else today + timedelta(days=closes),
            **more,
        )
        row = self.house.intake.open_cohort(definition, cohort, rehearsal=rehearsal)
        self.path = f"/apply/{row.program}/{row.name}"
        return row

    async def get(self, path):
        return await self.browser.get(path)

    async def post(self, path, **typed):
        fields = {name.replace("__", "-"): value for name, value in typed.items()}
        return await self.browser.post(path, data=fields)

    def mails(self, to=ADA):
        """Every mail to an address, the oldest first: its subject and its text."""
        found = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(self.data.rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        ]
        return [
            (mail["subject"], mail.get_body(("plain",)).get_content())
            for mail in found
            if to in str(mail["to"])
        ]

    def link(self, to=ADA):
        """The path that the newest mail to an address leads to."""
        return re.findall(rf"{BASE}(/a/\S+)", self.mails(to)[-1][1])[-1]

    async def begin(self, row, *, step="check", path="", **typed):
        """Fills in the page and posts it; what the mailed link leads to."""
        answer = await self.browser.post(
            path or self.path, data=filled(self, row, step=step, **typed)
        )
        assert answer.status_code == 200, page_text(answer)
        return self.link(typed.get("email", ADA))

    async def send(self, row, path, **typed):
        """Confirms, checks and sends by a mailed link; the last answer."""
        await self.post(path, mine="yes")
        checked = await self.browser.post(path, data=filled(self, row, **typed))
        return await self.post(path, step="send", sure="yes", mark=mark_of(checked))


@cache
def definition_of(program):
    return load_definition(program_path(program), CHECKOUT / "programs")


def filled(site, row, *, step="check", **typed):
    """A whole application as a browser posts it."""
    call = call_of(site.store, row)
    answers = {
        f"answer-{name}": "yes" if value is True else value
        for name, value in sample_answers(call.form).items()
        if value is not False
    }
    about = {"name": "Ada Lovelace", "email": ADA, "zone": "Asia/Tokyo", "locale": "en"}
    named = {name.replace("__", "-"): value for name, value in typed.items()}
    return {"step": step, "draft": "d-one", **about, **answers, **named}


def mark_of(page):
    return re.search(r'name="mark" value="([^"]+)"', page.text)[1]


def page_text(page):
    """What a page says, without its markup."""
    text = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(text).split())


def rows_with(store, text):
    """The names of the tables that hold a text anywhere."""
    found = set()
    with store.database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                if text in repr(tuple(row)):
                    found.add(table.name)
    return found


@pytest.fixture
def data(tmp_path, template):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(template, data / "residency.db")
    return data


@pytest.fixture
async def site(data):
    """With no Temporal server."""
    made = Site(data, temporal_address=NOWHERE, record_timeout=0.5)
    yield made
    made.store.close()


@pytest.fixture
async def live(data, dev_server, task_queue):
    """With a real one; `workers` are the test's own."""
    made = Site(data, temporal_address=dev_server.address, task_queue=task_queue)
    yield made
    made.store.close()


async def until(look, *, seconds=30):
    """What `look` finds, as soon as it finds something."""
    end = monotonic() + seconds
    while monotonic() < end:
        if found := look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


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


# Whose address it is


async def test_stranger_neither_reads_nor_changes_a_confirmed_application(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    kept = site.store.applications.of_address(row.id, ADA)

    answer = await site.browser.post(
        site.path, data=filled(site, row, name="Mallory", draft="d-two")
    )
    same_page = await site.browser.post(site.path, data=filled(site, row, name="Mallory"))
    found = site.store.applications.of_address(row.id, ADA)

    assert found[0] == kept[0]
    assert [one.confirmed is None for one in found] == [False, True]
    assert "Ada Lovelace" not in answer.text + same_page.text


async def test_owner_of_two_chooses_which_one_goes_on(site):
    row = site.open()
    first = await site.begin(row)
    await site.post(first, mine="yes")
    second = await site.begin(row, name="Ada B.", draft="d-two")

    asked = await site.get(second)
    chosen = await site.post(second, mine="yes")
    dead = await site.get(first)

    (left,) = site.store.applications.of_address(row.id, ADA)
    assert "You have another application with this address" in page_text(asked)
    assert (chosen.status_code, dead.status_code) == (303, 404)
    assert left.given["name"] == "Ada B."


async def test_owner_of_two_goes_on_with_the_older_one(site):
    row = site.open()
    first = await site.begin(row)
    await site.post(first, mine="yes")
    second = await site.begin(row, name="Ada B.", draft="d-two")

    chosen = await site.post(second, mine="other")
    page = await site.get(chosen.headers["location"])

    (left,) = site.store.applications.of_address(row.id, ADA)
    assert left.given["name"] == "Ada Lovelace"
    assert 'value="Ada Lovelace"' in page.text


async def test_whoever_did_not_begin_it_deletes_it(site):
    row = site.open()
    path = await site.begin(row)

    gone = await site.post(path, mine="no")

    assert "It is deleted" in gone.text
    assert site.store.applications.of_address(row.id, ADA) == []
    assert (await site.get(path)).status_code == 404


async def test_owner_deletes_a_draft_only_by_saying_so(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")

    unsure = await site.post(path, step="drop")
    kept = site.store.applications.of_address(row.id, ADA)
    await site.post(path, step="drop", gone="yes")

    assert "Delete this application" in unsure.text
    assert len(kept) == 1
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_first_mail_greets_nobody_by_what_a_stranger_typed(site):
    row = site.open()

    await site.begin(row, name="evil.example is waiting for you")

    (subject, text) = site.mails()[-1]
    assert "please confirm your address" in subject
    assert "evil" not in text


# The same answer, whether an address is known or not


async def test_answer_is_the_same_for_a_known_address_whose_mail_says_so(site):
    row = site.open()
    applicant = Applicant(name="Ada", email=ADA)
    site.house.intake.prepare(row, applicant, at=datetime.now(UTC), residency="r-known")
    _started_before(site, row)

    known = await site.browser.post(site.path, data=filled(site, row))
    other = await site.browser.post(site.path, data=filled(site, row, email="new@example.org"))

    assert _less(known, ADA) == _less(other, "new@example.org")
    assert [subject for subject, _ in site.mails()] == [
        "Your application to the 🤗 AI Research Residency Program is with us already"
    ]
    assert "please confirm" in site.mails("new@example.org")[0][0]
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_link_is_sent_again_and_the_answer_is_the_same_for_nobody(site):
    row = site.open()
    now = datetime.now(UTC)
    site.store.applications.begin(
        Application(id="d-one", cohort=row.id, email=ADA, created=now, changed=now)
    )

    known = await site.post(site.path, step="link", again=ADA.upper())
    nobody = await site.post(site.path, step="link", again="nobody@example.org")

    assert _less(known, ADA.upper()) == _less(nobody, "nobody@example.org")
    assert "Is it yours?" in (await site.get(site.link())).text
    assert len(site.mails()) == 1
    assert site.mails("nobody@example.org") == []


async def test_sent_application_is_not_sent_twice(site):
    row = site.open()
    path = await site.begin(row)
    await site.send(row, path)

    again = await site.browser.post(site.path, data=filled(site, row, draft="d-two"))

    assert again.status_code == 200
    assert "is with us already" in site.mails()[-1][0]
    assert len(site.store.applications.of_address(row.id, ADA)) == 1


async def test_somebody_who_applied_by_another_way_meanwhile_sends_no_second_one(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    applicant = Applicant(name="Ada", email=ADA)
    site.house.intake.prepare(row, applicant, at=datetime.now(UTC), residency="r-known")
    _started_before(site, row)

    await site.post(path, step="send", sure="yes", mark=mark)

    assert site.store.applications.of_address(row.id, ADA) == []
    assert "is with us already" in site.mails()[-1][0]


def _started_before(site, row):
    """The residency r-known, as if its record had begun."""
    person = site.store.people.by_email(ADA)
    with site.store.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO residencies (id, cohort, person, definition, next_at) VALUES (?, ?, ?, ?, NULL)",
            ("r-known", row.id, person.id, row.definition),
        )


def _less(answer, address):
    return answer.status_code, re.sub(r'nonce="[^"]+"', "", answer.text).replace(address, "")


# Limits


async def test_client_is_written_for_a_few_times_an_hour_and_loses_nothing(site):
    row = site.open()
    site.use(Limits())

    answers = [
        await site.browser.post(
            site.path, data=filled(site, row, step="save", email=f"a{number}@example.org")
        )
        for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert 'value="Ada Lovelace"' in answers[-1].text
    assert site.mails("a20@example.org") == []


async def test_address_is_written_to_three_times_an_hour_and_nobody_is_told(site):
    row = site.open()
    site.use(Limits())

    answers = [
        await site.browser.post(site.path, data=filled(site, row, draft=f"d-{number}"))
        for number in range(5)
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert len(site.mails()) == 3
    assert len(site.store.applications.of_address(row.id, ADA)) == 3


# Too early, too late, elsewhere, nowhere


async def test_too_early_says_when_it_opens(site):
    row = site.open(opens=3)

    page = await site.get(site.path)
    posted = await site.post(site.path, step="save", email=ADA)

    assert page.status_code == 200
    assert "when that day begins in Paris. Come back then" in page_text(page)
    assert f'datetime="{row.opens}"' in page.text
    assert (posted.status_code, site.mails()) == (409, [])
    assert "<form" not in page.text


async def test_too_late_says_when_it_closed_and_what_is_open(site):
    site.open(name="next")
    row = site.open(opens=-20, closes=-1)

    page = await site.get(site.path)
    posted = await site.browser.post(site.path, data={"step": "save", "email": ADA})

    assert "Applications were taken until" in page_text(page)
    assert f'href="/apply/{row.program}/next"' in page.text
    assert "Your application was not taken" in posted.text
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_draft_of_a_closed_cohort_says_when_it_is_forgotten(site, monkeypatch):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    _close(site, row)

    page = await site.get(path)
    sent = await site.post(path, step="send", sure="yes", mark=mark)

    assert "What you had begun was not sent. It is deleted on" in page_text(page)
    assert "Applications are closed" in sent.text
    assert site.store.applications.waiting() == []


async def test_drafts_are_forgotten_thirty_days_after_the_close(site):
    row = site.open()
    path = await site.begin(row)
    await site.begin(row, email="bob@example.org")
    await site.send(row, path)
    over = window(row).closes + KEPT

    early = site.house.intake.forget_drafts(at=over - timedelta(seconds=1))
    late = site.house.intake.forget_drafts(at=over)

    assert (early, late) == (0, 1)
    assert site.store.applications.of_address(row.id, "bob@example.org") == []
    assert len(site.store.applications.of_address(row.id, ADA)) == 1


def _close(site, row):
    """Moves a cohort's last day into the past."""
    closed = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    with site.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE cohorts SET closes = ? WHERE id = ?", (closed, row.id))


async def test_unknown_program_and_cohort_get_a_friendly_page(site):
    site.open()

    for path in ("/apply/nothing/2022", f"{site.path}x", "/apply/😀/2022"):
        page = await site.get(path)
        posted = await site.browser.post(path, data={"step": "save"})

        assert (page.status_code, posted.status_code) == (404, 404)
        assert "Nobody takes applications here" in page.text


async def test_program_that_takes_applications_elsewhere_leads_there(site):
    def elsewhere(definition):
        stage = definition.program.stages.application
        stages = definition.program.stages.model_copy(
            update={
                "application": stage.model_copy(
                    update={"channel": stage.channel.model_copy(update={"here": False})}
                )
            }
        )
        return replace(definition, program=definition.program.model_copy(update={"stages": stages}))

    site.open(change=elsewhere)

    page = await site.get(site.path)

    assert 'href="https://apply.workable.com/huggingface/j/1B77519961/"' in page.text
    assert '<form method="post"' not in page.text


async def test_without_a_public_address_nothing_is_taken(data):
    made = Site(data, public_url=None)
    made.open()

    page = await made.get(made.path)
    made.store.close()

    assert page.status_code == 200
    assert "This page can't take applications just now." in unescape(page.text)


# What is typed


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(site):
    row = site.open()
    typed = filled(
        site, row, name="", email="no address", zone="Mars/Olympus",
        answer__open_source_links="javascript:alert(1)", answer__positive_change_proposal="",
        identity__communities=["martian"],
    )  # fmt: skip
    del typed["answer-full_time"]

    page = await site.browser.post(site.path, data=typed)

    faulty = re.findall(r'id="([\w-]+)-error"', page.text)
    assert page.status_code == 422
    assert faulty == [
        "name",
        "email",
        "zone",
        "answer-open_source_links",
        "answer-positive_change_proposal",
        "answer-full_time",
        "identity-communities",
    ]
    assert 'value="no address"' in page.text
    assert site.store.applications.of_address(row.id, "no address") == []


async def test_tracks_are_chosen_and_nothing_else(site):
    row = site.open("apple-aiml-internship", seats={"engineering": 2, "research": 2})
    path = await site.begin(row, track="research")

    wrong = await site.browser.post(site.path, data=filled(site, row, track="cooking"))
    sent = await site.send(row, path, track="research")

    (application,) = site.store.applications.waiting()
    assert wrong.status_code == 422
    assert sent.status_code == 303
    assert site.house.intake.taken(application).track == "research"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} {% raw %}",
        "\u202eright to left\u2066",
        "' OR 1=1 --",
        "😀" * 50,
        "a\0b",
        "\r\nBcc: all@example.org",
    ],
)
async def test_hostile_text_is_text_and_nothing_else(site, text):
    row = site.open()
    path = await site.begin(row, step="save", answer__programming_skills=text, name=text)
    await site.post(path, mine="yes")

    draft = await site.get(path)
    checked = await site.browser.post(
        path, data=filled(site, row, answer__programming_skills=text, name=text)
    )

    assert draft.status_code == 200
    assert checked.status_code in (200, 422)
    assert "<script>alert" not in draft.text + checked.text
    assert "49 {% raw" not in draft.text


async def test_ten_thousand_characters_are_taken_and_one_more_is_not(site):
    row = site.open()
    path = await site.begin(row, answer__positive_change_proposal="x\r\n" * 5000)

    long = await site.browser.post(
        site.path, data=filled(site, row, answer__positive_change_proposal="x" * 10_001)
    )
    await site.send(row, path, answer__positive_change_proposal="x\r\n" * 4999 + "xx")

    (application,) = site.store.applications.waiting()
    (submission,) = site.store.submissions.of(application.residency)
    assert long.status_code == 422
    assert "Please shorten it by 1" in page_text(long)
    assert len(submission.answers["positive_change_proposal"]) == 10_000


async def test_files_and_unknown_fields_are_left_out(site):
    row = site.open()

    answer = await site.browser.post(
        site.path,
        data={
            **filled(site, row, step="save", answer__salary="1", identity__secret="2"),
            "answer-programming_skills": b"a file",
        },
        boundary="xxx",
    )

    (application,) = site.store.applications.of_address(row.id, ADA)
    assert answer.status_code == 200
    assert "salary" not in application.given["answers"]
    assert application.identity == {}


async def test_dates_are_said_in_the_readers_zone_too(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")

    page = page_text(await site.get(path))

    assert "Applications close" in page
    assert "(Paris time)" in page
    assert "(Tokyo time)" in page


async def test_program_says_its_own_privacy_text(site):
    def own(definition):
        said = {"privacy": "We keep it for one year.\n\nNobody else reads it."}
        return replace(definition, program=definition.program.model_copy(update=said))

    site.open(name="own", change=own)
    page = await site.get(site.path)
    site.open("tiny")
    house = await site.get(site.path)

    assert "<p>We keep it for one year.</p>" in page.text
    assert "is deleted 30 days after applications close" in page_text(house)


async def test_mail_that_can_not_go_harms_nobody(site, monkeypatch):
    row = site.open()

    def broken(*_args, **_more):
        raise OSError("disk full")

    monkeypatch.setattr(DirectMail, "send", broken)
    with pytest.raises(OSError, match="disk full"):
        await site.browser.post(site.path, data=filled(site, row))

    assert len(site.store.applications.of_address(row.id, ADA)) == 1


def test_every_zone_of_the_list_is_a_zone():
    from residency.dates import zone_named

    names = [name for part in zones().values() for name in part]

    assert len(names) > 400
    assert [zone_named(name).key for name in names] == names
