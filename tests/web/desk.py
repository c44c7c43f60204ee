"""Somebody at a task's page, in a test: reads its form as a browser does, fills it in, and sends it."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

from residency.errors import RefusedError
from tests.web.browsing import HOST, OURS, Browser
from web.app import make_app
from web.limiting import Limits

BESIDE = ("flag", "weeks", "flag-reason")
"""What may be raised beside a verdict; nobody here does unless told."""


@dataclass
class Control:
    """An input, or a group of radios or boxes."""

    name: str
    type: str
    is_number: bool = False
    values: list = field(default_factory=list)
    chosen: list = field(default_factory=list)


class Form(HTMLParser):
    """The controls of a page's forms, by name; `buttons` are pairs of name and value."""

    def __init__(self, text):
        super().__init__()
        self.controls, self.buttons, self._area = {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "button" and attrs.get("name"):
            self.buttons.append((attrs["name"], attrs.get("value", "")))
        if tag not in ("input", "textarea") or "name" not in attrs:
            return
        type_ = "textarea" if tag == "textarea" else attrs.get("type", "text")
        control = self.controls.setdefault(attrs["name"], Control(attrs["name"], type_))
        control.is_number = attrs.get("inputmode") == "decimal"
        value = attrs.get("value", "")
        control.values.append(value)
        if (type_ in ("radio", "checkbox") and "checked" in attrs) or (
            type_ not in ("radio", "checkbox") and value
        ):
            control.chosen.append(value)
        self._area = control if tag == "textarea" else None

    def handle_data(self, data):
        if self._area is not None and data.strip():
            self._area.chosen.append(data.removeprefix("\n"))

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = None

    def as_it_stands(self):
        """What a browser would send of it, were it sent untouched."""
        return {name: list(one.chosen) for name, one in self.controls.items() if one.chosen}


class Desk(Browser):
    """Asks the pages of a house."""

    def __init__(self, rehearsal, client):
        self.house = rehearsal.house
        self.house.connect = _constant(client)
        super().__init__(make_app(self.house, limits=Limits({})))
        self.day = ""

    async def post(self, path, **given):
        """Lists are sent as a form sends them: the name once for each."""
        headers = {
            "Host": HOST,
            **OURS,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(given, doseq=True).encode()
        return await self._ask("POST", path, body=body, headers=headers)

    def link(self, resident, task, person=""):
        """The path of a task's link; the program's clock is set to the residency's."""
        self.day = f"{resident.now + timedelta(days=7):%Y-%m-%d}"
        self.house.store.cohorts.set_clock(resident.start.cohort, resident.now)
        return self.house.links.task(resident.id, task.key, person or task.who[0])

    async def check(self, path, page, **typed):
        """Fills the form in and asks to check it."""
        return await self.post(path, **{**self.filled(page, typed), "step": "check"})

    async def confirm(self, path, page, **typed):
        """Sends what "check your answers" shows, with what that page asks for."""
        form = Form(page.text)
        given = form.as_it_stands()
        if "sure" in form.controls:
            given["sure"] = ["yes"]
        if "name" in form.controls:
            given["name"] = [re.search(r"As it stands here: ([^<]+)<", page.text)[1]]
        return await self.post(path, **{**given, **typed, "step": "confirm"})

    async def do(self, resident, task, person="", **typed):
        """All of it: read, fill in, check, confirm. The three pages."""
        path = self.link(resident, task, person)
        first = await self.get(path)
        check = await self.check(path, first, **typed)
        done = await self.confirm(path, check)
        await refreshed(resident)
        return first, check, done

    def filled(self, page, typed):
        """The form with an answer in every field; what is typed wins, None leaves it empty."""
        form = Form(page.text)
        given = {}
        for name, control in form.controls.items():
            if name in BESIDE or (name == "day" and "clock" not in form.controls):
                continue  # A new report's day is only for changes.
            given[name] = control.chosen or [self._answer(control)]
        given |= typed
        return {name: value for name, value in given.items() if value is not None}

    def _answer(self, control):
        match control.type:
            case "radio" | "checkbox":
                return control.values[0]
            case "date":
                return self.day
            case "time":
                return "14:30"
            case "url":
                return "https://example.org/here"
            case "email":
                return "right@example.org"
            case "textarea":
                return "What I think of it.\nOn two lines."
        return "30" if control.is_number else "An answer"


async def refreshed(resident):
    """Lets a resident of the tests hear what a page did."""
    try:
        await resident._heard(await resident._move_to(resident.now))
        await resident.settled()
    except RefusedError as error:
        if error.code != "ended":  # Its workflow has left; the record says how.
            raise
        resident.said.ended = resident.store.lists.residency(resident.id).row.ended


def _constant(client):
    async def connect(**_):
        return client

    return connect
