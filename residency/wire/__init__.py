"""Every model that crosses Temporal: ids, outcomes, dates and scores; never a name, an address or free text.

Fields that are added later have defaults, so that every committed payload still decodes.
Instants are timezone-aware UTC datetimes; days are dates in the program's zone. One file a noun; all of
them are imported from here.
"""

from residency.wire.base import (
    Data,
    Keyed,
    Scalar,
    Wire,
)
from residency.wire.board import (
    Answer,
    BoardState,
    Exit,
    Flag,
    Meeting,
    Pending,
    Shift,
    State,
    Task,
)
from residency.wire.calls import (
    EDITION,
    Act,
    Closed,
    DateMove,
    Move,
    OpenTask,
    Preview,
    Said,
    Start,
    View,
)
from residency.wire.letters import (
    Letter,
    Line,
    Post,
    Posted,
)
from residency.wire.questions import (
    Assign,
    Assigned,
    Judge,
    Judged,
    SeatSaid,
    SeatWanted,
)
from residency.wire.record import (
    Batch,
    Event,
    Tag,
)

__all__ = [
    "EDITION",
    "Act",
    "Answer",
    "Assign",
    "Assigned",
    "Batch",
    "BoardState",
    "Closed",
    "Data",
    "DateMove",
    "Event",
    "Exit",
    "Flag",
    "Judge",
    "Judged",
    "Keyed",
    "Letter",
    "Line",
    "Meeting",
    "Move",
    "OpenTask",
    "Pending",
    "Post",
    "Posted",
    "Preview",
    "Said",
    "Scalar",
    "SeatSaid",
    "SeatWanted",
    "Shift",
    "Start",
    "State",
    "Tag",
    "Task",
    "View",
    "Wire",
]
