"""CloudFormation is read as far as needed, and its refusals are named for what they mean."""

from datetime import timedelta

from handlers.aws.orders import Order
from handlers.domain.attempt import Trace
from handlers.domain.operations import Operation
from handlers.domain.records import End
from handlers.domain.status import StackStatus
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ROLE, FakeStack


def order(stack: FakeStack, operation: Operation = Operation.CONTINUE_UPDATE_ROLLBACK, role_arn: str | None = None) -> Order:
    """An order on *stack* under one token."""
    return Order(operation=operation, stack_id=stack.stack_id, token="sm-1", role_arn=role_arn)


def test_a_stack_is_seen_as_it_is(bench: BenchRuntime) -> None:
    """Status, role, and whether it is nested."""
    root = bench.cloudformation.create("app-one")
    bench.cloudformation.create("app-one-child", parent_id=root.stack_id)

    seen = bench.stacks.describe("app-one")
    child = bench.stacks.describe("app-one-child")

    assert seen is not None
    assert (seen.stack_id, seen.status, seen.role_arn, seen.is_nested) == (root.stack_id, "CREATE_COMPLETE", ROLE, False)
    assert child is not None
    assert child.is_nested


def test_a_stack_that_never_was_is_none_and_its_generation_deleted(bench: BenchRuntime) -> None:
    """CloudFormation has no error code of its own for it."""
    arn = "arn:aws:cloudformation:us-east-1:222222222222:stack/app-gone/1"

    assert bench.stacks.describe("app-gone") is None
    assert bench.stacks.generation(arn).status is StackStatus.DELETE_COMPLETE
    assert list(bench.stacks.events(arn)) == []


def test_a_failing_operation_is_read_back_to_who_asked_for_it(bench: BenchRuntime) -> None:
    """Not to the creation, and through failed continuations."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_update(stack)
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=False)

    events = bench.stacks.failing_operation(stack.stack_id)

    assert events[0]["ResourceStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert events[-1]["ResourceStatus"] == "UPDATE_IN_PROGRESS"
    assert len(events) == 8


def test_a_failure_is_the_event_that_told_of_it(bench: BenchRuntime) -> None:
    """The newest of its status; a second failure is another."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_update(stack)
    first = bench.stacks.came_to_rest(bench.stacks.generation(stack.stack_id))
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=False)
    second = bench.stacks.came_to_rest(bench.stacks.generation(stack.stack_id))

    assert first is not None
    assert second is not None
    assert first.end.event_id != second.end.event_id
    assert second.end.event_id == stack.events[-1]["EventId"]


def test_a_trace_tells_running_from_ended(bench: BenchRuntime) -> None:
    """By the token that every event of an operation bears."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_update(stack)
    since = bench.clock()

    def trace() -> Trace | End:
        return bench.stacks.trace(stack.stack_id, "sm-1", since)

    assert trace() is Trace.NONE
    bench.orders.give(order(stack))
    assert trace() is Trace.RUNNING
    bench.cloudformation.end_operation(stack, well=True)
    bench.time.pass_seconds(600)
    bench.cloudformation.fail_update(stack)
    ended = trace()
    assert isinstance(ended, End)
    assert ended.status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_trace_does_not_read_the_whole_past(bench: BenchRuntime) -> None:
    """No event of ours is older than our claim."""
    stack = bench.cloudformation.create("app-one")
    for _ in range(20):
        bench.cloudformation.fail_update(stack)
    bench.time.pass_seconds(600)
    before = bench.cloudformation.calls

    assert bench.stacks.trace(stack.stack_id, "sm-1", bench.clock()) is Trace.NONE
    assert bench.cloudformation.calls == before + 1


def test_what_is_unwell_is_listed_with_nested_marked(bench: BenchRuntime) -> None:
    """Failed and in progress, nothing else."""
    for name, well in (("app-well", True), ("app-bad", False)):
        stack = bench.cloudformation.create(name)
        if not well:
            bench.cloudformation.fail_update(stack)
    bench.cloudformation.say(bench.cloudformation.create("app-busy"), "UPDATE_IN_PROGRESS", "", token=None)

    assert {(seen.name, seen.status.value) for seen in bench.stacks.unwell()} == {
        ("app-bad", "UPDATE_ROLLBACK_FAILED"),
        ("app-busy", "UPDATE_IN_PROGRESS"),
    }


def test_the_clocks_may_differ(bench: BenchRuntime) -> None:
    """An event that CloudFormation dates a little before our claim is still found."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_update(stack)
    bench.orders.give(order(stack))

    assert bench.stacks.trace(stack.stack_id, "sm-1", bench.clock() + timedelta(seconds=30)) is Trace.RUNNING


def test_a_nested_stack_that_failed_speaks_for_its_parent(bench: BenchRuntime) -> None:
    """The parent only says that its child failed; the cause is read from the child, at any depth, each read once."""
    cloudformation = bench.cloudformation
    root = cloudformation.create("app-one")
    child = cloudformation.create("app-one-child", parent_id=root.stack_id)
    grandchild = cloudformation.create("app-one-child-deep", parent_id=child.stack_id)
    cloudformation.fail_update(grandchild, "Access denied")
    for parent, nested in ((child, grandchild), (root, child)):
        cloudformation.say(parent, "UPDATE_IN_PROGRESS", "User Initiated", token="deploy-9")
        for _ in range(2):
            cloudformation.tell(parent, "Nested", "UPDATE_FAILED", "Embedded stack failed", "deploy-9")
            parent.events[-1] |= {"ResourceType": "AWS::CloudFormation::Stack", "PhysicalResourceId": nested.stack_id}
        cloudformation.say(parent, "UPDATE_ROLLBACK_FAILED", "", token="deploy-9")

    told = [(event["StackName"], event["ResourceStatusReason"]) for event in bench.stacks.failing_operation(root.stack_id)]

    assert ("app-one-child-deep", "Access denied") in told
    assert len([one for one in told if one == ("app-one-child", "User Initiated")]) == 1


def test_an_operation_in_progress_is_read_back_to_its_beginning(bench: BenchRuntime) -> None:
    """Through its own rollback, and no further; what it waits for is what has not ended."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.begin_update(stack)
    bench.cloudformation.tell(stack, "Queue", "UPDATE_COMPLETE", "", stack.token)
    bench.cloudformation.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "", token=stack.token)
    now = bench.stacks.generation(stack.stack_id)

    began = bench.stacks.began(now)
    assert began is not None
    assert (began.end.status, began.reason) == ("UPDATE_IN_PROGRESS", "User Initiated")
    assert bench.stacks.waits_for(stack.stack_id) == ("Chaos",)


def test_what_rests_has_no_operation_in_progress(bench: BenchRuntime) -> None:
    """Events can be ahead of what was described."""
    stack = bench.cloudformation.create("app-one")

    assert bench.stacks.began(bench.stacks.generation(stack.stack_id)) is None
