"""What a history is said to cost."""

from temporalio.api.history.v1 import HistoryEvent

from bench.histories import cloud_actions


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
