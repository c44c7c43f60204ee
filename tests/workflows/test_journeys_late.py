"""Nobody acts in time: ladders climb, coordinators hear of it, offers lapse, and nothing is lost."""

from tests.workflows.journeys import HUGGING_FACE, working

pytest_plugins = ("tests.workflows.journeys_fixtures",)

LATE = """
- {when: offer}
- {late: 9 days}
"""
SILENT = """
- {when: offer, do: nothing}
- {late: 9 days}
"""
MOST_EVENTS_A_RUNG = 14


async def test_everything_late_completes_and_costs_little(placed):
    async with placed() as here, working(here):
        told, events = await late(here, LATE)

    rungs = told.tags("task:rang")
    letters = told.letters().keys()
    assert told.ends == {"completed": 1}
    assert len(rungs) > 100
    assert events / len(rungs) <= MOST_EVENTS_A_RUNG
    assert any("-reminder-" in name for name in letters)
    assert any("-escalation-" in name for name in letters)


async def test_silence_lapses_an_offer(travel):
    told = await travel(HUGGING_FACE, cast=SILENT)

    assert told.ends == {"lapsed": 1}
    assert [event[5].split("/")[1] for event in told.tags("task:lapsed")] == ["offer"]
    assert len([name for name in told.mails if "-offer-reminder-" in name]) == 2
    assert len([name for name in told.mails if "-offer-lapsed-" in name]) == 1


async def late(here, cast):
    """What was told, and how many events its history has."""
    summary = await here.rehearsal(HUGGING_FACE, cast=cast).run()
    history = await here.client.get_workflow_handle(summary.residencies[0]).fetch_history()
    return here.told(summary), len(history.events)
