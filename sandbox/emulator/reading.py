"""Reads a request and its answer for the record: what was named and how it ended, never secrets, never long bodies."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

FIRST_ERROR = 400  # of HTTP's status codes
LONGEST = 200  # characters of a value; templates, code and payloads are longer, names and ids are not
MOST = 150  # values of one call; a transaction on the ledger has some 60

_SECRET = re.compile(
    r"secret|password|credential|signature|taskToken|sessionToken|security-token|plaintext|privatekey", re.IGNORECASE
)
_SIGNING = re.compile(r"X-Amz-", re.IGNORECASE)
_PAYLOADS = frozenset({"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:InvokeAsync"})
_ERROR_CODE = re.compile(rb"<Code>([^<]+)</Code>")
_REQUEST_ID = re.compile(rb"<RequestId>([^<]+)</RequestId>")

# Where a request says what it is about, most telling first.
_NAMING = (
    "StackName", "TableName", "QueueName", "QueueUrl", "TopicArn", "FunctionName", "stateMachineArn", "executionArn",
    "RoleName", "RoleArn", "UserName", "PolicyArn", "Rule", "AlarmName", "logGroupName", "KeyId", "SecretId", "LayerName",
    "GroupName", "EventBusName", "Name", "name",
)  # fmt: skip


def parameters(action: str, body: bytes, routing: Mapping[str, Any]) -> dict[str, Any]:
    """The request's parameters, flat: `Key.pk.S`, `Tags.member.1.Key`; what is secret or long is replaced by why."""
    spoken = {} if action in _PAYLOADS else _json(body)
    named: dict[str, Any] = {key: value[0] if isinstance(value, list) and value else value for key, value in routing.items()}
    pairs = (pair for source in (named, spoken) for pair in _flat("", source))
    told = ((key, value) for key, value in pairs if not _SIGNING.match(key) and key not in {"Action", "Version"})
    return {key: _tellable(key, value) for (key, value), _ in zip(told, range(MOST), strict=False)}


def resource(arn: str, told: Mapping[str, Any]) -> str:
    """The name of what the call is about: a stack, table, queue, function; empty where it names none."""
    for key in _NAMING:
        value = told.get(key)
        if isinstance(value, str) and value:
            return _last(value)
    if arn not in {"*", ""}:
        return _last(arn.removesuffix("/*"))
    return next((_last(value) for key, value in told.items() if key.endswith(".TableName")), "")  # a transaction's first


def error(status: int, headers: Mapping[str, str], content: Any) -> str | None:  # noqa: ANN401 - a stream, for large objects
    """The error code of an answer that is one; `x-amz-function-error` is a function's own."""
    sent = {key.lower(): value for key, value in headers.items()}
    if "x-amz-function-error" in sent:
        return sent["x-amz-function-error"]
    if status < FIRST_ERROR or not isinstance(content, bytes):
        return None
    found = _ERROR_CODE.search(content)
    code = found[1].decode() if found else sent.get("x-amzn-errortype") or _json(content).get("__type") or str(status)
    return str(code).rsplit("#", 1)[-1].split(":", 1)[0]


def request_id(given: str, content: Any) -> str:  # noqa: ANN401 - a stream, for large objects
    """The id that the caller's SDK reports: the XML answer's own where it has one, else the header's."""
    found = _REQUEST_ID.search(content) if isinstance(content, bytes) else None
    return found[1].decode() if found else given


def _last(text: str) -> str:
    """The name at the end of an ARN, URL or path; a stack's id ends in its generation, so there it is the middle."""
    if ":stack/" in text:
        return text.split(":stack/")[1].split("/", maxsplit=1)[0]
    return re.split(r"[:/]", unquote(text).rstrip("/:"))[-1]


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        items = [(str(key), one) for key, one in value.items()]
    elif isinstance(value, list):
        items = [(str(number), one) for number, one in enumerate(value)]
    else:
        yield prefix, value
        return
    for key, one in items:
        yield from _flat(f"{prefix}.{key}" if prefix else key, one)


def _tellable(key: str, value: Any) -> Any:  # noqa: ANN401 - a JSON scalar
    if _SECRET.search(key):
        return "(not recorded)"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"({len(value)} characters)"
    return value
