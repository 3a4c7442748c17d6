"""aws:PrincipalArn of a role's session is the role's own ARN, path and all; the emulator gives the session's.

The hub's lease roles name the exact function roles in this condition, so with the session's ARN nobody would be let in.
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

from sandbox.emulator.hooks import replace

_SESSION = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")


def install() -> None:
    """Answer the key as the global condition keys' page says."""
    replace(iam_evaluator, "_resolve_condition_key", _with_roles_arn)


def _with_roles_arn(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def resolve(key: str, context: Any) -> Any:  # noqa: ANN401 - a condition key's value: a text, a list or nothing
        found = original(key, context)
        return role_arn(found) if key.lower() == "aws:principalarn" and isinstance(found, str) else found

    return resolve


def role_arn(principal: str) -> str:
    """The ARN of the role whose session *principal* is; any other principal's own."""
    session = _SESSION.fullmatch(principal)
    if session is None:
        return principal
    record = iam._roles.get_scoped(session["account"], None, session["role"]) or {}
    return str(record.get("Arn") or f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}")
