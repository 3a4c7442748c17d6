"""Names and ARNs that are known before anything is deployed."""

import pytest

from components.addresses import ROLES, CellAddresses, LeaseAddresses
from tests.components.conftest import Recording


@pytest.fixture
def cell() -> CellAddresses:
    return CellAddresses(environment="test", partition="aws-cn", account="222222222222", region="cn-north-1", role_path="/ops/")


def test_every_arn_is_of_the_partition(cell: CellAddresses) -> None:
    """None says `aws` where it is not."""
    arns = [
        *(cell.function_arn(role) for role in ROLES),
        *(cell.role_arn(role) for role in ROLES),
        *(cell.ledger_arn, cell.unresolved_arn, cell.machine_arn, cell.executions_arn, cell.alert_topic_arn),
        *(cell.schedule_group_arn, cell.queue_arn("intake"), cell.rule_arn("intake"), cell.alarm_arn("silence")),
        *(cell.stack_arn("app-*"), cell.log_group_arn("intake")),
    ]

    assert {arn.split(":")[1] for arn in arns} == {"aws-cn"}


def test_a_role_says_its_region_and_path(cell: CellAddresses) -> None:
    """IAM is one for all regions of an account."""
    assert cell.role_arn("intake") == "arn:aws-cn:iam::222222222222:role/ops/stackmend-test-intake-cn-north-1"


def test_a_ledger_says_its_owners_region(cell: CellAddresses) -> None:
    """Its copy keeps the name."""
    assert cell.ledger_table == "stackmend-test-ledger-cn-north-1"


def test_executions_are_this_machines(cell: CellAddresses) -> None:
    """Whatever their name."""
    assert cell.executions_arn == "arn:aws-cn:states:cn-north-1:222222222222:execution:stackmend-test-recovery:*"


def test_a_lease_role_says_whose_it_is(cell: CellAddresses) -> None:
    """All cells' roles stand in one account, the hub's."""
    lease = LeaseAddresses(
        environment="test", partition="aws", hub_account="111111111111", regions=("us-east-1", "us-east-2", "us-west-2")
    )

    assert lease.role_arn("lease-read", cell) == (
        "arn:aws:iam::111111111111:role/stackmend-test-lease-read-222222222222-cn-north-1"
    )


def test_every_address_in_a_functions_rights_is_one_that_is_deployed(sandbox: Recording) -> None:
    """Function, queue, topic, table and bucket names in the policies exist in the program."""
    named = {one.inputs["name"] for one in sandbox.resources_seen if "name" in one.inputs}
    made = named | {one.inputs["bucket"] for one in sandbox.of("Bucket")}
    spelled = sandbox.of("RolePolicy")
    words = {word for one in spelled for word in one.inputs["policy"].replace('"', ":").replace("/", ":").split(":")}
    ours = {word for word in words if word.startswith("stackmend-sandbox-")}

    assert ours
    assert ours <= made
