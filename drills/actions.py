"""Verbs that change the drill's world, each as a person with an assumed role; every one has its way back beside it."""

from collections.abc import Mapping
from typing import Any

from drills.chaos import templates
from drills.field import Field
from drills.probes import stack_status

REASON = (
    "Received response status [FAILED] from custom resource. Message returned: The upstream service answered: "
    "Service Unavailable (RequestId: 3c2f5b0e-0000-4000-8000-000000000001)"
)
DENIED = "Access denied for operation 'AWS::SQS::Queue'. (Service: Sqs, Status Code: 403, Request ID: 3c2f5b0e)"
"""A permanent cause: trying again cannot help, so nobody should."""
MANY = 1000  # failures that nobody waits for: the cause stays until it is taken away
AT_REST = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


def lay_ground(field: Field) -> None:
    """Deploy the function that fails on demand, its table of causes and the stacks' service role; remembers their names."""
    if stack_status(field, templates.GROUND) is None:
        _create(field, templates.GROUND, templates.ground(), role_arn=None)
        field.memory["ground"] = "ours"
    outputs = _outputs(field, templates.GROUND)
    field.memory.update({"causes": outputs["Causes"], "function": outputs["Function"], "service_role": outputs["ServiceRole"]})


def clear_ground(field: Field) -> None:
    """Take the ground away, if this drill has laid it."""
    if field.memory.get("ground") != "ours":
        return
    delete_stack(field, templates.GROUND)


def deploy_fragile(
    field: Field, stack: str, *, has_role: bool = True, is_watched: bool = False, needs: str | None = None
) -> None:
    """Create *stack* at version 1, healthy, with the drill's service role or none, with an alarm and an export or without.

    Where it *needs* another stack it imports what that one exports.
    """
    template = _fragile(field, 1, is_watched=is_watched, needs=needs)
    _create(field, stack, template, role_arn=field.memory["service_role"] if has_role else None)


def break_stack(
    field: Field,
    stack: str,
    *,
    rollback_failures: int,
    has_role: bool = True,
    is_watched: bool = False,
    needs: str | None = None,
    reason: str = REASON,
) -> None:
    """Update *stack* so that the update fails, and its rollback fails *rollback_failures* times in all.

    Ends when the stack rests in UPDATE_ROLLBACK_FAILED or, where the repair was quicker than we look, is healthy again.
    """
    put_cause(field, f"{stack}/Release/2", left=1, reason=reason)
    put_cause(field, f"{stack}/Config/1", left=rollback_failures, reason=reason)
    before = _updates(field, stack)
    _update(field, stack, _fragile(field, 2, is_watched=is_watched, needs=needs), has_role=has_role)
    field.wait(f"{stack} fails, and cannot roll back", lambda: _updates(field, stack) > before, seconds=60)


def fail_update_and_stay(field: Field, stack: str, *, failures: int = MANY, reason: str = REASON) -> None:
    """Update *stack* with rollback disabled, so that it fails and rests in UPDATE_FAILED, or is repaired by now."""
    put_cause(field, f"{stack}/Release/2", left=failures, reason=reason)
    _update(field, stack, _fragile(field, 2), DisableRollback=True)
    field.wait(f"{stack} fails and stays so", lambda: _has_been(field, stack, "UPDATE_FAILED"), seconds=60)


def fail_creation_and_stay(field: Field, stack: str, *, failures: int = MANY, reason: str = REASON) -> None:
    """Create *stack* with rollback disabled, so that it fails and rests in CREATE_FAILED, or is repaired by now."""
    put_cause(field, f"{stack}/Release/1", left=failures, reason=reason)
    field.team.client("cloudformation").create_stack(
        StackName=stack, TemplateBody=_fragile(field, 1), RoleARN=field.memory["service_role"], DisableRollback=True
    )
    field.wait(f"{stack} fails and stays so", lambda: _has_been(field, stack, "CREATE_FAILED"), seconds=60)


def create_in_vain(field: Field, stack: str) -> None:
    """Create *stack* under termination protection, so that its creation fails and is rolled back: it can only be deleted now."""
    put_cause(field, f"{stack}/Release/1", left=1)
    field.team.client("cloudformation").create_stack(
        StackName=stack,
        TemplateBody=_fragile(field, 1),
        RoleARN=field.memory["service_role"],
        EnableTerminationProtection=True,
    )
    field.wait(f"{stack} fails, and is rolled back", lambda: stack_status(field, stack) == "ROLLBACK_COMPLETE", seconds=60)


def delete_protected(field: Field, stack: str) -> None:
    """Delete *stack* as its owner may: the protection is lifted first."""
    if stack_status(field, stack) is not None:
        field.team.client("cloudformation").update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    delete_stack(field, stack)


def deploy_with_lone_role(field: Field, stack: str) -> None:
    """Create *stack* with a service role that nothing else bears."""
    _create(field, templates.LONE_ROLE, templates.lone_role(), role_arn=None)
    role = _outputs(field, templates.LONE_ROLE)["ServiceRole"]
    _create(field, stack, _fragile(field, 1), role_arn=role)


def break_and_take_role(field: Field, stack: str) -> None:
    """Update *stack* so that it fails and cannot roll back, and delete its service role meanwhile."""
    put_cause(field, f"{stack}/Release/2", left=0, hangs=True)
    put_cause(field, f"{stack}/Config/1", left=1)
    before = _updates(field, stack)
    _update(field, stack, _fragile(field, 2), has_role=False)
    delete_stack(field, templates.LONE_ROLE)
    put_cause(field, f"{stack}/Release/2", left=1)
    field.wait(f"{stack} fails, and cannot roll back", lambda: _updates(field, stack) > before, seconds=60)


def delete_with_lone_role(field: Field, stack: str) -> None:
    """Delete *stack*, for which its role must be there again, and then the role."""
    if stack_status(field, stack) is not None and stack_status(field, templates.LONE_ROLE) is None:
        _create(field, templates.LONE_ROLE, templates.lone_role(), role_arn=None)
    delete_stack(field, stack)
    delete_stack(field, templates.LONE_ROLE)


def hang(field: Field, stack: str) -> None:
    """Update *stack* so that one of its resources gives no answer until `let_go`."""
    put_cause(field, f"{stack}/Release/2", left=0, hangs=True)
    _update(field, stack, _fragile(field, 2))
    field.wait(f"{stack} waits for {stack}/Release", lambda: stack_status(field, stack) == "UPDATE_IN_PROGRESS", seconds=60)


def let_go(field: Field, stack: str) -> None:
    """Let the resource answer, and the update end well."""
    if "causes" in field.memory:
        remove_cause(field, f"{stack}/Release/2")
    if stack_status(field, stack) is not None:
        field.wait(f"{stack} comes to rest", lambda: stack_status(field, stack) in AT_REST, seconds=240)


def deploy_nest(field: Field, stack: str) -> None:
    """Create *stack* with another nested in it, both healthy at version 1."""
    bucket = _bucket(field)
    field.team.client("s3").create_bucket(Bucket=bucket)
    _create(field, stack, _outer(field, stack, 1), role_arn=field.memory["service_role"])


def remove_nest(field: Field, stack: str) -> None:
    """Delete *stack*, what is nested in it, and the bucket of their templates."""
    delete_stack(field, stack)
    s3, bucket = field.team.client("s3"), _bucket(field)
    try:
        kept = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    except s3.exceptions.NoSuchBucket:
        return
    for one in kept:
        s3.delete_object(Bucket=bucket, Key=one["Key"])
    s3.delete_bucket(Bucket=bucket)


def break_nest(field: Field, stack: str) -> None:
    """Update *stack* so that it fails, and its rollback fails once, in the nested stack."""
    put_cause(field, f"{stack}/Release/2", left=1)
    put_cause(field, f"{nested_in(field, stack)}/Config/1", left=1)
    before = _updates(field, stack)
    _update(field, stack, _outer(field, stack, 2))
    field.wait(f"{stack} fails, and cannot roll back", lambda: _updates(field, stack) > before, seconds=60)


def put_cause(field: Field, cause: str, *, left: int, hangs: bool = False, reason: str = REASON) -> None:
    """Let the custom resource fail *left* times, or give no answer, when it is brought to *cause* (stack/logical id/version)."""
    item = {"cause": {"S": cause}, "reason": {"S": reason}, "left": {"N": str(left)}}
    _table(field).put_item(TableName=field.memory["causes"], Item={**item, **({"hangs": {"BOOL": True}} if hangs else {})})


def remove_cause(field: Field, cause: str) -> None:
    """Take the cause away: from now on the resource succeeds."""
    _table(field).delete_item(TableName=field.memory["causes"], Key={"cause": {"S": cause}})


def delete_stack(field: Field, stack: str) -> None:
    """Delete *stack* whatever state it is in; nothing to do when it is not there."""
    cloudformation = field.team.client("cloudformation")
    if stack_status(field, stack) is None:
        return
    cloudformation.delete_stack(StackName=stack)
    field.wait(f"{stack} is deleted", lambda: stack_status(field, stack) is None, seconds=60)


def _fragile(field: Field, version: int, *, is_watched: bool = False, needs: str | None = None) -> str:
    function, causes = field.memory["function"], field.memory["causes"]
    return templates.fragile(version=version, function_arn=function, causes=causes, is_watched=is_watched, needs=needs)


def _create(field: Field, stack: str, template: str, *, role_arn: str | None) -> None:
    arguments = {"RoleARN": role_arn} if role_arn else {}
    cloudformation = field.team.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"], **arguments)
    field.wait(f"{stack} is deployed", lambda: stack_status(field, stack) in AT_REST, seconds=60)


def _update(field: Field, stack: str, template: str, *, has_role: bool = True, **more: Any) -> None:  # noqa: ANN401 - its options
    role = {"RoleARN": field.memory["service_role"]} if has_role else {}
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    field.team.client("cloudformation").update_stack(
        StackName=stack, TemplateBody=template, Capabilities=capabilities, **role, **more
    )


def _outer(field: Field, stack: str, version: int) -> str:
    """The template of *stack*, once that of its nested stack lies where CloudFormation can read it."""
    function, causes = field.memory["function"], field.memory["causes"]
    inner = templates.inner(version=version, function_arn=function, causes=causes)
    bucket, key = _bucket(field), f"{stack}-{version}.json"
    field.team.client("s3").put_object(Bucket=bucket, Key=key, Body=inner.encode())
    url = f"https://s3.amazonaws.com/{bucket}/{key}"
    return templates.outer(version=version, function_arn=function, causes=causes, inner_url=url)


def _bucket(field: Field) -> str:
    return f"team-drill-{field.cell.account}-{field.cell.region}"


def nested_in(field: Field, stack: str) -> str:
    """The name of the stack that is nested in *stack*."""
    resources = field.team.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return next(str(one["PhysicalResourceId"]).split("/")[1] for one in resources if one["LogicalResourceId"] == "Inner")


def _has_been(field: Field, stack: str, status: str) -> bool:
    return status in _own_statuses(field, stack)


def _updates(field: Field, stack: str) -> int:
    """How often the stack's rollback has failed."""
    return _own_statuses(field, stack).count("UPDATE_ROLLBACK_FAILED")


def _own_statuses(field: Field, stack: str) -> list[str]:
    """The stack's history; read from events, which are not overwritten by the repair."""
    pages = field.team.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
    return [one["ResourceStatus"] for page in pages for one in page["StackEvents"] if one["LogicalResourceId"] == stack]


def _outputs(field: Field, stack: str) -> Mapping[str, str]:
    described = field.team.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}


def _table(field: Field) -> Any:  # noqa: ANN401 - boto3 gives its clients no type
    return field.team.client("dynamodb")
