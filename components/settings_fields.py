"""The kinds of value that settings are made of; each refuses what AWS would refuse later, and says what to write instead."""

import re
from collections.abc import Sized
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from components.names import ENVIRONMENT_PATTERN
from components.regions import partition_of, partitions

LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""The only retentions that CloudWatch Logs knows (API reference, PutRetentionPolicy, retentionInDays)."""


class LayerPlatform(StrEnum):
    """Where the functions' libraries must run."""

    LAMBDA = "lambda"
    HOST = "host"  # the machine that deploys: an emulator there starts functions with its own Python


def _matching(pattern: str, remedy: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("settings", "{remedy}", {"remedy": remedy})
        return value

    return AfterValidator(check)


def _known_partition(value: str) -> str:
    if value not in partitions():
        raise PydanticCustomError(
            "settings", "AWS has no such partition; write one of {known}", {"known": ", ".join(sorted(partitions()))}
        )
    return value


def _known_region(value: str) -> str:
    if partition_of(value) is None:
        raise PydanticCustomError("settings", "AWS has no such region; write one of components/regions.json", {})
    return value


def _known_log_days(value: int) -> int:
    if value not in LOG_DAYS:
        raise PydanticCustomError(
            "settings",
            "CloudWatch Logs keeps logs only for {known} days; write one of them",
            {"known": ", ".join(map(str, LOG_DAYS))},
        )
    return value


def _some(value: Sized) -> Sized:
    if not value:
        raise PydanticCustomError("settings", "write at least one", {})
    return value


AtLeastOne = AfterValidator(_some)
"""Not `min_length`: pydantic counts what it could read, and so calls a list empty whose one item has a mistake."""

# `*` only: `?` is one character to IAM and a question mark to EventBridge; `**` is refused by EventBridge; a stack name
# begins with a letter and holds letters, digits and hyphens, at most 128 (CloudFormation CreateStack, StackName).
_PATTERN = r"(?!.*\*\*)(?=.{1,128}$)[A-Za-z*][A-Za-z0-9*-]*"
_ROLE_NAME = r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}"  # IAM CreateRole RoleName, after its path

AccountId = Annotated[str, _matching(r"[0-9]{12}", "not an AWS account id; write all 12 digits, in quotes")]
AccountName = Annotated[
    str, _matching(r"[a-z][a-z0-9-]{0,31}", "write 1 to 32 lowercase letters, digits and hyphens, a letter first")
]
Environment = Annotated[
    str, _matching(ENVIRONMENT_PATTERN, "write 1 to 16 lowercase letters and digits, a letter first, no hyphen")
]
ExternalId = Annotated[  # STS AssumeRole ExternalId
    str, _matching(r"[\w+=,.@:/-]{2,1224}", "write 2 to 1224 letters, digits and any of + = , . @ : / - _")
]
HttpsUrl = Annotated[str, _matching(r"https://[^\s/]+(/\S*)?", "write an address that begins with https://")]
LogDays = Annotated[int, AfterValidator(_known_log_days)]
OrganizationId = Annotated[  # Organizations DescribeOrganization Id
    str, _matching(r"o-[a-z0-9]{10,32}", "not an organization id; write o- and 10 to 32 lowercase letters and digits")
]
Partition = Annotated[str, AfterValidator(_known_partition)]
Region = Annotated[str, AfterValidator(_known_region)]
RoleName = Annotated[
    str, _matching(_ROLE_NAME, "not a name that IAM takes; write the name, with its path before it where it has one, and no ARN")
]
RolePath = Annotated[  # IAM CreateRole Path
    str, _matching(r"/([\w+=,.@-]+/)*", "not a path that IAM takes; begin and end it with /")
]
ResourceTypes = Annotated[  # CloudFormation's names of types; a third party's have the same form
    str,
    _matching(
        r"[A-Za-z0-9*]+(::[A-Za-z0-9*@-]+)*",
        "not a name of resource types; write one as a template does, `*` standing for any characters",
    ),
]
StackPattern = Annotated[
    str,
    _matching(
        _PATTERN,
        "EventBridge, IAM and Stackmend read this differently; write letters, digits, hyphens and single *, a letter or * first",
    ),
]
TierName = Annotated[  # it is part of alarms' names
    str, _matching(r"(?=.{1,32}$)[a-z]+(-[a-z]+)*", "write 1 to 32 lowercase letters and single hyphens between them")
]
TagKey = Annotated[  # the characters that every service takes (Tagging AWS resources, "Tag naming limits")
    str,
    _matching(
        r"(?!(?i:aws|stackmend):)[\w .:/=+@-]{1,128}",
        "write 1 to 128 letters, digits, spaces and any of . : / = + - @ _, neither aws: nor stackmend: first",
    ),
]
TagValue = Annotated[
    str, _matching(r"[\w .:/=+@-]{0,256}", "write at most 256 letters, digits, spaces and any of . : / = + - @ _")
]
