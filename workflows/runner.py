"""The sandbox in which workflows run: models and the pure core pass through, so that it stays cheap."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED = ("residency", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")


def runner() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED)
    )
