"""Each role against the table of what its function calls."""

from typing import Any

import pytest

from components.addresses import ACTING, ROLES, CellAddresses, LeaseAddresses, Role
from components.machine import Spans, definition
from components.permissions import (
    Reach,
    Statement,
    UnexplainedWildcardError,
    function_statements,
    key_statement,
    lease_statements,
    machine_statements,
    policy,
    schedule_statements,
)
from components.recovery import STEPS
from handlers.domain.cell import Mode, Pattern
from handlers.domain.operations import Group
from tests.components.conftest import Lint

CELL = CellAddresses(environment="test", partition="aws", account="222222222222", region="us-east-1", role_path="/ops/")
LEASE = LeaseAddresses(
    environment="test",
    partition="aws",
    hub_account="111111111111",
    regions=("us-east-1", "us-east-2", "us-west-2"),
    role_path="/ops/",
)
REPAIR = "arn:aws:iam::222222222222:role/repair"
STACK = "arn:aws:cloudformation:us-east-1:222222222222:stack"
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
RECEIVE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
READ_STACK = {"cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"}
GET_UPDATE = {"dynamodb:GetItem", "dynamodb:UpdateItem"}

TABLE: dict[Role, set[str]] = {
    "intake": RECEIVE
    | READ_STACK
    | GET_UPDATE
    | {"dynamodb:PutItem", "dynamodb:Query", "sts:AssumeRole", "states:StartExecution"},
    "notice": RECEIVE | GET_UPDATE | {"cloudformation:DescribeStackEvents", "states:SendTaskSuccess", "sqs:SendMessage"},
    "capture": RECEIVE
    | READ_STACK
    | {
        "cloudformation:GetTemplate",
        "cloudformation:GetStackPolicy",
        "cloudformation:ListStackResources",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    },
    "diagnose": READ_STACK | {"dynamodb:UpdateItem", "cloudformation:ListImports", "iam:GetRole"},
    "act-roll": READ_STACK
    | GET_UPDATE
    | {
        "dynamodb:PutItem",
        "sts:AssumeRole",
        "states:SendTaskSuccess",
        "cloudformation:ContinueUpdateRollback",
        "cloudformation:RollbackStack",
        "iam:PassRole",
    },
    "act-change": READ_STACK
    | GET_UPDATE
    | {"dynamodb:PutItem", "sts:AssumeRole", "states:SendTaskSuccess", "cloudformation:UpdateStack", "iam:PassRole"},
    "validate": READ_STACK | GET_UPDATE | {"cloudformation:ListStackResources", "cloudwatch:DescribeAlarms"},
    "settle": GET_UPDATE | {"dynamodb:Query", "sqs:SendMessage"},
    "escalate": GET_UPDATE | {"dynamodb:Query", "sqs:SendMessage", "sns:Publish"},
    "heartbeat": {
        "sts:AssumeRole",
        "cloudformation:ListStacks",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "states:DescribeExecution",
        "sqs:SendMessage",
        "lambda:InvokeFunction",
    },
}
EVERY_RESOURCE = {
    ("notice", "WakeRecovery"),
    ("diagnose", "FindImports"),
    ("act-roll", "WakeRecovery"),
    ("act-change", "WakeRecovery"),
    ("validate", "SeeAlarms"),
    ("heartbeat", "FindStacks"),
}


@pytest.fixture
def reach() -> Reach:
    patterns = (
        Pattern(pattern="app-*", mode=Mode.ACT, repair_role=REPAIR),
        Pattern(pattern="payments", mode=Mode.PROPOSE),
        Pattern(pattern="shadow-*", mode=Mode.OBSERVE),
        Pattern(pattern="legacy-*", mode=Mode.OFF),
    )
    return Reach(cell=CELL, lease=LEASE, patterns=patterns)


def by_sid(role: Role, reach: Reach) -> dict[str, Statement]:
    return {statement.sid: statement for statement in function_statements(role, reach)}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_its_function_calls_and_nothing_else(role: Role, reach: Reach) -> None:
    """The actions are the table's, and writing to the own log and trace."""
    allowed = {action for statement in function_statements(role, reach) for action in statement.actions}

    assert allowed == TABLE[role] | LOGS | TRACES


def test_every_resource_is_reached_only_where_aws_leaves_no_other(reach: Reach) -> None:
    """Six statements beside the traces of each function, each with its reason."""
    found = {
        (role, statement.sid): statement.why_every_resource
        for role in ROLES
        for statement in function_statements(role, reach)
        if "*" in statement.resources
    }

    assert set(found) == EVERY_RESOURCE | {(role, "WriteItsTraces") for role in ROLES}
    assert all(len(reason) > 30 for reason in found.values())


def test_no_resource_leaves_the_cell(reach: Reach) -> None:
    """Every other ARN is of the cell's account and region; only the lease role is the hub's, and repair roles have no region."""
    for role in ROLES:
        for statement in function_statements(role, reach):
            for resource in statement.resources:
                if resource == "*" or statement.sid in ("AssumeLeaseRole", "GiveRepairRole", "SeeServiceRoles"):
                    continue
                vault = resource.startswith(CELL.vault_arn)  # a bucket's ARN has no place: its name has
                assert vault or resource.split(":")[3:5] == ["us-east-1", "222222222222"], (role, resource)


def test_a_wildcard_without_a_reason_is_refused() -> None:
    """Nobody can forget to say why."""
    with pytest.raises(UnexplainedWildcardError, match="All: say why_every_resource exactly where the resource is \\*"):
        Statement(sid="All", actions=("s3:GetObject",), resources=("*",))


def test_a_reason_without_a_wildcard_is_refused() -> None:
    """A reason that explains nothing would hide the next one."""
    with pytest.raises(UnexplainedWildcardError, match="One"):
        Statement(sid="One", actions=("s3:GetObject",), resources=("arn:aws:s3:::a",), why_every_resource="because")


def test_stacks_are_read_by_pattern_with_their_nested_ones(reach: Reach) -> None:
    """A nested stack's name begins with its root's; a pattern that is off is not even read."""
    read = by_sid("diagnose", reach)["ReadStacks"].resources

    assert read == (f"{STACK}/app-*/*", f"{STACK}/payments/*", f"{STACK}/shadow-*/*", f"{STACK}/payments-*/*")


@pytest.mark.parametrize("group", ACTING)
def test_only_what_may_be_repaired_can_be_changed(reach: Reach, group: Group) -> None:
    """Each pattern's stacks with that pattern's own repair role, or with none at all."""
    sid = group.title()
    changes = {name: one for name, one in by_sid(ACTING[group], reach).items() if name.startswith(sid)}

    assert {name: (one.resources, one.conditions) for name, one in changes.items()} == {
        f"{sid}1": ((f"{STACK}/app-*/*",), {"ArnEqualsIfExists": {"cloudformation:RoleArn": REPAIR}}),
        f"{sid}2": ((f"{STACK}/payments/*",), {"Null": {"cloudformation:RoleArn": "true"}}),
    }


EXCEPTED = [
    ("legacy-app", Mode.OFF),
    ("shadow-*", Mode.OBSERVE),
    ("app-*", Mode.ACT),
    ("*-one", Mode.OBSERVE),
    ("*", Mode.PROPOSE),
]


@pytest.mark.parametrize(
    ("count", "spared"),
    [
        pytest.param(3, [], id="nothing wider comes later"),
        pytest.param(5, ["legacy-app", "shadow-*"], id="app-one may be changed, so *-one cannot be refused whole"),
    ],
)
def test_a_narrow_pattern_that_forbids_is_refused_under_a_wider_one(count: int, spared: list[str]) -> None:
    """The first pattern decides; IAM knows no order, so each change that is allowed is refused for those before it by name."""
    patterns = tuple(Pattern(pattern=pattern, mode=mode) for pattern, mode in EXCEPTED[:count])
    found = by_sid("act-roll", Reach(cell=CELL, lease=LEASE, patterns=patterns))
    rolls = {action for sid, one in found.items() if sid.startswith("Roll") for action in one.actions}
    refused = found.get("LeaveAlone")

    assert [resource for one in [refused] if one for resource in one.resources] == [f"{STACK}/{name}/*" for name in spared]
    if refused:
        assert refused.document()["Effect"] == "Deny"
        assert set(refused.actions) == rolls


def test_only_configured_repair_roles_can_be_given_and_only_to_cloudformation(reach: Reach) -> None:
    """iam:PassRole names them one by one."""
    passing = by_sid("act-roll", reach)["GiveRepairRole"]

    assert passing.resources == (REPAIR,)
    assert passing.conditions == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


@pytest.mark.parametrize("role", ACTING.values())
def test_a_cell_that_only_observes_can_change_nothing(role: Role) -> None:
    """Without a pattern to repair there is neither a change nor a role to give."""
    reach = Reach(cell=CELL, lease=LEASE, patterns=(Pattern(pattern="app-*"),))
    allowed = {action for statement in function_statements(role, reach) for action in statement.actions}

    assert {action for action in allowed if action.startswith("cloudformation:")} == READ_STACK
    assert "iam:PassRole" not in allowed


def test_a_cell_that_is_off_reads_no_stack() -> None:
    """A statement without resources would be refused by IAM, so it is left out."""
    reach = Reach(cell=CELL, lease=LEASE, patterns=(Pattern(pattern="app-*", mode=Mode.OFF),))

    assert "ReadStacks" not in by_sid("diagnose", reach)


@pytest.mark.parametrize(
    ("door", "reached"),
    [
        ("lease-read", {("dynamodb:BatchGetItem",): ["LEASE#222222222222#us-east-1", "SERVING#test", "SWITCH#test"]}),
        (
            "lease-renew",
            {
                ("dynamodb:BatchGetItem",): ["LEASE#222222222222#us-east-1", "SERVING#test"],
                ("dynamodb:PutItem", "dynamodb:UpdateItem"): ["LEASE#222222222222#us-east-1"],
            },
        ),
    ],
)
def test_a_cell_reaches_its_own_lease_in_every_control_region(door: str, reached: dict[tuple[str, ...], list[str]]) -> None:
    """Its own items by their leading key, on each replica; the flags are read and never written."""
    statements = lease_statements(door, CELL, LEASE)

    assert {one.actions: one.conditions for one in statements} == {
        actions: {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys}} for actions, keys in reached.items()
    }
    for statement in statements:
        assert statement.resources == tuple(
            f"arn:aws:dynamodb:{region}:111111111111:table/stackmend-test-leases" for region in LEASE.regions
        )


def test_the_machine_may_run_its_steps_and_nothing_else() -> None:
    """Exactly the functions of the definition; log deliveries have no ARN."""
    run, log, traces = machine_statements(CELL, STEPS)
    spans = Spans(act_timeout=3600, act_function=30, function=60, overdue_grace=60)
    states = definition({step: CELL.function_arn(step) for step in STEPS}, spans, 100)["States"].values()
    called = {state["Parameters"]["FunctionName"] for state in states if state["Type"] == "Task"}

    assert set(run.resources) == called
    assert {action.partition(":")[0] for action in log.actions} == {"logs"}
    assert set(traces.actions) == TRACES | {"xray:GetSamplingRules", "xray:GetSamplingTargets"}


def test_the_schedule_may_only_beat() -> None:
    """One function, and one queue for what failed."""
    assert [(one.actions, one.resources) for one in schedule_statements(CELL)] == [
        (("lambda:InvokeFunction",), (CELL.function_arn("heartbeat"),)),
        (("sqs:SendMessage",), (CELL.queue_arn("heartbeat-dead"),)),
    ]


@pytest.mark.parametrize(("role", "services"), [("escalate", ["dynamodb", "sns"]), ("settle", ["dynamodb"])])
def test_a_key_is_used_through_the_services_that_need_it(role: Role, services: list[str], reach: Reach) -> None:
    """Nobody decrypts by himself."""
    statement = key_statement(reach, role, "arn:aws:kms:us-east-1:222222222222:key/one")

    assert statement.conditions == {
        "StringEquals": {"kms:ViaService": [f"{service}.us-east-1.amazonaws.com" for service in services]}
    }


def documents(reach: Reach) -> dict[str, dict[str, Any]]:
    """Every policy document that a role of a cell carries."""
    key = "arn:aws:kms:us-east-1:222222222222:key/12345678-1234-1234-1234-123456789012"
    functions: dict[str, dict[str, Any]] = {role: policy(function_statements(role, reach)) for role in ROLES}
    keys = {f"{role}-key": policy([key_statement(reach, role, key)]) for role in ROLES}
    doors = {door: policy(lease_statements(door, CELL, LEASE)) for door in ("lease-read", "lease-renew")}
    others = {"recovery": policy(machine_statements(CELL, STEPS)), "scheduler": policy(schedule_statements(CELL))}
    return {**functions, **keys, **doors, **others}


def test_cfn_lint_takes_every_document(reach: Reach, findings: Lint) -> None:
    """Actions, resources and conditions are ones that IAM knows."""
    found = {
        name: said
        for name, document in documents(reach).items()
        if (said := findings("AWS::IAM::ManagedPolicy", {"PolicyDocument": document}))
    }

    assert found == {}


def test_cfn_lint_would_have_found_a_fault(reach: Reach, findings: Lint) -> None:
    """A made-up action is found, so the silence above means something."""
    document = documents(reach)["settle"]
    document["Statement"][0]["Action"] = ["logs:PutLogEventsPlease"]

    assert findings("AWS::IAM::ManagedPolicy", {"PolicyDocument": document})


@pytest.mark.parametrize("role", ROLES)
def test_an_inline_policy_fits(role: Role, reach: Reach) -> None:
    """IAM takes 10,240 characters of inline policies per role, white space not counted; half is left for patterns to come."""
    size = len(str(policy(function_statements(role, reach))).replace(" ", ""))

    assert size < 5120
