"""The sandbox in which workflows run: models and the pure core pass through, so that it stays cheap.

Around each payload the SDK asks a workflow for its serialization context, three times, and each time
it enters the sandbox for the answer: a third of a worker's Python time. Our converter uses no
context, and there is no codec and no external storage that could (a test holds that), so these
questions are answered outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

if TYPE_CHECKING:
    from temporalio.bridge.proto.workflow_activation import WorkflowActivation
    from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
    from temporalio.worker import WorkflowInstanceDetails
    from temporalio.workflow import Info

PASSED = ("residency", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")

_NOWHERE = StorageDriverStoreContext(target=None)


def runner() -> SandboxedWorkflowRunner:
    return ContextFreeRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED)
    )


@dataclass(frozen=True)
class ContextFreeRunner(SandboxedWorkflowRunner):
    """The SDK's sandbox, for a converter that knows no contexts."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return ContextFreeInstance(super().create_instance(det))


class ContextFreeInstance(WorkflowInstance):
    """A workflow in its sandbox, which is entered to run it, by one thread at a time, and for nothing else.

    A task of over two seconds fails, and the SDK drops the instance from its cache: in another thread,
    also while the first is still at work. Both in it at once left a worker that never ended. So the
    second waits; then the task comes again, and is run from the history.
    """

    def __init__(self, inner: WorkflowInstance) -> None:
        self._inner = inner
        self._entered = Lock()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        with self._entered:
            return self._inner.activate(act)

    def get_serialization_context(self, command_info: object) -> None:  # noqa: ARG002  # The SDK's.
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:  # noqa: ARG002  # As above.
        return _NOWHERE

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        """Unknown, so that the thread of a task that takes too long is left to end by itself.

        The SDK would raise an exception in it, wherever it stands. On a machine that is short of time
        that may be half-way through an import, or while something holds a lock for all residencies.
        """
        return None
