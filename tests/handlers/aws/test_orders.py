"""An operation is ordered under its own name, once, and refusals are named for what they mean."""

import pytest

from handlers.aws.orders import AnsweredElsewhereError, Order
from handlers.domain.errors import RefusedError, TransientError
from handlers.domain.operations import Operation
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ROLE, FakeStack, refusal


def order(stack: FakeStack, operation: Operation = Operation.CONTINUE_UPDATE_ROLLBACK, role_arn: str | None = None) -> Order:
    """An order on *stack* under one token."""
    return Order(operation=operation, stack_id=stack.stack_id, token="sm-1", role_arn=role_arn)


@pytest.mark.parametrize(
    ("code", "message", "refused"),
    [
        ("ValidationError", f"Role {ROLE} is invalid or cannot be assumed", "service_role_unusable: CloudFormation cannot act"),
        ("AccessDenied", "not authorized", "refused_by_cloudformation: AccessDenied: not authorized"),
        ("InsufficientCapabilitiesException", "IAM", "refused_by_cloudformation: InsufficientCapabilitiesException: IAM"),
    ],
)
def test_a_refusal_that_means_one_thing_is_named(bench: BenchRuntime, code: str, message: str, refused: str) -> None:
    """A deleted service role is said to be one."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_next = refusal("ContinueUpdateRollback", code, message)

    with pytest.raises(RefusedError, match=refused):
        bench.orders.give(order(stack))


def test_a_refusal_that_may_mean_either_is_left_to_the_events(bench: BenchRuntime) -> None:
    """A known token, or a stack that is not where it was."""
    stack = bench.cloudformation.create("app-one")

    with pytest.raises(AnsweredElsewhereError, match="ValidationError"):
        bench.orders.give(order(stack))


def test_a_throttled_call_is_transient(bench: BenchRuntime) -> None:
    """The machine repeats it, with the same token."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_next = refusal("ContinueUpdateRollback", "Throttling", "Rate exceeded")

    with pytest.raises(TransientError):
        bench.orders.give(order(stack))
    assert bench.cloudformation.accepted == []


def test_a_role_is_given_only_where_one_is_lent(bench: BenchRuntime) -> None:
    """A RoleARN once given stays with the stack."""
    for name, role in (("app-one", None), ("app-two", "arn:aws:iam::222222222222:role/repair")):
        stack = bench.cloudformation.create(name, role_arn=None)
        bench.cloudformation.fail_update(stack)
        bench.orders.give(order(stack, role_arn=role))

    assert [role for _, _, role in bench.cloudformation.accepted] == [None, "arn:aws:iam::222222222222:role/repair"]


def test_a_stack_that_was_updated_is_rolled_back_by_the_other_operation(bench: BenchRuntime) -> None:
    """Each operation of the group reaches CloudFormation under its own name."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_and_stay(stack)

    assert bench.orders.give(order(stack, Operation.ROLLBACK_STACK))
    assert stack.status == "UPDATE_ROLLBACK_IN_PROGRESS"
