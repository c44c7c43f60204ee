"""What a history is said to cost."""

from datetime import UTC, datetime

from temporalio.api.history.v1 import HistoryEvent

from bench.histories import Told, cloud_actions, moments
from bench.result import paused_events
from residency.wire import Letter, Post


def events(*names):
    made = []
    for name in names:
        event = HistoryEvent()
        getattr(event, f"{name}_event_attributes").SetInParent()
        made.append(event)
    return made


def test_local_activities_of_one_workflow_task_count_once():
    told = events(
        "workflow_execution_started",
        "workflow_task_completed",
        "marker_recorded",
        "marker_recorded",
        "workflow_task_completed",
        "marker_recorded",
    )

    assert cloud_actions(told) == 3


def test_each_attempt_of_an_activity_counts():
    told = events("activity_task_started")
    told[0].activity_task_started_event_attributes.attempt = 3

    assert cloud_actions(told) == 3


def test_what_people_and_clocks_do_counts():
    told = events(
        "workflow_execution_update_accepted",
        "workflow_execution_update_completed",
        "workflow_execution_signaled",
        "timer_started",
        "timer_fired",
        "upsert_workflow_search_attributes",
    )

    assert cloud_actions(told) == 4


def test_moments_are_those_that_tell_something_and_what_was_kept():
    caused, later = datetime(2027, 3, 1, 7, tzinfo=UTC), datetime(2027, 3, 1, 8, tzinfo=UTC)
    kept = datetime(2027, 3, 2, 7, tzinfo=UTC)
    letters = [
        Letter(notice="welcome", to=to, occurrence=occurrence, at=at)
        for to, occurrence, at in (("p-a", "1", caused), ("p-b", "1", caused), ("p-a", "2", later))
    ]
    again = letters[0].model_copy(update={"not_before": kept})
    first = Post(residency="r-a", now=later, letters=letters)
    second = Post(residency="r-a", now=kept, letters=[again])

    told = Told(
        result="completed",
        events=100,
        size=1,
        actions=1,
        letters=frozenset(),
        posts=2,
        moments=moments([first, second]),
        kept=frozenset([kept]),
    )

    assert told.moments == 3
    assert paused_events(told, [kept]) == 106
    assert paused_events(told, [later]) == 111
