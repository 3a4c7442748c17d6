"""A stack's service role: passed by who may pass it, kept by the stack for all later operations, and shown.

The emulator makes resources with its own hand, so what the role itself may do is not enforced; that it exists and that
CloudFormation may assume it is.
"""

import json
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam
from ministack.services.cloudformation import changesets

from sandbox.emulator.hooks import Answer, Parameters, StackHandler, around_stack_actions, parameter, refuse, stack_record
from sandbox.emulator.request import CURRENT

SERVICE = "cloudformation.amazonaws.com"

# The operations that take a RoleARN (botocore's service model); executing a change set uses the change set's.
PASSING = ("CreateStack", "UpdateStack", "DeleteStack", "ContinueUpdateRollback", "RollbackStack", "CreateChangeSet")


def install() -> None:
    """Check, keep and use the roles of stacks; stack_lineage shows them."""
    around_stack_actions(PASSING, _pass_role)
    around_stack_actions(["ExecuteChangeSet"], _execute_change_set)


def _pass_role(action: str, original: StackHandler, parameters: Parameters) -> Answer:
    name, given = parameter(parameters, "StackName"), parameter(parameters, "RoleARN")
    if given and (denied := _not_allowed_to_pass(given)):
        return denied
    role = given or _kept_role(name)
    if role and not _can_be_assumed(role):
        return _cannot_be_assumed(role)
    answer = original(parameters)
    if given and answer[0] < 400:  # noqa: PLR2004 - HTTP's first error
        _keep(action, parameters, given)
    return answer


def _kept_role(name: str) -> str:
    """The role that the stack has; a deleted stack of this name is another one."""
    record = stack_record(name) or {}
    return "" if record.get("StackStatus") == "DELETE_COMPLETE" else str(record.get("RoleARN", ""))


def _keep(action: str, parameters: Parameters, role: str) -> None:
    name = parameter(parameters, "StackName")
    if action == "CreateChangeSet":
        _, kept = changesets._find_change_set(parameter(parameters, "ChangeSetName"), name)
    else:
        kept = stack_record(name)
    if kept is not None:
        kept["RoleARN"] = role


def _execute_change_set(_: str, original: StackHandler, parameters: Parameters) -> Answer:
    _, change_set = changesets._find_change_set(parameter(parameters, "ChangeSetName"), parameter(parameters, "StackName"))
    stack: dict[str, Any] = stack_record(change_set["StackName"]) or {} if change_set else {}
    role = (change_set or {}).get("RoleARN") or stack.get("RoleARN", "")
    if role and not _can_be_assumed(role):
        return _cannot_be_assumed(role)
    answer = original(parameters)
    if role and answer[0] < 400:  # noqa: PLR2004 - HTTP's first error
        stack["RoleARN"] = role
    return answer


def _not_allowed_to_pass(role: str) -> Answer | None:
    request = CURRENT.get()
    if request is None:  # CloudFormation's own work on a nested stack
        return None
    denied = iam_evaluator.enforce(
        request.access_key, "iam:PassRole", "iam", request.region, role, {"iam:PassedToService": SERVICE}
    )
    if denied is None:
        return None
    is_explicit = getattr(denied, "decision", "") == "Deny"
    answer: Answer = iam_actions.access_denied_response(
        "cloudformation",
        "iam:PassRole",
        request.caller_arn,
        "",
        message=iam_actions.identity_denial_message("iam:PassRole", request.caller_arn, role, is_explicit),
    )
    return answer


def _cannot_be_assumed(role: str) -> Answer:
    return refuse("ValidationError", f"Role {role} is invalid or cannot be assumed")


def _can_be_assumed(role: str) -> bool:
    account, path = role.split(":")[4], role.split(":", 5)[-1]
    record = iam._roles.get_scoped(account, None, path.rsplit("/", 1)[-1]) if path.startswith("role/") else None
    if record is None:
        return False
    document = record["AssumeRolePolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    statements = document.get("Statement", [])
    return any(
        one.get("Effect") == "Allow" and iam_evaluator._service_principal_matches(one.get("Principal"), SERVICE)
        for one in (statements if isinstance(statements, list) else [statements])
    )
