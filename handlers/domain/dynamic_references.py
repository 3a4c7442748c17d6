"""The SSM parameters and secrets that a template reads while CloudFormation works, as `{{resolve:…}}` in its text.

Grammar: CloudFormation user guide, "Get values stored in other services using dynamic references".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.domain.graph import EdgeKind

_REFERENCE = re.compile(r"\{\{resolve:(?P<service>ssm-secure|ssm|secretsmanager):(?P<rest>[^{}]*(?:\$\{[^{}]*\}[^{}]*)*)\}\}")
_SECRET_ARN = re.compile(r"arn:[^:]*:secretsmanager:(?P<region>[^:]*):(?P<account>[^:]*):secret:(?P<name>[^:]+)")
_PARAMETER_ARN = re.compile(r"arn:[^:]*:ssm:(?P<region>[^:]*):(?P<account>[^:]*):parameter(?P<name>/[^:]+)")
_RANDOM_END = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager puts behind a secret's name in its ARN."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A parameter or a secret: where it is, and its name without what AWS puts around it."""

    kind: EdgeKind
    account: str
    region: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name} in {self.account}/{self.region}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One `{{resolve:…}}`: what it reads, or None where its name is put together only when CloudFormation works."""

    text: str
    thing: Thing | None


def texts_of(template: str) -> Iterator[str]:
    """Every dynamic reference of a template as it stands there, each text once."""
    return iter(dict.fromkeys(found[0] for found in _REFERENCE.finditer(template)))


def references(template: str, *, account: str, region: str, partition: str, name: str) -> Iterator[Reference]:
    """Every dynamic reference of a stack's template, each text once."""
    pseudo = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": partition, "AWS::StackName": name}
    for text in texts_of(template):
        known = text
        for parameter, value in pseudo.items():
            known = known.replace("${" + parameter + "}", value)
        found = _REFERENCE.fullmatch(known)
        if found is None or "${" in known or not found["rest"]:
            yield Reference(text=text, thing=None)
        elif found["service"] == "secretsmanager":
            yield Reference(text=text, thing=secret(found["rest"], account, region))
        else:
            yield Reference(text=text, thing=parameter_of(found["rest"], account, region))


def secret(identifier: str, account: str, region: str) -> Thing:
    """A secret by its name or ARN, whatever stands behind it (key, stage, version)."""
    arn = _SECRET_ARN.match(identifier)
    if arn is None:
        return Thing(EdgeKind.SECRET, account, region, identifier.partition(":")[0])
    return Thing(EdgeKind.SECRET, arn["account"], arn["region"], _RANDOM_END.sub("", arn["name"]))


def parameter_of(identifier: str, account: str, region: str) -> Thing:
    """A parameter by its name or ARN, with or without a version."""
    arn = _PARAMETER_ARN.match(identifier)
    if arn is None:
        return Thing(EdgeKind.PARAMETER, account, region, identifier.partition(":")[0])
    return Thing(EdgeKind.PARAMETER, arn["account"], arn["region"], arn["name"])
