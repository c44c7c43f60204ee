"""Somebody who applies, in a test: an installation, its mails, and a browser that shows its pages."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache
from html import unescape
from time import monotonic
from urllib.parse import urlencode

from sqlalchemy import select

from residency.definition import load as load_definition
from residency.forms import sample_answers
from residency.settings import CHECKOUT, load
from store.tables import metadata
from tests.web.asking import ask
from tests.web.browsing import OURS
from tests.workflows.house import HUGGING_FACE, cohort_of, program_path
from web.app import make_app
from web.calls import call_of
from web.limiting import Limits
from wiring import House

BASE = "https://door.example.org"
ADA = "ada@example.org"
PLANTED = "planted words about an identity"
NOWHERE = "127.0.0.1:1"


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
        headers = {"Content-Type": type_, "Content-Length": str(len(body)), **OURS}
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


async def until(look, *, seconds=30):
    """What `look` finds, as soon as it finds something."""
    end = monotonic() + seconds
    while monotonic() < end:
        if found := look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")
