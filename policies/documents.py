"""Policy documents inside resources, and how their statements are read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_policy import ResourceValidationArgs

from policies.values import as_list

IDENTITY_POLICIES = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "inlinePolicies",
}
RESOURCE_POLICIES = {
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
}
"""Where each type of resource keeps its documents."""

BINDING_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
"""Condition operators that a request without the key does not pass; `IfExists` and `ForAllValues` let it through."""


class NoDocumentError(ValueError):
    """What should be a policy document is none; its text continues a sentence that begins with the resource."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, with IAM's short forms spelled out."""

    label: str
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return self.content.get("Effect") == "Allow"

    @property
    def actions(self) -> list[str]:
        return as_list(self.content.get("Action"))

    @property
    def resources(self) -> list[str]:
        return as_list(self.content.get("Resource"))

    @property
    def principals(self) -> dict[str, list[str]]:
        """Principals by kind; `*` alone is everybody, as it is under `AWS`."""
        named = self.content.get("Principal")
        if not isinstance(named, Mapping):
            return {"AWS": as_list(named)} if named is not None else {}
        return {kind: as_list(values) for kind, values in named.items()}

    @property
    def binding_keys(self) -> set[str]:
        """Condition keys, in lower case, that a request must present."""
        return {
            key.lower()
            for operator, wanted in (self.content.get("Condition") or {}).items()
            if operator.removeprefix("ForAnyValue:") in BINDING_OPERATORS
            for key in wanted
        }


def statements(document: str | Mapping[str, Any]) -> Iterator[Statement]:
    """Read the statements of *document*, text or parsed."""
    try:
        content = json.loads(document) if isinstance(document, str) else document
        found = as_list(content["Statement"])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise NoDocumentError(f"holds no policy document ({error})") from error
    for number, statement in enumerate(found):
        yield Statement(label=statement.get("Sid") or f"Statement[{number}]", content=statement)


def statements_of(args: ResourceValidationArgs, where: Mapping[str, str]) -> Iterator[Statement]:
    """All statements that a resource carries in the property that *where* names for its type."""
    for part in as_list(args.props.get(where[args.resource_type])):
        is_named = isinstance(part, Mapping) and "Statement" not in set(part)  # an inline policy, {name, policy}
        document = part.get("policy") if is_named else part
        if document:
            yield from statements(document)
