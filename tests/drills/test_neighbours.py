"""What would show that one cell had meddled with another's stacks."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from drills.field import Field
from drills.neighbours import HERE, ONE, STACKS, THERE, no_other_cell_was_here, one_mutation_by_its_own_cell
from tests.drills.conftest import RememberedStage

CONTINUE = "cloudformation:ContinueUpdateRollback"


def change(account: str = HERE[0], region: str = HERE[1], *, by: str = HERE[0], error: str | None = None) -> SimpleNamespace:
    """act-roll of account *by* in us-east-1 continues the stack's rollback in *account* and *region*."""
    caller = f"arn:aws:sts::{by}:assumed-role/stackmend-sandbox-act-roll-us-east-1/stackmend-sandbox-act-roll"
    return SimpleNamespace(
        caller_arn=caller, account=account, region=region, action=CONTINUE, resource=ONE, parameters={}, error=error
    )


@pytest.mark.parametrize(
    ("calls", "problem"),
    [
        ([change()], None),
        ([change(), change(error="ValidationError")], None),
        ([change(), change(*THERE, by=THERE[0])], None),
        ([change(), change()], f"{ONE} was changed 2 times, not once"),
        ([], f"{ONE} was changed 0 times, not once"),
        ([change(), change(by=THERE[0])], f"{ONE} was changed by {change(by=THERE[0]).caller_arn}"),
    ],
)
def test_one_mutation_is_counted_where_it_lands(
    make_field: Callable[..., Field], calls: list[SimpleNamespace], problem: str | None
) -> None:
    """The same name in another account is another stack; a refused call changed nothing."""
    assert one_mutation_by_its_own_cell(make_field(stage=RememberedStage(seen=calls)), ONE) == problem


def test_a_strangers_call_is_named_even_when_it_was_refused(make_field: Callable[..., Field]) -> None:
    """Permissions held, and still somebody tried."""
    stranger = change(by=THERE[0], error="AccessDenied")

    assert no_other_cell_was_here(make_field(stage=RememberedStage(seen=[change()]))) is None
    assert no_other_cell_was_here(make_field(stage=RememberedStage(seen=[stranger]))) == (
        f"others called here: {stranger.caller_arn} {CONTINUE}"
    )


def test_the_three_stacks_differ_in_stack_or_account_alone() -> None:
    """Otherwise the drill would not show what it is for."""
    (here, one), (also_here, two), (there, same) = STACKS

    assert (here, one) == (HERE, same)
    assert also_here == here != there
    assert one != two
    assert here[1] == there[1]
