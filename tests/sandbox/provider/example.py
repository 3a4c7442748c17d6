"""What an example of a resource type is, and the names that all of them share."""

from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "222222222222"
REGION = "us-east-1"
PARTNER = "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/example-role"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/example"
TAGS = {"owner": "recovery"}


@dataclass(frozen=True)
class Example:
    """A resource as a program declares it."""

    type: str
    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)
    """Inputs of an update in place; empty where every change replaces."""
    drop: tuple[str, ...] = ()
    """Inputs that a second update takes away."""
    leaves_nothing: bool = True
    """Whether a deleted one reads as gone; a topic always has a policy."""

    @property
    def name(self) -> str:
        return self.type.rpartition("/")[2].split(":")[0]
