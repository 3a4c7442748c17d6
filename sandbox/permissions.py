"""What the people of the sandbox's organisation may do: IAM policy statements as data, for sandbox/world.py."""

from typing import Any

Statement = dict[str, Any]

# Actions for which the emulator finds no resource in the request, or that it calls by another action's name.
UNNAMED_IN_EMULATOR = {
    "cloudwatch:DeleteAlarms": "cloudwatch:DeleteAlarms",
    "cloudwatch:DeleteDashboards": "cloudwatch:DeleteDashboards",
    "cloudwatch:DescribeAlarms": "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard": "cloudwatch:GetDashboard",
    "cloudwatch:ListTagsForResource": "cloudwatch:ListTagsForResource",
    "cloudwatch:PutDashboard": "cloudwatch:PutDashboard",
    "dynamodb:ListTagsOfResource": "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource": "dynamodb:TagResource",
    "events:ListTagsForResource": "events:ListTagsForResource",
    "events:ListTargetsByRule": "events:ListTargetsByRule",
    "events:PutTargets": "events:PutTargets",
    "events:RemoveTargets": "events:RemoveTargets",
    "kms:CreateAlias": "kms:CreateAlias",
    "kms:DeleteAlias": "kms:DeleteAlias",
    "lambda:CreateEventSourceMapping": "lambda:CreateEventSourceMapping",  # it fills no lambda:FunctionArn
    "lambda:DeleteEventSourceMapping": "lambda:DeleteEventSourceMapping",
    "lambda:CreateFunction": "lambda:CreateFunction",
    "lambda:DELETE": "lambda:DeleteLayerVersion",
    "lambda:ListEventSourceMappings": "lambda:GetEventSourceMapping",
    "lambda:ListLayers": "lambda:GetLayerVersion",
    "logs:DescribeLogGroups": "logs:DescribeLogGroups",
    "scheduler:ListTagsForResource": "scheduler:ListTagsForResource",
    "sns:ListTagsForResource": "sns:ListTagsForResource",
    "states:ListTagsForResource": "states:ListTagsForResource",
}
"""By the emulator's name, the action's on AWS."""


def _allow(actions: list[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def emulators_own() -> list[Statement]:
    """What the deploy role needs in the emulator alone, because IAM there looks for another name than IAM on AWS does.

    A test holds that the shipped template allows each of these on AWS: no permission is proven by being here.
    """
    rules = ("DeleteRule", "DescribeRule", "PutRule")
    schedules = ("CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule")
    return [
        _allow(list(UNNAMED_IN_EMULATOR), ["*"]),
        _allow([f"events:{verb}" for verb in rules], ["arn:aws:events:*:*:rule/default/stackmend-*"]),
        _allow([f"scheduler:{verb}" for verb in schedules], ["arn:aws:scheduler:*:*:schedule/default/stackmend-*"]),
    ]


def operator() -> list[Statement]:
    """Sees everything that Stackmend deploys, for the drills' questions; what people do, they do in the role that is shipped."""
    seen = ("cloudformation", "cloudwatch", "events", "kms", "lambda", "scheduler", "sns", "sqs", "states")
    reading = [f"{service}:{verb}*" for service in seen for verb in ("Describe", "Get", "List")]
    tables = ["BatchGetItem", "DescribeTable", "GetItem", "ListTables", "Query", "Scan"]
    return [
        _allow(reading, ["*"]),
        _allow([f"dynamodb:{action}" for action in tables], ["*"]),
        _allow(["logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"], ["*"]),
        _allow(["iam:GetRole", "iam:GetRolePolicy", "iam:ListRoles", "iam:ListRolePolicies"], ["*"]),
        _allow(["s3:ListAllMyBuckets"], ["*"]),
        _allow(["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"], ["arn:aws:s3:::stackmend-*"]),
        _allow(["sqs:ReceiveMessage"], ["arn:aws:sqs:*:*:stackmend-*"]),
        _allow(["sqs:*"], ["arn:aws:sqs:*:*:drill-*"]),
        _allow(["states:StopExecution"], ["arn:aws:states:*:*:execution:stackmend-*"]),  # an execution that dies, as a drill
        _allow(["sns:Subscribe"], ["arn:aws:sns:*:*:stackmend-*"]),
        _allow(["sns:Unsubscribe"], ["*"]),  # knows no resource
        _allow(["kms:Decrypt"], ["*"]),
    ]


def team() -> list[Statement]:
    """Deploys stacks, and for them functions, roles, tables and topics whose names begin with `team-`; passes only such roles."""
    own = [
        "arn:aws:dynamodb:*:*:table/team-*",
        "arn:aws:iam::*:role/team-*",
        "arn:aws:lambda:*:*:function:team-*",
        "arn:aws:logs:*:*:log-group:/aws/lambda/team-*",
        "arn:aws:s3:::team-*",
        "arn:aws:sns:*:*:team-*",
    ]
    return [
        _allow(["cloudformation:*"], ["*"]),
        _allow(["dynamodb:*", "iam:*", "lambda:*", "logs:*", "s3:*", "sns:*"], own),
    ]


def may_assume(*roles: str) -> list[Statement]:
    """Assume these roles, in whichever account trusts, and nothing else."""
    return [_allow(["sts:AssumeRole"], [f"arn:aws:iam::*:role/{role}" for role in roles])]
