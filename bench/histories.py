"""What a journey's history says: its events, its bytes, what Temporal Cloud would count, its letters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from residency.wire import Post

if TYPE_CHECKING:
    from temporalio.client import Client

Key = tuple[str, str, str]
"""What names a mail within a residency: notice, occurrence, receiver."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Of one history."""

    result: str  # how the residency ended, or why its workflow failed
    events: int
    size: int  # bytes
    actions: int  # as Temporal Cloud counts, without Queries
    letters: frozenset[Key]  # that were given to the mail
    posts: int  # how many activities carried them
    moments: int  # how many there would be if none carried the letters of two moments
    kept: frozenset[datetime] = frozenset()  # openings until which letters were kept


async def read(client: Client, workflow: str) -> Told:
    """The history of a workflow that has closed."""
    history = await client.get_workflow_handle(workflow).fetch_history()
    events = list(history.events)
    posts = [post for event in events if (post := post_of(event)) is not None]
    return Told(
        result=_result(events[-1]),
        events=len(events),
        size=sum(event.ByteSize() for event in events),
        actions=cloud_actions(events),
        letters=frozenset(
            (letter.notice, letter.occurrence, letter.to)
            for post in posts
            for letter in post.letters
        ),
        posts=len(posts),
        moments=moments(posts),
        kept=frozenset(
            letter.not_before for post in posts for letter in post.letters if letter.not_before
        ),
    )


def cloud_actions(events: Iterable[Any]) -> int:
    """What Temporal Cloud would bill for these events.

    One for a start (also by continue-as-new), a timer, a signal, an Update, an upsert of search
    attributes, and each attempt of an activity; one for all local activities of a workflow task
    together.
    """
    actions, local = 0, False
    for event in events:
        match event.WhichOneof("attributes"):
            case "activity_task_started_event_attributes":
                actions += max(event.activity_task_started_event_attributes.attempt, 1)
            case "marker_recorded_event_attributes":
                local = True
                continue
            case name if name in _COUNTED:
                actions += 1
            case "workflow_task_completed_event_attributes":
                # The markers of a task stand behind its completion, up to the next task.
                actions, local = actions + local, False
    return actions + local


_COUNTED = {
    "workflow_execution_started_event_attributes",
    "workflow_execution_signaled_event_attributes",
    "workflow_execution_update_accepted_event_attributes",
    "timer_started_event_attributes",
    "upsert_workflow_search_attributes_event_attributes",
}


def _result(event: Any) -> str:
    payloads = event.workflow_execution_completed_event_attributes.result.payloads
    return str(json.loads(payloads[0].data)) if payloads else "failed"


def post_of(event: Any) -> Post | None:
    """The letters that an event hands to the mail."""
    scheduled = event.activity_task_scheduled_event_attributes
    if scheduled.activity_type.name != "notify":
        return None
    return Post.model_validate_json(scheduled.input.payloads[0].data)


def moments(posts: Iterable[Post]) -> int:
    """How many instants have letters: when they were caused, and until when some were kept."""
    return len({letter.not_before or letter.at for post in posts for letter in post.letters})
