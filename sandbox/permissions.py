"""What the people of the sandbox's organisation may do: IAM policy statements as data, for sandbox/world.py."""

from typing import Any

Statement = dict[str, Any]


def _allow(actions: list[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def deploy() -> list[Statement]:
    """An administrator of what Stackmend consists of; a role, because an account's root is bound by no policy at all."""
    services = ("cloudwatch", "dynamodb", "events", "iam", "kms", "lambda", "logs", "scheduler", "sns", "sqs", "states")
    return [_allow([f"{service}:*" for service in services], ["*"])]


def operator() -> list[Statement]:
    """Sees everything that Stackmend deploys, reads the stacks, and may turn the switches in its tables."""
    seen = ("cloudformation", "cloudwatch", "events", "kms", "lambda", "scheduler", "sns", "sqs", "states")
    reading = [f"{service}:{verb}*" for service in seen for verb in ("Describe", "Get", "List")]
    tables = ["BatchGetItem", "DescribeTable", "GetItem", "ListTables", "Query", "Scan"]
    return [
        _allow(reading, ["*"]),
        _allow([f"dynamodb:{action}" for action in tables], ["*"]),
        _allow(["logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"], ["*"]),
        _allow(["iam:GetRole", "iam:GetRolePolicy", "iam:ListRoles", "iam:ListRolePolicies"], ["*"]),
        _allow(["sqs:ReceiveMessage"], ["arn:aws:sqs:*:*:stackmend-*"]),
        _allow(["sqs:*"], ["arn:aws:sqs:*:*:drill-*"]),
        _allow(["sns:Subscribe"], ["arn:aws:sns:*:*:stackmend-*"]),
        _allow(["sns:Unsubscribe"], ["*"]),  # knows no resource
        _allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], ["arn:aws:dynamodb:*:*:table/stackmend-*"]),
        _allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*"]),
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
