"""How stacks, failures, recoveries and our calls to CloudFormation are told apart; all of it repeatable."""

import hashlib
import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

OWN_TOKEN_PREFIX = "sm-"  # noqa: S105 - not a secret: the mark by which EventBridge and we know our own operations
_STACK_ARN = re.compile(r"arn:[a-z-]+:cloudformation:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):stack/(?P<name>[^/]+)(/.*)?")

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
"""A stack's name."""


class NotAStackError(ValueError):
    """A text that should have been a stack's ARN is none."""


class StackKey(BaseModel):
    """Which stack: account, region and name. The stack id is only the generation of this key: deletion changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]

    @classmethod
    def of(cls, stack_id: str) -> Self:
        """Read the key from a stack's ARN."""
        found = _STACK_ARN.fullmatch(stack_id)
        if found is None:
            raise NotAStackError(f"{stack_id!r} is not a stack's ARN: expected arn:…:cloudformation:REGION:ACCOUNT:stack/NAME/ID")
        return cls(account=found["account"], region=found["region"], name=found["name"])

    def __str__(self) -> str:
        return f"{self.account}/{self.region}/{self.name}"


def key_of(text: str) -> StackKey:
    """Read a key back from its own text."""
    account, region, name = text.split("/")
    return StackKey(account=account, region=region, name=name)


def _hash(*parts: object) -> str:
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()


def recovery_id(key: StackKey, failure_id: str, fence: int, turn: int = 0) -> str:
    """Name the recovery of one failure under one fence; it is also the execution's name (80 characters, no spaces).

    *turn* tells recoveries of a failure apart that was taken up again after it had to wait.
    """
    turns = (turn,) if turn else ()
    return f"r-{_hash(key, failure_id, fence, *turns)[:32]}"


SIMULATION_PREFIX = "s-"
"""What begins so is no recovery: it holds no claim, and Act would refuse it for that alone."""


def simulation_id(key: StackKey, failure_id: str, request_id: str) -> str:
    """Name the simulation that one person's request asks for; a repeat of the request finds the same."""
    return f"{SIMULATION_PREFIX}{_hash(key, failure_id, request_id)[:32]}"


def is_simulation(recovery: str) -> bool:
    """Whether an id names a simulation."""
    return recovery.startswith(SIMULATION_PREFIX)


def client_token(*, key: StackKey, fence: int, recovery: str, attempt: int, step: str, operation: str) -> str:
    """Name one call to CloudFormation: the same call repeated has the same token, any other call has another.

    The service model allows 1-128 characters of `[a-zA-Z0-9][-a-zA-Z0-9]*`.
    """
    return OWN_TOKEN_PREFIX + _hash(key, fence, recovery, attempt, step, operation)[:40]


def is_own(token: str | None) -> bool:
    """Whether an event's client request token is one of ours."""
    return token is not None and token.startswith(OWN_TOKEN_PREFIX)
