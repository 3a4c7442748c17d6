"""Reads everything that makes a stack, in as few calls as CloudFormation allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.handlers import json_decode_template_body

from handlers.aws.calls import Client, ask, code_of, message_of, pages
from handlers.domain.status import StackStatus
from handlers.domain.version import NestedStack, Parameter, RollbackTrigger, StackMade, Text

NESTED = "AWS::CloudFormation::Stack"
DEEPEST = 10
"""Levels of nesting that are followed; a stack that holds itself, which CloudFormation does not refuse, must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStack:
    """A stack as DescribeStacks shows it."""

    stack_id: str
    status: StackStatus
    is_nested: bool
    moved_at: object
    shown: Mapping[str, Any]

    @property
    def exports(self) -> tuple[str, ...]:
        """The names under which it exports values; a stack that is nested in it exports its own."""
        return tuple(one["ExportName"] for one in self.shown.get("Outputs") or () if one.get("ExportName"))

    def stands_still(self, later: "SeenStack | None") -> bool:
        """Whether nothing has begun or ended between two looks."""
        return later is not None and (later.status, later.moved_at) == (self.status, self.moved_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A resource by its type, and by the name or ARN that others know it by."""

    type: str
    physical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a stack is made of, the texts that it rests on, and how its resources are, nested ones by their path."""

    made: StackMade
    texts: tuple[str, ...]
    resources: Mapping[str, str]
    owned: tuple[Owned, ...] = ()
    """Each resource's type and what AWS calls it."""


class StackReader:
    """CloudFormation, to be read for the vault."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def look(self, stack_id: str) -> SeenStack | None:
        """Look at a stack; None when it is gone."""
        try:
            shown = ask(self._client.describe_stacks, StackName=stack_id)["Stacks"][0]
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
                return None
            raise
        return SeenStack(
            stack_id=shown["StackId"],
            status=StackStatus(shown["StackStatus"]),
            is_nested=bool(shown.get("ParentId") or shown.get("RootId")),
            moved_at=shown.get("LastUpdatedTime") or shown.get("CreationTime"),
            shown=shown,
        )

    def read(self, seen: SeenStack, *, at_rest: bool) -> Reading:
        """Read what the stack is made of; its resources and what is nested in it only *at_rest*: before, they are in between."""
        template = self._template(seen.stack_id)
        resources: dict[str, str] = {}
        nested: list[NestedStack] = []
        texts = [template]
        owned: list[Owned] = []
        if at_rest:
            for path, resource in self._resources(seen.stack_id, ()):
                resources["/".join(path)] = str(resource["ResourceStatus"])
                owned.append(Owned(type=str(resource["ResourceType"]), physical_id=resource.get("PhysicalResourceId") or ""))
                if inner := _stack_in(resource):
                    body = self._template(inner)
                    texts.append(body)
                    nested.append(NestedStack(path=path, stack_id=inner, template=Text.of(body)))
        made = _made(seen.shown, Text.of(template), tuple(nested), self._policy(seen.stack_id))
        return Reading(made=made, texts=tuple(dict.fromkeys(texts)), resources=resources, owned=tuple(owned))

    def _template(self, stack_id: str) -> str:
        answer = ask(self._client.get_template, StackName=stack_id, TemplateStage="Original")
        return str(answer["TemplateBody"])

    def _policy(self, stack_id: str) -> str | None:
        body = ask(self._client.get_stack_policy, StackName=stack_id).get("StackPolicyBody")
        return str(body) if body else None

    def _resources(self, stack_id: str, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
        for page in pages(self._client.list_stack_resources, StackName=stack_id):
            for each in page["StackResourceSummaries"]:
                path = (*above, str(each["LogicalResourceId"]))
                yield path, each
                inner = _stack_in(each)
                if inner and len(path) < DEEPEST:
                    yield from self._resources(inner, path)


def raw_templates(client: Client) -> Client:
    """Keep botocore from parsing a JSON template: a digest is of the text as it was sent, its spaces included."""
    client.meta.events.unregister("after-call.cloudformation.GetTemplate", json_decode_template_body)
    return client


def _stack_in(resource: Mapping[str, Any]) -> str | None:
    """The id of the stack that a resource is; None when it is none, or is gone."""
    is_gone = str(resource["ResourceStatus"]).startswith("DELETE_")
    return None if resource["ResourceType"] != NESTED or is_gone else resource.get("PhysicalResourceId")


def _made(shown: Mapping[str, Any], template: Text, nested: tuple[NestedStack, ...], policy: str | None) -> StackMade:
    watched = shown.get("RollbackConfiguration") or {}
    triggers = watched.get("RollbackTriggers") or ()
    parameters = sorted(shown.get("Parameters") or (), key=lambda each: str(each["ParameterKey"]))
    return StackMade(
        template=template,
        nested=tuple(sorted(nested, key=lambda each: each.path)),
        parameters=tuple(
            Parameter.of(each["ParameterKey"], each.get("ParameterValue", ""), no_echo=False) for each in parameters
        ),
        tags={each["Key"]: each["Value"] for each in shown.get("Tags") or ()},
        capabilities=tuple(sorted(shown.get("Capabilities") or ())),
        role_arn=shown.get("RoleARN"),
        notification_arns=tuple(sorted(shown.get("NotificationARNs") or ())),
        rollback_triggers=tuple(RollbackTrigger(arn=each["Arn"], type=each["Type"]) for each in triggers),
        monitoring_minutes=watched.get("MonitoringTimeInMinutes"),
        stack_policy=policy,
        is_protected=bool(shown.get("EnableTerminationProtection")),
        disables_rollback=bool(shown.get("DisableRollback")),
        deployment_mode=(shown.get("DeploymentConfig") or {}).get("Mode"),
        timeout_minutes=shown.get("TimeoutInMinutes"),
    )
