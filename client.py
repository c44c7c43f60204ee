"""Typed calls for everybody else: pages, commands, drivers. Stores first, sends then, says a sentence.

What a person does is stored before it is sent, and sent with one id until it is answered: a click that
gets no answer in time is *taken, not confirmed yet*, never failed, and asking again is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from secrets import token_urlsafe
from time import monotonic
from typing import Any

import structlog
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    QueryRejectCondition,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from residency.errors import RefusedError, ResidencyError, UnavailableError, UnconfirmedError
from residency.sentences import again_sentence, refusal_sentence
from residency.wire import Act, Closed, Move, Preview, Said, Start, View
from store import Store
from store.database import PATIENCE
from store.submissions import Submission

_AGAIN = {
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.ABORTED,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.UNKNOWN,
}
"""What a server says when nobody knows yet: the call is repeated with its id."""

_NO_OPERATOR = {RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED}
"""What a server says that has no operator service for us, as Temporal Cloud."""

_PROGRAM = SearchAttributeKey.for_keyword("ResidencyProgram")
_COHORT = SearchAttributeKey.for_keyword("ResidencyCohort")
_QUERY_TIMEOUT = timedelta(seconds=5)
_AT_ONCE = 0.1
"""Seconds for a second attempt to keep a click, whose first has waited long enough."""

_log: Any = structlog.get_logger("client")


class _Kept(StrEnum):
    """Whether the database has a click."""

    NOT = "not"
    NEW = "new"
    BEFORE = "before"


class Residencies:
    """All calls to running residencies. `patience` is how long a click waits for its confirmation (s);
    after `doubt` seconds it waits on only where the server still takes connections.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        task_queue: str,
        patience: float = 10.0,
        doubt: float | None = None,
    ) -> None:
        self._client, self._store = client, store
        self._task_queue, self._patience = task_queue, patience
        self._doubt = doubt or patience
        self._attributes: bool | None = None

    async def start(self, start: Start) -> None:
        """Starts a residency; one that has started already is left as it is.

        A rehearsal's may begin once more under its id, after it was discarded.
        """
        again = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        once = WorkflowIDReusePolicy.REJECT_DUPLICATE
        start = start.model_copy(update={"without_attributes": not await self._has_attributes()})
        attributes = TypedSearchAttributes(
            [
                SearchAttributePair(_PROGRAM, start.plan.program),
                SearchAttributePair(_COHORT, start.cohort_name),
            ]
            if not start.without_attributes
            else []
        )
        try:
            await self._client.start_workflow(
                "Residency",
                start,
                id=start.residency,
                task_queue=self._task_queue,
                search_attributes=attributes,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=again if start.rehearsal else once,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise _unreachable(error) from error

    async def act(self, residency: str, act: Act, *, written: Sequence[Submission] = ()) -> Said:
        """Does an action once, however often it is called with the same id.

        `written` is what the action refers to, kept with it. RefusedError says why it can't be done;
        UnconfirmedError that it was taken but not confirmed yet. Where the database is away, an
        action without anything written is sent all the same: the residency keeps what it accepts.
        Otherwise nothing was taken, which UnavailableError says.
        """
        kept = await asyncio.to_thread(self._keep, residency, act, written=written)
        if kept is _Kept.BEFORE:  # What is new can't have been answered.
            before = await asyncio.to_thread(self._answered_before, residency, act.id)
            if before.data:
                return before
        try:
            said = await self.send(residency, act)
        except UnconfirmedError as error:
            if kept is _Kept.NOT:
                kept = await asyncio.to_thread(self._keep, residency, act, patience=_AT_ONCE)
            if kept is not _Kept.NOT:
                raise
            raise UnconfirmedError(
                f"Taken, not confirmed yet: {residency} has not answered within "
                f"{self._patience:g} s, and the database is away. Asking again is safe; it will be "
                f"recorded once ({act.id})."
            ) from error
        if said.code == "again" and not said.data:
            return await asyncio.to_thread(self._recorded, residency, act.id, said)
        return said

    def _answered_before(self, residency: str, action: str) -> Said:
        """What the record has of an action, with data only where the residency had answered it.

        An event alone is no answer: a server that fell between the record's commit and its own
        never saw the action, and would record something else in that event's place.
        """
        again = Said(code="again")
        try:
            answered = self._store.clicks.is_answered(action)
        except UnavailableError:
            return again
        return self._recorded(residency, action, again) if answered else again

    def _keep(
        self,
        residency: str,
        act: Act,
        *,
        written: Sequence[Submission] = (),
        patience: float = PATIENCE,
    ) -> _Kept:
        """Whether the database has a click now; waits at most `patience` seconds for it.

        What was written must be there before the click is sent: the record refers to it.
        """
        try:
            new = self._store.clicks.put(residency, act, written=written, patience=patience)
        except UnavailableError:
            if written:
                raise
            _log.warning("client.click_not_kept", residency=residency, action=act.id)
            return _Kept.NOT
        return _Kept.NEW if new else _Kept.BEFORE

    def _recorded(self, residency: str, action: str, said: Said) -> Said:
        try:
            event = self._store.record.action(residency, action)
        except UnavailableError:
            return said
        if event is None:
            return said
        data = {"by": event.name_of or event.actor, "at": event.at.isoformat()}
        return said.model_copy(update={"data": data})

    async def step(self, residency: str, act: Act) -> Said:
        """An action of a rehearsal, whose driver makes the same one again if it is broken off."""
        return await self._update(residency, "act", act)

    async def send(self, residency: str, act: Act) -> Said:
        """Sends what is stored; used again for what was never answered."""
        try:
            said = await self._update(residency, "act", act)
        except RefusedError as error:
            self._store.clicks.answered_soon(act.id, code=error.code)
            raise
        self._store.clicks.answered_soon(act.id, code=said.code)
        return said

    async def move_clock(self, residency: str, move: Move) -> Said:
        """Moves a rehearsal's clock, and answers when the residency is quiet again."""
        return await self._update(residency, "move_clock", move)

    async def _update(self, residency: str, name: str, what: Act | Move) -> Said:
        """Repeats until it is answered. The residency knows an action by its own id; the Update's is one
        for this call, because a server would repeat an old refusal to whoever asks again later.
        """
        handle = self._client.get_workflow_handle(residency)
        id = token_urlsafe(6)  # the SDK's name; it stands five times in a history
        until = monotonic() + self._patience
        pause = 0.01
        while True:
            left = max(until - monotonic(), 0.05)
            try:
                # The SDK repeats a call that is refused, each time with the whole of its time-out.
                async with asyncio.timeout(min(left, self._doubt)):
                    said: Said = await handle.execute_update(
                        name, what, id=id, result_type=Said, rpc_timeout=timedelta(seconds=left)
                    )
                if said.code != "continuing":
                    return said.beside(what)
                id = token_urlsafe(6)  # as above
            except WorkflowUpdateFailedError as error:
                reason = self._refused(residency, error)
                if reason is not None:
                    raise reason from None
            except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
                # The SDK says the same of a time-out and of Ctrl-C, which must not be swallowed.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise asyncio.CancelledError from None
                if self._doubt < self._patience and await self._is_away():
                    raise _unconfirmed(residency, what.id, after=self._doubt) from None
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise await asyncio.to_thread(self._gone, residency) from None
                if error.status not in _AGAIN:
                    raise _unreachable(error) from error
            if monotonic() + pause > until:
                raise _unconfirmed(residency, what.id, after=self._patience)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.5)

    async def _is_away(self) -> bool:
        """Whether nobody takes connections any more where the server was."""
        try:
            await self._client.service_client.check_health(
                retry=False, timeout=timedelta(seconds=1)
            )
        except RPCError as error:
            return error.status is RPCStatusCode.UNAVAILABLE
        return False

    def _refused(self, residency: str, error: WorkflowUpdateFailedError) -> RefusedError | None:
        """The refusal as a sentence; None where the run ended under the call, which is not an answer."""
        cause = error.cause
        if not isinstance(cause, ApplicationError) or cause.type != "Refused":
            return None
        code = str(cause.details[0]) if cause.details else "refused"
        data = dict(cause.details[1]) if len(cause.details) > 1 else {}
        sentence = refusal_sentence(code, data, residency=residency, name=self.name)
        return RefusedError(sentence, code=code)

    def _gone(self, residency: str) -> ResidencyError:
        """Why there is nothing to talk to: it ended, or it never was."""
        row = self._store.lists.residency(residency)
        if row is None:
            return RefusedError(
                refusal_sentence("not-found", {}, residency=residency), code="not-found"
            )
        if row.row.ended:
            data = {"how": str(row.row.ended)}
            return RefusedError(refusal_sentence("ended", data, residency=residency), code="ended")
        return UnavailableError(
            f"{residency} is in the record, but the Temporal server doesn't know it; is this the "
            "server that it was started on?"
        )

    def name(self, person: str) -> str:
        """A person's name; the id where the store does not know it."""
        known = self._store.people.get(person)
        return f"{known.name} ({person})" if known else person

    def sentence(self, residency: str, said: Said) -> str:
        """What an answer says to whoever acted."""
        if said.code in ("again", "thanked"):
            return again_sentence(said.data, residency=residency, name=self.name)
        return f"{residency}: recorded."

    # Reading live state, on demand

    async def view(self, residency: str, *, running: bool = False) -> View:
        """`running`: one that is over is refused. To answer it would be replayed from its first event."""
        result: View = await self._query(residency, "view", result_type=View, running=running)
        return result

    async def history(self, residency: str) -> list[Closed]:
        result: list[Closed] = await self._query(residency, "history", result_type=list[Closed])
        return result

    async def preview(self, residency: str, act: Act) -> Preview:
        """A dry run; a refusal is in the answer."""
        result: Preview = await self._query(residency, "preview", act, result_type=Preview)
        if result.seat is not None:
            said = await asyncio.to_thread(self._store.cohorts.seat_left, result.seat)
            if not said.granted:
                data = {"taken": said.taken, "seats": said.seats}
                return Preview(code="no-seat", refused=True, data=data)
        return result

    async def is_settled(self, residency: str) -> bool:
        return bool(await self._query(residency, "settled", result_type=bool))

    async def _query(
        self, residency: str, name: str, *args: Any, result_type: Any, running: bool = False
    ) -> Any:
        """Asks again until the patience is over: a worker that begins may need a moment."""
        handle = self._client.get_workflow_handle(residency)
        reject = QueryRejectCondition.NOT_OPEN if running else None
        until = monotonic() + self._patience
        while True:
            try:
                return await handle.query(
                    name,
                    *args,
                    result_type=result_type,
                    reject_condition=reject,
                    rpc_timeout=_QUERY_TIMEOUT,
                )
            except WorkflowQueryRejectedError:
                raise await asyncio.to_thread(self._gone, residency) from None
            except WorkflowQueryFailedError as error:
                reason: Exception = error
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise await asyncio.to_thread(self._gone, residency) from None
                if error.status not in _AGAIN:
                    raise _unreachable(error) from error
                reason = error
            if monotonic() > until:
                raise UnavailableError(
                    f"{residency} did not answer within {self._patience:g} s; is a worker running?"
                ) from reason
            await asyncio.sleep(0.2)

    async def send_unanswered(self) -> int:
        """Sends again, with the same ids, what was stored and never answered; how many there were."""
        waiting = await asyncio.to_thread(self._store.clicks.waiting)
        await send_each(self, waiting)
        return len(waiting)

    async def _has_attributes(self) -> bool:
        """Whether the server knows our search attributes; without them all but its own filter works."""
        if self._attributes is None:
            from temporalio.api.operatorservice.v1 import (  # noqa: PLC0415  # Slow to import.
                ListSearchAttributesRequest,
            )

            try:
                found = await self._client.operator_service.list_search_attributes(
                    ListSearchAttributesRequest(namespace=self._client.namespace)
                )
                self._attributes = _PROGRAM.name in found.custom_attributes
            except RPCError as error:
                # What is told to a residency here stands for its life; a server that is only away
                # must not decide it.
                if error.status not in _NO_OPERATOR:
                    raise _unreachable(error) from error
                self._attributes = False
        return self._attributes


async def send_each(
    residencies: Residencies, waiting: Sequence[tuple[str, Act]]
) -> list[tuple[str, Act]]:
    """Sends what is kept, each whatever became of the others; returns what waits on."""
    left = []
    for residency, act in waiting:
        told = {"residency": residency, "action": act.id}
        try:
            await residencies.send(residency, act)
        except RefusedError as error:
            _log.info("client.resent_refused", **told, code=error.code)
        except Exception as error:  # noqa: BLE001  # One fault must not hold up the others.
            _log.warning("client.resent_waits", **told, why=type(error).__name__)
            left.append((residency, act))
    return left


def _unconfirmed(residency: str, action: str, *, after: float) -> UnconfirmedError:
    return UnconfirmedError(
        f"Taken, not confirmed yet: {residency} has not answered within {after:g} s. "
        f"Nothing is lost; it will be recorded once ({action})."
    )


def _unreachable(error: RPCError) -> UnavailableError:
    return UnavailableError(f"The Temporal server can't be reached: {error.message[:200]}")
