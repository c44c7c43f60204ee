"""Somebody at their own page, in a test: a browser that knows its link, and a resident whose page it is."""

import re

import pytest
from sqlalchemy import func, select

from store.tables import metadata
from tests.web.browsing import Browser
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.
from web.app import make_app
from web.limiting import Limits


class Person(Browser):
    """Asks the pages of a house for somebody."""

    def __init__(self, house):  # noqa: F811  # Not the fixture.
        super().__init__(make_app(house, limits=Limits({})))
        self.house = house

    def home(self, person):
        return self.house.links.person(person)


@pytest.fixture
def browser(rehearsal, client):  # noqa: F811  # The fixture.
    async def connect(**_):
        return client

    rehearsal.house.connect = connect
    return Person(rehearsal.house)


@pytest.fixture
async def resident(rehearsal):  # noqa: F811  # As above.
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    return found


def action_in(page):
    """The id of the one action that a page was made for."""
    return re.search(r'name="action" value="([^"]+)"', page.text)[1]


def rows(store):
    """How many rows each table has: what changes nothing leaves them."""
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }
