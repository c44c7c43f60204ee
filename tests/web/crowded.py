"""Pages over a store that is full, but where nothing runs: tests/crowd.py, small or large."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from sqlalchemy import event

from residency.errors import UnavailableError
from store.grants import Purpose
from tests import crowd
from tests.web.browsing import HOST, OURS, Browser
from web.app import make_app
from web.limiting import Limits

BASE = f"https://{HOST}"
NUMBER = 1
"""The residency that the links are about."""


class Crowd(Browser):
    """A browser, and the links of people in the crowd."""

    def __init__(self, house, row):
        super().__init__(make_app(house, limits=Limits({})))
        self.house, self.store, self.row = house, house.store, row
        house.connect = _away

    async def send(self, method, path, fields=(), **headers):
        """Any method; `fields` are pairs, sent as a page of ours sends a form."""
        headers = {"Host": HOST, **OURS} | headers
        if method == "POST":
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return await self._ask(method, path, body=urlencode(fields).encode(), headers=headers)

    def task(self, key, person):
        return self._path(self.house.links.task(crowd.residency(NUMBER), key, person))

    def me(self, person):
        return self._path(self.house.links.person(person))

    def calendar(self, person):
        return self._path(self.house.links.calendar(person))

    def _path(self, link):
        return link.removeprefix(self.house.links.base)

    @cached_property
    def paths(self):
        """One of each kind of page that a link leads to; made once, for a link tells when it was."""
        resident, mentor = crowd.resident(NUMBER), crowd.mentor(NUMBER)
        me, residency = self.me(resident), crowd.residency(NUMBER)
        report = self.task(crowd.REPORT, resident)
        inside = f"{me}/task/{residency}/{crowd.REPORT.replace('/', '~')}"
        return {
            "/t/{token}": report,
            "/t/{token}/later": f"{report}/later",
            "/t/{token}/undo": f"{report}/undo",
            "/me/{token}": me,
            "/me/{token}/r/{residency}": f"{me}/r/{residency}",
            "/me/{token}/task/{residency}/{key}": inside,
            "/me/{token}/task/{residency}/{key}/later": f"{inside}/later",
            "/me/{token}/task/{residency}/{key}/undo": f"{inside}/undo",
            "/me/{token}/withdraw/{residency}": f"{me}/withdraw/{residency}",
            "/me/{token}/concern/{residency}": f"{me}/concern/{residency}",
            "/me/{token}/address": f"{me}/address",
            "/me/{token}/calendar": f"{me}/calendar",
            "/calendar/{token}.ics": self.calendar(resident),
            "sign-off": self.task(crowd.SIGN_OFF, mentor),
            "closed": self.task("milestones/report/m1/1", resident),
            "a part of several": self.task("screening/review//1", crowd.reviewer(NUMBER)),
            "mentor": self.me(mentor),
            "reviewer": self.me(crowd.reviewer(NUMBER)),
            "coordinator": self.me(self.row.coordinators[0]),
        }

    def tokens(self):
        """One living token for each purpose but an application."""
        paths = self.paths
        return {
            Purpose.TASK: paths["/t/{token}"].rsplit("/", 1)[1],
            Purpose.PERSON: paths["/me/{token}"].rsplit("/", 1)[1],
            Purpose.CALENDAR: paths["/calendar/{token}.ics"].rsplit("/", 1)[1][: -len(".ics")],
        }


async def _away(**_):
    raise UnavailableError("The Temporal server can't be reached.")


@dataclass(frozen=True)
class Sent:
    """What a block has asked the database."""

    reads: list
    writes: list


@contextmanager
def statements(store):
    """What is asked of the database meanwhile, apart from its own bookkeeping."""
    sent = Sent([], [])

    def keep(_connection, _cursor, statement, parameters, *_rest):
        word = statement.lstrip("( \n").split(None, 1)[0].upper()
        if word in {"SELECT", "WITH"}:
            sent.reads.append((statement, parameters))
        elif word not in {"BEGIN", "PRAGMA"}:
            sent.writes.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(store.database.engine, "before_cursor_execute", keep)
