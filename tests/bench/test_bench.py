"""The whole benchmark, as small as it goes."""

import pytest

from bench.rounds import Options, run

SUMS = {"server", "worker", "driver"}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_small_benchmark_is_verified():
    told = []
    options = Options(journeys=1, concurrency=1, rounds=1)

    result = await run(options, tell=lambda what, _done, _of: told.append(what))

    assert result.faults == []
    assert result.verified
    assert result.human_steps > 30
    assert result.mails >= result.human_steps
    assert 0 < result.history_events < result.twin_history_events
    assert set(result.cpu_s_per_journey) == set(result.twin_cpu_s_per_journey) == SUMS
    assert all(seconds > 0 for seconds in result.cpu_s_per_journey.values())
    assert told[0] == "Starting a server and the workers"
