"""Journeys by fixture: as they are, once in a session, and in other circumstances."""

import pytest

from tests.workflows.journeys import journey, place

_plain = {}


@pytest.fixture
def plainly(tmp_path_factory, temporal_binary, empty_database):
    """Runs a program's journey as it is, once in a session; everything else is compared with it."""

    async def run(program, **how):
        key = (str(program), repr(how))
        if key not in _plain:
            data = tmp_path_factory.mktemp("plain")
            _plain[key] = await journey(
                data, program, binary=temporal_binary, empty=empty_database, **how
            )
        return _plain[key]

    return run


@pytest.fixture
def travel(tmp_path, temporal_binary, empty_database):
    """Runs a journey with other settings, in a place of the test's own."""

    async def run(program, **how):
        return await journey(
            tmp_path / "data", program, binary=temporal_binary, empty=empty_database, **how
        )

    return run


@pytest.fixture
def placed(tmp_path, temporal_binary, empty_database):
    """`async with placed(...)`: a house on a server of its own, without a worker."""

    def make(name="data", **how):
        return place(tmp_path / name, binary=temporal_binary, empty=empty_database, **how)

    return make
