"""The digests of a whole rehearsal: fewer mails, nothing untold, the same in the next rehearsal."""

from collections import Counter
from datetime import date

from tests.workflows.journeys import TINY, place, working

PEOPLE = "".join(
    f"- {{name: {name} Example, email: {name.lower()}@example.org}}\n"
    for name in ("Ada", "Hugo", "Ines", "Mei", "Noa")
)
SILENT = "- {when: selection, do: nothing}\n"
FIRST_DAY, UNTIL = date(2027, 3, 1), date(2027, 1, 8)


async def rehearsed(data, *, binary, empty, **settings):
    """What coordinators who decide nothing get, until the first day is near."""
    async with place(data, binary=binary, empty=empty, **settings) as here, working(here):
        run = here.rehearsal(
            TINY, cast=SILENT, people=PEOPLE, start=FIRST_DAY, until=UNTIL, seats=5
        )
        told = here.told(await run.run())
        return told, here.house.store.outbox.list(rehearsals=True)


async def test_coordinators_who_decide_nothing_get_digests(
    tmp_path, temporal_binary, empty_database
):
    one, rows = await rehearsed(tmp_path / "one", binary=temporal_binary, empty=empty_database)
    two, _ = await rehearsed(tmp_path / "two", binary=temporal_binary, empty=empty_database)

    digests = {row.key: row for row in rows if row.notice == "digest"}
    members = [row for row in rows if row.digest]
    rungs = {
        (residency, event[5], event[6]["revision"], event[6]["rung"], person)
        for residency, events in one.record.items()
        for event in events
        if event[2] == "task:rang" and "notice" in event[6]
        for person in event[6]["to"].split(",")
    }
    told = {
        (row.subject, row.letter.task, *map(int, row.occurrence.split("~")[1:]), row.receiver)
        for row in rows
        if row.notice in ("reminder", "escalation")
    }
    mornings = Counter((row.receiver, row.at.date()) for row in digests.values())
    assert one == two
    assert len(digests) >= 3
    assert set(mornings.values()) == {1}
    assert {row.state for row in digests.values()} == {"sent"}
    assert {row.digest for row in members} == set(digests)
    assert rungs == told
    assert len(members) >= 3 * len(digests)
