"""How rules read what the engine hands them: present, absent, or not known before the deployment."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource
from pulumi_policy.proxy import UnknownValueError


def is_set(properties: Mapping[str, Any], key: str) -> bool:
    """Whether *key* has a value; one that is not known yet counts, because the deployment will give it."""
    try:
        return properties.get(key) not in (None, "")
    except UnknownValueError:
        return True


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - IAM lets most things be one or many
    """IAM's "one or many" as many."""
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value]


def decoded(value: Any) -> Any:  # noqa: ANN401 - providers' arguments reach the engine as JSON inside text
    """A provider's argument, which the engine keeps as JSON where it is more than text."""
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    return json.loads(value)


def account_of(resource: PolicyResource) -> str | None:
    """The account that a resource's provider is held to."""
    found = as_list(decoded(resource.provider.props.get("allowedAccountIds"))) if resource.provider else []
    return str(found[0]) if len(found) == 1 else None


def region_of(resource: PolicyResource) -> str | None:
    """The region that a resource's provider is held to."""
    return resource.provider.props.get("region") if resource.provider else None


def default_tags(provider: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a provider tags each of its resources with."""
    given: Mapping[str, Any] = decoded(provider.get("defaultTags")) or {}
    tags: Mapping[str, Any] = given.get("tags") or {}
    return tags
