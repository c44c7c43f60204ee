"""A residency that answers what a test says, and what is sent to it."""

from datetime import UTC, datetime
from types import SimpleNamespace

from temporalio.service import RPCError

from client import Residencies
from residency.errors import UnavailableError
from residency.wire import Act
from store.submissions import Submission

ACT = Act(id="a-one", verb="note", actor="p-ana", reason="s-1")
AT = datetime(2027, 3, 1, tzinfo=UTC)
WRITTEN = Submission(
    id="s-1", residency="r-one", person="p-ana", form="reason", at=AT, text="a note"
)


class Handle:
    """A residency that answers in turn with these: an answer, or an error that it raises."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []

    async def execute_update(self, name, what, **options):
        self.calls.append((name, what, options["id"]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    query = execute_update


def residencies(store, *answers, patience=0.5):
    handle = Handle(*answers)
    temporal = SimpleNamespace(get_workflow_handle=lambda _id: handle)
    return Residencies(temporal, store, task_queue="q", patience=patience), handle


def rpc(status):
    return RPCError("no", status, b"")


def away(*_args, **_options):
    raise UnavailableError("The database is locked.")
