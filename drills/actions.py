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
AT_REST = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


def lay_ground(field: Field) -> None:
    """Deploy the function that fails on demand, its table of causes and the stacks' service role; remembers their names."""
    _create(field, templates.GROUND, templates.ground(), role_arn=None)
    outputs = _outputs(field, templates.GROUND)
    field.memory.update({"causes": outputs["Causes"], "function": outputs["Function"], "service_role": outputs["ServiceRole"]})


def clear_ground(field: Field) -> None:
    """Take the ground away."""
    delete_stack(field, templates.GROUND)


def deploy_fragile(field: Field, stack: str) -> None:
    """Create *stack* at version 1, healthy, with the drill's service role."""
    _create(field, stack, _fragile(field, 1), role_arn=field.memory["service_role"])


def break_stack(field: Field, stack: str, *, rollback_failures: int) -> None:
    """Update *stack* so that the update fails, and its rollback fails *rollback_failures* times in all.

    Ends when the stack rests in UPDATE_ROLLBACK_FAILED or, where the repair was quicker than we look, is healthy again.
    """
    put_cause(field, f"{stack}/Release/2", left=1)
    put_cause(field, f"{stack}/Config/1", left=rollback_failures)
    before = _updates(field, stack)
    cloudformation = field.team.client("cloudformation")
    cloudformation.update_stack(
        StackName=stack, TemplateBody=_fragile(field, 2), RoleARN=field.memory["service_role"], Capabilities=["CAPABILITY_IAM"]
    )
    field.wait(f"{stack} fails, and cannot roll back", lambda: _updates(field, stack) > before, seconds=60)


def put_cause(field: Field, cause: str, *, left: int) -> None:
    """Let the custom resource fail *left* times when it is brought to *cause* (stack/logical id/version)."""
    _table(field).put_item(
        TableName=field.memory["causes"], Item={"cause": {"S": cause}, "reason": {"S": REASON}, "left": {"N": str(left)}}
    )


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


def _fragile(field: Field, version: int) -> str:
    return templates.fragile(version=version, function_arn=field.memory["function"], causes=field.memory["causes"])


def _create(field: Field, stack: str, template: str, *, role_arn: str | None) -> None:
    arguments = {"RoleARN": role_arn} if role_arn else {}
    cloudformation = field.team.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"], **arguments)
    field.wait(f"{stack} is deployed", lambda: stack_status(field, stack) in AT_REST, seconds=60)


def _updates(field: Field, stack: str) -> int:
    """How often the stack's rollback has failed; read from events, which are not overwritten by the repair."""
    pages = field.team.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
    return sum(
        one["LogicalResourceId"] == stack and one["ResourceStatus"] == "UPDATE_ROLLBACK_FAILED"
        for page in pages
        for one in page["StackEvents"]
    )


def _outputs(field: Field, stack: str) -> Mapping[str, str]:
    described = field.team.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}


def _table(field: Field) -> Any:  # noqa: ANN401 - boto3 gives its clients no type
    return field.team.client("dynamodb")
