"""A function URL with AuthType AWS_IAM tells the function who calls: `requestContext.authorizer.iam`."""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import lambda_svc

from sandbox.emulator.hooks import replace


def install() -> None:
    """Add it to the event that the emulator builds."""
    replace(lambda_svc, "_build_function_url_event", _with_its_caller)


def _with_its_caller(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def build(*given: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the original's
        event = original(*given, **more)
        if not more.get("anonymous"):
            account, headers, query = given[1], given[5], given[7]
            event["requestContext"]["authorizer"] = {"iam": identity(extract_access_key_id(headers, query), account)}
        return event

    return build


def identity(access_key: str, account: str) -> dict[str, Any]:
    """The block as the guide's example has it; the signature has been checked before, so the key is who signed."""
    principal = iam_evaluator.resolve_principal(access_key, account)
    if isinstance(principal, iam_evaluator.AuthError):
        return {}
    caller = str(principal.keys.get("aws:userid", ""))
    return {
        "accessKey": access_key,
        "accountId": str(principal.account),
        "callerId": caller,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": str(principal.arn),
        "userId": caller,
    }
