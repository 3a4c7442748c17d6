"""CloudFormation's condition keys on a request: the service authorization reference names them, the emulator left them empty."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions

from sandbox.emulator.hooks import parameter, replace

KEYS = {
    "cloudformation:RoleArn": "RoleARN",
    "cloudformation:ChangeSetName": "ChangeSetName",
    "cloudformation:TemplateUrl": "TemplateURL",
}


def install() -> None:
    """Fill the keys from the parameters; one that the request does not give stays absent."""
    replace(iam_actions, "request_tag_context", _filled)


def _filled(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def context(service: str, action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = original(service, action, body, parameters)
        if service != "cloudformation":
            return known
        given = {key: parameter(parameters, name) for key, name in KEYS.items()}
        return {**known, **{key: value for key, value in given.items() if value}}

    return context
