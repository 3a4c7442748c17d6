"""The AWS request that is being answered in the emulator's process, for additions that must know who asks."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call as it arrived: enough to ask IAM about its caller."""

    access_key: str
    caller_arn: str
    account: str
    region: str
    service: str
    headers: Mapping[str, str]


CURRENT: ContextVar[Request | None] = ContextVar("stackmend_request", default=None)
