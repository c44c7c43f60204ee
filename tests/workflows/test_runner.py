"""The runner answers for contexts itself, which is right as long as nothing uses them."""

from threading import Event, Thread

from temporalio.converter import WorkflowSerializationContext

from converter import DATA_CONVERTER
from workflows.runner import ContextFreeInstance, runner


def test_nothing_uses_a_serialization_context():
    context = WorkflowSerializationContext(namespace="default", workflow_id="r-1")

    assert DATA_CONVERTER.payload_codec is None
    assert DATA_CONVERTER.external_storage is None
    assert DATA_CONVERTER.with_context(context) is DATA_CONVERTER


def test_sandbox_is_entered_to_run_a_workflow_and_for_nothing_else():
    entered = []

    class Inner:
        def __getattr__(self, name):
            entered.append(name)
            return lambda *_: name

    instance = ContextFreeInstance(Inner())

    assert instance.get_serialization_context(None) is None
    assert instance.get_external_store_context(None).target is None
    assert entered == []
    assert (instance.activate(None), instance.get_info()) == ("activate", "get_info")


def test_passed_modules_are_still_restricted_to_the_listed():
    passed = runner().restrictions.passthrough_modules

    assert {"residency", "pydantic"} <= passed
    assert not passed & {"store", "mail", "activities"}


def test_one_thread_at_a_time_is_in_a_workflow():
    """The SDK drops a workflow in another thread, while a task that takes too long is still at work."""
    inside, seen, leave = Event(), [], Event()

    class Inner:
        def activate(self, act):
            seen.append(f"{act} begins")
            inside.set()
            leave.wait(10)
            seen.append(f"{act} ends")

    instance = ContextFreeInstance(Inner())
    slow = Thread(target=instance.activate, args=["task"])
    slow.start()
    assert inside.wait(10)
    dropping = Thread(target=instance.activate, args=["eviction"])
    dropping.start()
    dropping.join(0.2)

    leave.set()
    slow.join(10)
    dropping.join(10)

    assert seen == ["task begins", "task ends", "eviction begins", "eviction ends"]
    assert instance.get_thread_id() is None
