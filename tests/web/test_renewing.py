"""`/link`: one answer for everybody, a mail only to whom we know, and not too often."""

import re

import pytest
from limits import RateLimitItemPerHour

from mail.transports.recording import RecordingTransport
from residency.settings import load
from store.grants import Purpose
from store.people import Person
from tests.web.browsing import Browser
from web.app import make_app
from web.limiting import Limits, Rate
from wiring import House

PUBLIC = "https://residency.test"
ADA = Person(id="p-ada", name="Ada Lovelace", given_name="Ada", email="Ada@example.org")
_LINK = re.compile(r"https://residency\.test(/me/[\w.-]+)")


class Desk(Browser):
    """An application with a public address, and what it mails."""

    def __init__(self, house, rates):
        super().__init__(make_app(house, limits=Limits(rates)))
        self.house, self.mails = house, house.carrier.mails

    async def ask(self, email):
        return await self.post("/link", email=email)


@pytest.fixture
def opened(tmp_path):
    """Makes a desk; `rates` are its limits."""
    houses = []

    def open_(*, public=PUBLIC, rates=None):
        house = House(load(data=tmp_path, public_url=public))
        house.__dict__["carrier"] = RecordingTransport()
        house.__dict__["files"] = RecordingTransport()
        house.store.people.add(ADA)
        houses.append(house)
        return Desk(house, rates or {})

    yield open_
    for house in houses:
        house.store.close()


async def test_link_goes_to_the_address_on_file_and_works(opened):
    desk = opened()

    page = await desk.ask(" ada@EXAMPLE.org ")

    (mail,) = desk.mails
    home = await desk.get(_LINK.search(mail.text)[1])
    assert page.status == 200
    assert mail.to == ("Ada Lovelace", "Ada@example.org")
    assert home.status == 200
    assert "You are Ada Lovelace" in home.text
    assert _LINK.search(page.text) is None


async def test_answer_is_the_same_for_everybody(opened):
    desk = opened()
    desk.house.store.people.add(
        Person(id="p-bo", name="Bo", given_name="Bo", email="bo@example.org", paused="bounced")
    )

    known, paused, unknown = [
        await desk.ask(f"{name}@example.org") for name in ("ada", "bo", "nobody")
    ]

    said = {
        re.sub(r"ada@|bo@|nobody@|nonce-?=?\S*", "", page.text) for page in (known, paused, unknown)
    }
    assert {page.status for page in (known, paused, unknown)} == {200}
    assert len(said) == 1
    assert len(desk.mails) == 1


async def test_asked_again_the_link_is_the_same_grant(opened):
    desk = opened()

    await desk.ask("ada@example.org")
    first = desk.house.store.grants.standing(Purpose.PERSON, "p-ada", at=desk.mails[0].at)
    await desk.ask("ada@example.org")
    second = desk.house.store.grants.standing(Purpose.PERSON, "p-ada", at=desk.mails[0].at)

    assert first.id == second.id


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 400 + "@example.org"])
async def test_what_is_no_address_is_said_to_be_none(opened, typed):
    desk = opened()

    page = await desk.ask(typed)

    assert page.status == 422
    assert "Please write your address" in page.text
    assert desk.mails == []


async def test_one_address_gets_a_few_an_hour_and_nobody_learns_of_it(opened):
    desk = opened(rates={Rate.ADDRESS: RateLimitItemPerHour(2)})

    pages = [await desk.ask(f"{name}@example.org") for name in ("ada", "ADA", "ada", "ada")]

    assert {page.status for page in pages} == {200}
    assert len(desk.mails) == 2


async def test_one_client_may_ask_so_often(opened):
    desk = opened(rates={Rate.MAIL: RateLimitItemPerHour(2)})

    pages = [await desk.ask(f"nobody{number}@example.org") for number in range(3)]

    assert [page.status for page in pages] == [200, 200, 429]
    assert int(pages[2].headers["retry-after"]) > 0
    assert "please try again in an hour" in pages[2].text
    assert "Please look at this again" not in pages[2].text  # The address has no fault.
    assert 'value="nobody2@example.org"' in pages[2].text


async def test_nothing_is_mailed_by_reading(opened):
    desk = opened()

    page = await desk.get("/link")

    assert page.status == 200
    assert desk.mails == []


async def test_without_a_public_address_no_link_is_mailed(opened):
    desk = opened(public=None)

    page = await desk.get("/link")

    assert "can't be mailed from here" in page.text
    assert "<form" not in page.text


async def test_provider_that_is_away_changes_nothing_in_the_answer(opened):
    desk = opened()

    def breaks(_mail):
        raise OSError("away")

    desk.house.carrier.send = breaks
    page = await desk.ask("ada@example.org")

    assert page.status == 200
    (row,) = desk.house.store.outbox.list(receiver="p-ada")
    assert row.state == "unknown"
