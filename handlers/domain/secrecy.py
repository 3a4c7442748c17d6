"""Which parameters of a stack may not be kept: those that CloudFormation hides, and plain ones that look like secrets."""

import re
from collections.abc import Mapping
from enum import StrEnum

MASK = re.compile(r"\*{4,}")
"""What DescribeStacks shows instead of a NoEcho value (CloudFormation user guide, "Parameters")."""

_NAME = re.compile(
    r"passw(or)?d|passphrase|pwd$|secret|credential|private_?key|(api|access|auth|signing|encryption)_?key|token$|bearer",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = re.compile(
    r"arn:|\{\{resolve:|https?://[^@]*$|/[\w/.-]+$|(true|false|enabled|disabled|none|\d{1,5})$|$", re.IGNORECASE
)
"""Values that name a secret, or turn something on, and are none themselves. A path is a parameter's or a secret's name."""

_VALUES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),  # an access key's id, which comes with its secret
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),  # a JSON web token
    re.compile(r"://[^/\s:@]+:[^/\s:@]+@"),  # a connection string with its password
)
"""Forms that nothing but a secret has."""


class Hidden(StrEnum):
    """Why a parameter's value is not kept."""

    NO_ECHO = "no_echo"  # CloudFormation never shows it, so nobody can read it back
    LOOKS_SECRET = "looks_secret"  # noqa: S105 - plain text to CloudFormation; its owner should make it NoEcho or a reference


def hidden(name: str, value: str, *, no_echo: bool) -> Hidden | None:
    """Say why the parameter *name* may not be kept with its *value*; None where it may."""
    if no_echo or MASK.fullmatch(value):
        return Hidden.NO_ECHO
    names_one = _NAME.search(name) is not None and _POINTS_ELSEWHERE.match(value) is None
    return Hidden.LOOKS_SECRET if names_one or looks_secret(value) else None


def looks_secret(text: str) -> bool:
    """Whether *text* holds something of a form that nothing but a secret has."""
    return any(form.search(text) for form in _VALUES)


def secret_places(texts: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those *texts* that hold something of a secret's form."""
    return tuple(sorted(name for name, text in texts.items() if looks_secret(text)))
