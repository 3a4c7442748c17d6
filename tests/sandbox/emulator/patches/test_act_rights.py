"""What the shipped policy of the act function allows on broken stacks, by use: its role is assumed, and the emulator is asked."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.addresses import CellAddresses, LeaseAddresses
from components.permissions import Reach, function_statements
from handlers.domain.cell import Mode, Pattern
from sandbox.emulator.session import Session
from tests.sandbox.emulator.conftest import ACCOUNT, REGION

pytestmark = pytest.mark.sandbox

CELL = CellAddresses(environment="test", partition="aws", account=ACCOUNT, region=REGION)
LEASE = LeaseAddresses(
    environment="test", partition="aws", hub_account="111111111111", regions=("us-east-1", "us-east-2", "us-west-2")
)


@pytest.fixture
def act(acting: Callable[..., Session]) -> Callable[..., Any]:
    """CloudFormation as the act function of a cell with these patterns reaches it."""

    def client(*patterns: Pattern) -> Any:
        statements = function_statements("act-roll", Reach(cell=CELL, lease=LEASE, patterns=patterns))
        return acting(*(one.document() for one in statements)).client("cloudformation")

    return client


@pytest.fixture
def roles(make_role: Callable[..., str], name: str) -> dict[str, str]:
    """Two roles that CloudFormation may assume, of which the settings name the first."""
    return {one: make_role(f"{name}-{one}", "cloudformation.amazonaws.com") for one in ("repair", "other")}


def refused(do: Callable[..., Any], **asked: Any) -> str:
    """The message with which IAM refuses a call."""
    with pytest.raises(ClientError) as error:
        do(**asked)
    assert error.value.response["Error"]["Code"] == "AccessDenied"
    return str(error.value.response["Error"]["Message"])


def test_a_repair_role_is_given_to_its_patterns_stacks(
    act: Callable[..., Any], broken: str, roles: dict[str, str], settled: Callable[..., Any]
) -> None:
    """The one that the settings name for the pattern, with which CloudFormation then goes on."""
    cloudformation = act(Pattern(pattern=broken, mode=Mode.ACT, repair_role=roles["repair"]))

    cloudformation.continue_update_rollback(StackName=broken, RoleARN=roles["repair"], ResourcesToSkip=["R"])

    found = settled(broken)
    assert (found["StackStatus"], found["RoleARN"]) == ("UPDATE_ROLLBACK_COMPLETE", roles["repair"])


def test_no_other_role_can_be_given(act: Callable[..., Any], broken: str, roles: dict[str, str]) -> None:
    """Not even one that CloudFormation may assume and that stands beside it."""
    cloudformation = act(Pattern(pattern=broken, mode=Mode.ACT, repair_role=roles["repair"]))

    assert refused(cloudformation.continue_update_rollback, StackName=broken, RoleARN=roles["other"])


def test_the_repair_role_of_another_pattern_cannot_be_given(act: Callable[..., Any], broken: str, roles: dict[str, str]) -> None:
    """Although iam:PassRole allows it: the call is bound to the pattern's own role, or to none."""
    elsewhere = Pattern(pattern="elsewhere-*", mode=Mode.ACT, repair_role=roles["other"])
    with_its_own = act(Pattern(pattern=broken, mode=Mode.ACT, repair_role=roles["repair"]), elsewhere)

    assert "ContinueUpdateRollback" in refused(with_its_own.continue_update_rollback, StackName=broken, RoleARN=roles["other"])


def test_no_role_can_be_given_where_none_is_configured(act: Callable[..., Any], broken: str, roles: dict[str, str]) -> None:
    """Such a stack is repaired with its own service role, or not at all."""
    cloudformation = act(Pattern(pattern=broken, mode=Mode.ACT))

    assert refused(cloudformation.continue_update_rollback, StackName=broken, RoleARN=roles["repair"])
    assert cloudformation.continue_update_rollback(StackName=broken, ResourcesToSkip=["R"])


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.OBSERVE])
def test_a_stack_that_is_left_alone_is_refused_under_a_wider_pattern(act: Callable[..., Any], broken: str, mode: Mode) -> None:
    """The wider pattern's stacks hold it, and the narrower one that comes first takes it out again."""
    cloudformation = act(Pattern(pattern=broken, mode=mode), Pattern(pattern="*", mode=Mode.ACT))

    assert "explicit deny" in refused(cloudformation.continue_update_rollback, StackName=broken)
    assert "explicit deny" in refused(cloudformation.rollback_stack, StackName=broken)


def test_its_neighbour_is_repaired(act: Callable[..., Any], broken: str) -> None:
    """Only the narrower pattern's stacks are taken out."""
    cloudformation = act(Pattern(pattern=f"{broken}-else", mode=Mode.OFF), Pattern(pattern="*", mode=Mode.ACT))

    assert cloudformation.continue_update_rollback(StackName=broken, ResourcesToSkip=["R"])
