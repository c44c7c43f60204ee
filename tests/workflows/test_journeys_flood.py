"""Continue-as-new at every boundary, while many people write at once: nothing lost, nothing twice."""

import asyncio

import pytest

from residency.errors import RefusedError
from residency.wire import Act
from tests.workflows.journeys import HUGGING_FACE, working

pytest_plugins = ("tests.workflows.journeys_fixtures",)

AT_ONCE = 5


@pytest.mark.timeout(600)
async def test_continued_as_new_under_a_flood_of_updates_is_the_same(plainly, placed):
    told = await plainly(HUGGING_FACE)

    async with placed(force_continue=True, record_timeout=60) as here, working(here):
        rehearsal = here.rehearsal(HUGGING_FACE)
        started = asyncio.Event()
        floods = [asyncio.ensure_future(flood(here, n, started)) for n in range(AT_ONCE)]
        summary = await rehearsal.run(lambda moment: started.set())
        noted = {id for notes in await asyncio.gather(*floods) for id in notes}
        again = here.told(summary)
        runs = await here.client.count_workflows(f"WorkflowId = '{summary.residencies[0]}'")

    assert runs.count > len(told.stages) / 2
    assert again.ends == told.ends
    assert without_notes(again) == without_notes(told)
    assert again.mails == told.mails
    notes = [event[4] for event in again.tags("note:added")]
    assert len(notes) == len(set(notes))
    assert set(notes) == noted


def without_notes(told):
    """The record less its notes, and so without numbers."""
    return [
        event[1:] for events in told.record.values() for event in events if event[2] != "note:added"
    ]


async def flood(here, number, started):
    """Notes, one after the other, until the residency has ended; the ids of those that it took."""
    await started.wait()
    (row,) = await asyncio.to_thread(here.house.store.lists.residencies, rehearsals=True)
    who = (await here.residencies.view(row.id)).roles["coordinators"][0]
    taken = []
    for count in range(10_000):
        act = Act(id=f"note-{number}-{count}", verb="note", actor=who, reason="s-note")
        try:
            await here.residencies.act(row.id, act)
        except RefusedError as error:
            if error.code != "ended":
                raise
            return taken
        taken.append(act.id)
        await asyncio.sleep(0.05)
    return taken
