"""Fixtures of the tasks' pages: a desk, and residents for whom something waits."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from residency.wire import Tag
from store.tables import metadata
from tests.web.desk import Desk
from tests.workflows.conftest import house, rehearsal, settings  # noqa: F401  # Fixtures.


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.fixture
async def resident(rehearsal):  # noqa: F811  # As above.
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    return found


@pytest.fixture
async def signing(resident):
    """A resident whose first report waits for its sign-off."""
    await resident.report("m1")
    return resident


@pytest.fixture
async def scheduling(rehearsal):  # noqa: F811  # As above.
    """An applicant whose interview is to be scheduled."""
    found = await rehearsal.start("tiny")
    await found.reach("schedule-talk")
    return found


def rows(store):
    """Every row of every table but the outbox, whose mails go out meanwhile."""
    store.clicks.flush()
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(select(table)).all()
            for table in metadata.sorted_tables
            if table.name != "outbox"
        }


def count(store, table):
    with store.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def last_day(task, **later):
    """The day that a task is due at the end of, or one so long after it."""
    return f"{task.due - timedelta(minutes=1) + timedelta(**later):%Y-%m-%d}"


def done(resident, key):
    return [one for one in resident.events(Tag.DONE) if one.task == key]
