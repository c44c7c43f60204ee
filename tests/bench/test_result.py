"""Which promises a result keeps."""

import pytest

from bench.result import Result, budgets

GIVEN = {
    "journeys": 4,
    "concurrency": 4,
    "rounds": 1,
    "late": False,
    "journeys_per_s": 2.0,
    "twin_journeys_per_s": 1.0,
    "ratio": 2.0,
    "human_steps": 40,
    "rungs": 0,
    "moves": 20,
    "records": 60,
    "mails": 80,
    "history_events": 500,
    "twin_history_events": 1000,
    "posts": 30,
    "paused_events": 532,
    "real_clock_events": 520,
    "history_bytes": 80_000,
    "twin_history_bytes": 90_000,
    "plan_bytes": 8000,
    "cloud_actions": 200,
    "twin_cloud_actions": 220,
    "events_per_human_step": 12.5,
    "paused_events_per_human_step": 13.3,
    "bytes_per_human_step": 1800,
    "events_of_twin": 0.5,
    "cpu_s_per_journey": {"server": 1.0},
    "twin_cpu_s_per_journey": {"server": 2.0},
    "peak_rss_mb": 500,
    "server_version": "1.29.1",
    "verified": True,
    "faults": [],
}


def kept(**more):
    return [one.kept for one in budgets(Result(**{**GIVEN, **more}))]


def test_at_the_limit_every_promise_is_kept():
    assert kept() == [True] * 6


@pytest.mark.parametrize(
    ("place", "more"),
    [
        (0, {"events_per_human_step": 12.6}),
        (1, {"paused_events_per_human_step": 13.4}),
        (2, {"bytes_per_human_step": 1801}),
        (3, {"events_of_twin": 0.69}),
        (4, {"plan_bytes": 8001}),
        (5, {"ratio": 1.19}),
    ],
)
def test_past_the_limit_just_that_one_is_not(place, more):
    assert [number for number, is_kept in enumerate(kept(**more)) if not is_kept] == [place]


def test_late_only_what_a_rung_costs_is_promised():
    assert kept(late=True, events_per_rung=14.0) == [True]
    assert kept(late=True, events_per_rung=14.1) == [False]
