"""aws:PrincipalArn of an assumed role is the role's own ARN with its path; the emulator filled in the session's."""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

from sandbox.emulator.hooks import replace

KEY = "aws:principalarn"


def install() -> None:
    """Answer the condition key anew, all other keys as before."""
    replace(iam_evaluator, "_resolve_condition_key", _of_the_role)


def _of_the_role(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def resolve(key: str, context: Any) -> Any:  # noqa: ANN401 - the emulator's own types
        found = original(key, context)
        return _role_arn(str(found)) if key.lower() == KEY else found

    return resolve


def _role_arn(principal: str) -> str:
    """`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` as the ARN of role NAME; any other principal as it is."""
    _, _, service, _, account, rest = principal.split(":", 5)
    kind, _, name_and_session = rest.partition("/")
    if service != "sts" or kind != "assumed-role":
        return principal
    role = iam._roles.get_scoped(account, None, name_and_session.split("/")[0])
    return str(role["Arn"]) if role else principal
