"""Each function's role holds what its function needs and no more: every action is taken away in turn, and something fails.

What the sandbox's emulator does not ask for is listed with the reason, and checked as data in tests/components.
"""

from collections.abc import Callable, Iterator

import pytest

from components.addresses import ROLES
from components.permissions import function_statements, lease_statements
from console.rehearsal import LEASE_SECONDS, WORKLOAD, Deployed
from drills import actions
from drills.probes import cell_holds_its_lease
from drills.recoveries import recoveries
from handlers.domain.outcome import Settlement
from tests.whole import situations
from tests.whole.situations import REGION, Stage

pytestmark = pytest.mark.sandbox
Situation = Callable[[Stage], str]

NEEDED: dict[str, dict[Situation, tuple[str, ...]]] = {
    "intake": {
        situations.recover: (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackEvents",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "states:StartExecution",
        ),
        situations.recover_cold: ("sts:AssumeRole",),
        situations.forget: ("dynamodb:UpdateItem",),
    },
    "notice": {
        situations.recover: ("dynamodb:UpdateItem", "states:SendTaskSuccess"),
        situations.wait_in_vain: ("dynamodb:GetItem", "cloudformation:DescribeStackEvents"),
        situations.strange_token: ("sqs:SendMessage",),
    },
    "capture": {
        situations.deploy: (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackEvents",
            "cloudformation:GetTemplate",
            "cloudformation:GetStackPolicy",
            "cloudformation:ListStackResources",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "s3:GetObject",
            "s3:PutObject",
        ),
    },
    "diagnose": {
        situations.recover: (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackEvents",
            "dynamodb:UpdateItem",
            "iam:GetRole",
        ),
        situations.recover_watched: ("cloudformation:ListImports",),
    },
    "act-roll": {
        situations.recover: (
            "cloudformation:DescribeStacks",
            "cloudformation:ContinueUpdateRollback",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ),
        situations.recover_cold: ("sts:AssumeRole",),
        situations.roll_back: ("cloudformation:RollbackStack",),
        situations.die_acting: ("cloudformation:DescribeStackEvents",),
        situations.heal_between: ("states:SendTaskSuccess",),
    },
    "act-change": {
        situations.resume: (
            "cloudformation:DescribeStacks",
            "cloudformation:UpdateStack",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ),
        situations.resume_cold: ("sts:AssumeRole",),
        situations.die_resuming: ("cloudformation:DescribeStackEvents",),
        situations.resumed_between: ("states:SendTaskSuccess",),
    },
    "validate": {
        situations.recover: (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackEvents",
            "cloudformation:ListStackResources",
            "dynamodb:GetItem",
            "dynamodb:UpdateItem",
        ),
        situations.recover_watched: ("cloudwatch:DescribeAlarms",),
    },
    "settle": {situations.recover: ("dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:Query", "sqs:SendMessage")},
    "escalate": {
        situations.escalate: ("dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query", "sqs:SendMessage", "sns:Publish"),
    },
    "heartbeat": {
        situations.beat_cold: ("sts:AssumeRole",),
        situations.beat: ("cloudformation:ListStacks", "dynamodb:Query"),
        situations.hear_nothing: ("sqs:SendMessage",),
        situations.wait_in_vain: ("states:DescribeExecution",),
        situations.heal: ("dynamodb:UpdateItem",),
        situations.die_unheard: ("lambda:InvokeFunction",),
    },
    "lease-read": {situations.recover: ("dynamodb:BatchGetItem",)},
    "lease-renew": {
        situations.beat: ("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
        situations.first_beat: ("dynamodb:PutItem",),
    },
}

NOT_ASKED_FOR = {
    "logs:CreateLogStream": "the emulator writes functions' logs without asking",
    "logs:PutLogEvents": "the emulator writes functions' logs without asking",
    "xray:PutTraceSegments": "the emulator has no X-Ray",
    "xray:PutTelemetryRecords": "the emulator has no X-Ray",
    "s3:ListBucket": "the emulator says of a missing object that it is missing, also to who may not list",
    "sqs:ReceiveMessage": "the emulator's poller reads the queues without asking",
    "sqs:DeleteMessage": "the emulator's poller reads the queues without asking",
    "sqs:GetQueueAttributes": "the emulator's poller reads the queues without asking",
}
"""Checked as data: the poller's three and the log's two stand in AWS's guides by name (components/permissions.py says where).

The key's permissions are in a policy of their own (`key_statement`), and the emulator does not ask for them either.
"""

AFTERWARDS = {("settle", "dynamodb:GetItem"), ("settle", "dynamodb:Query"), ("settle", "sqs:SendMessage")}
"""Asked for when the recovery is closed already, for its figures, for capture and for whoever is parked behind it: the refusal alone shows that it is needed."""

CASES = [
    pytest.param(role, action, situation, id=f"{role}-{action}-{situation.__name__}")
    for role, by_situation in NEEDED.items()
    for situation, taken in by_situation.items()
    for action in taken
]


@pytest.fixture(scope="module")
def stage(sandbox: Deployed) -> Iterator[Stage]:
    """The sandbox's first cell, with the ground for stacks that fail."""
    field = sandbox.field(WORKLOAD, REGION, print)
    field.wait("the heartbeat takes the cell's lease", lambda: cell_holds_its_lease(field) is None, seconds=LEASE_SECONDS)
    made = Stage(sandbox, field)
    actions.lay_ground(field)
    try:
        with made.may_beat():
            yield made
    finally:
        made.clear()
        actions.clear_ground(field)


def test_every_allowed_action_is_needed_somewhere(stage: Stage) -> None:
    """What a role may do is what some situation needs; what the emulator does not ask for is named."""
    reach = stage.blueprint.reach
    allowed = {str(role): function_statements(role, reach) for role in ROLES}
    allowed |= {door: lease_statements(door, reach.cell, reach.lease) for door in ("lease-read", "lease-renew")}
    listed = {role: {action for taken in by.values() for action in taken} for role, by in NEEDED.items()}

    assert listed == {
        role: {action for one in statements for action in one.actions} - NOT_ASKED_FOR.keys()
        for role, statements in allowed.items()
    }


@pytest.mark.parametrize(("role", "action", "situation"), CASES)
def test_without_it_something_fails(stage: Stage, role: str, action: str, situation: Situation) -> None:
    """The call is refused, and what the situation is for does not come about until the right is given back."""
    since = len(stage.world.emulator.calls())
    with stage.without(role, action):
        stack = situation(stage)
        stage.until(f"{role} is refused {action}", lambda: stage.refused(role, action, since))
        found = recoveries(stage.field, stack) if stack else []

    recovered = [one for one in found if one.get("outcome") == Settlement.RECOVERED]
    assert not recovered or (role, action) in AFTERWARDS
