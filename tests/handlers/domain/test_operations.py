"""The table of legal moves agrees with CloudFormation's own model, and with itself."""

import botocore.session
import pytest

from handlers.domain.operations import OPERATIONS, Group, Operation
from handlers.domain.status import Kind, StackStatus

MODEL = botocore.session.get_session().get_service_model("cloudformation")


def test_every_operation_has_its_row() -> None:
    """And no row is of an operation that nobody can order."""
    assert set(OPERATIONS) == set(Operation)


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_one_of_cloudformations(operation: Operation) -> None:
    """Its call is in the service model, and takes what makes it another move."""
    shape = MODEL.operation_model(operation.call).input_shape
    parameter = operation.partition("+")[2]
    modes = MODEL.shape_for("DeletionMode").enum

    assert shape is not None
    assert not parameter or parameter in shape.members or parameter in modes


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_ends_at_rest(operation: Operation) -> None:
    """No end is a status in progress; only a deletion succeeds by leaving nothing; looking at a stack moves it nowhere."""
    facts = OPERATIONS[operation]
    success = {Group.DELETE: {Kind.GONE}, Group.INSPECT: set()}.get(facts.group, {Kind.HEALTHY})

    assert {status.kind for status in facts.succeeds_in} == success
    assert not {status.kind for status in facts.fails_in} & {Kind.IN_PROGRESS, Kind.GONE, Kind.UNBORN}
    assert not facts.succeeds_in & facts.fails_in


def test_what_a_call_does_stays_in_one_group() -> None:
    """A role is allowed calls, so a call that stood in two groups would be allowed to both."""
    groups: dict[str, set[Group]] = {}
    for operation, facts in OPERATIONS.items():
        groups.setdefault(operation.call, set()).add(facts.group)

    assert all(len(of) == 1 for of in groups.values())


@pytest.mark.parametrize(
    ("operation", "legal_from"),
    [
        (Operation.CANCEL_UPDATE_STACK, {StackStatus.UPDATE_IN_PROGRESS}),
        (Operation.CONTINUE_UPDATE_ROLLBACK, {StackStatus.UPDATE_ROLLBACK_FAILED}),
        (Operation.CONTINUE_SKIPPING, {StackStatus.UPDATE_ROLLBACK_FAILED}),
        (Operation.ROLLBACK_STACK, {StackStatus.CREATE_FAILED, StackStatus.UPDATE_FAILED}),
        (Operation.DELETE_RETAINING, {StackStatus.DELETE_FAILED}),
        (Operation.FORCE_DELETE_STACK, {StackStatus.DELETE_FAILED}),
    ],
)
def test_what_is_legal_in_few_statuses_is_so_in_no_others(operation: Operation, legal_from: set[StackStatus]) -> None:
    """The service model's own words."""
    assert OPERATIONS[operation].legal_from == legal_from


def test_nothing_is_ordered_while_an_update_cleans_up() -> None:
    """DeleteStack is refused in UPDATE_IN_PROGRESS and while a rollback cleans up; only a cancel meets a stack in progress."""
    moving = {op for op, facts in OPERATIONS.items() if any(one.kind is Kind.IN_PROGRESS for one in facts.legal_from)}

    assert moving == {Operation.CANCEL_UPDATE_STACK}
