"""What is recorded: events, and the batches that carry them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from residency.wire.base import Scalar, Wire


class Tag(StrEnum):
    """What a line of the record says: subject:action."""

    STARTED = "residency:started"  # data: program, cohort, track, person
    ENDED = "residency:ended"  # data: how (an Exit); submission: the reason
    STAGE = "stage:entered"  # data: stage
    OPENED = "task:opened"  # data: kind, item, round, due, who (comma-joined), rule, form
    RANG = "task:rang"  # data: rung, to (comma-joined person ids)
    PART = "task:part"  # one of several has answered; data: outcome, score
    DONE = "task:done"  # data: outcome, score
    LAPSED = "task:lapsed"
    WAIVED = "task:waived"
    REOPENED = "task:reopened"  # data: due, who
    MOVED = "task:moved"  # data: due, revision
    REASSIGNED = "task:reassigned"  # data: who
    THANKED = "task:thanked"  # an answer that came after the first one counted
    APPOINTED = "people:appointed"  # data: role, item, who (comma-joined, lead first)
    RELIEVED = "people:relieved"  # data: role, item, who
    DECIDED = "decision:pending"  # data: stage, item, outcome
    RELEASED = "decision:released"  # data: stage, item, outcome, tells_at
    TAKEN_BACK = "decision:taken-back"  # data: stage, item
    EFFECTIVE = "decision:effective"  # data: stage, item, outcome
    MEETING = "meeting:scheduled"  # data: item, at, minutes, sequence
    MEETING_CANCELED = "meeting:canceled"  # data: item, sequence
    DATES = "dates:set"  # data: first, last
    SHIFTED = "dates:shifted"  # data: kind, days, first, last
    SEAT_GRANTED = "seat:granted"
    SEAT_FREED = "seat:freed"
    FLAGGED = "flag:raised"  # data: flag, weeks
    FLAG_CLOSED = "flag:closed"  # data: flag, outcome
    HELD = "notices:held"
    RESUMED = "notices:resumed"
    NOTED = "note:added"
    ADDRESS = "address:corrected"
    BOUNCED = "address:bounced"  # mail to somebody comes back; data: person, notice
    UNDELIVERED = "notice:undelivered"  # data: notice, to
    TOLD = "notice:asked-again"  # a coordinator asked to resend; data: notice
    REFUSED = "action:refused"  # data: verb, code


class Event(Wire):
    """One line of the record."""

    seq: int
    at: datetime
    tag: Tag
    actor: str = ""  # a person's id; "" is the program itself
    name_of: str = ""  # in whose name, where a coordinator acts for another
    action: str = ""  # the id of the action that caused it
    task: str = ""  # the task's key: stage/kind/item/round
    submission: str = ""  # where the answers, reason or text are kept
    data: dict[str, Scalar] = {}


class Batch(Wire):
    """What is recorded in one transaction.

    `run` and `history` tell a frozen worker's batch from a live one's.
    """

    residency: str
    first: int  # sequence of the first event
    events: list[Event]
    run: int = 0  # how often the residency had continued as new
    history: int = 0  # events in the history when the batch was decided
    next_at: datetime | None = None  # what rings next, for lists
