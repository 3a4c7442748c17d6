"""The approve function's URL, called under an approver's own identity: what is asked, and what is answered.

No function calls this: the console and the drills do, with the rights of whoever types.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from pydantic import BaseModel, ConfigDict, ValidationError

from handlers.aws.calls import Client, ask
from handlers.domain.approval import Said
from handlers.domain.errors import TransientError
from handlers.domain.outcome import ApproveOutcome

_PATIENCE = (5, 40)
"""Seconds to connect, and to be answered: a function that starts cold and reads four records."""
_AWS = ".amazonaws.com"


class NotLetInError(Exception):
    """IAM did not let the caller come to the function."""


class Told(BaseModel):
    """What the approve function says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    outcome: ApproveOutcome
    sentence: str
    request: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose signature the call bears, and what its certificates are held against."""

    keys: Credentials
    region: str
    ca_bundle: str | None = None


class ApprovalUrl:
    """The URL of one cell's approve function. Whoever signs is who answers; nothing in the call can say otherwise.

    *client* is a Lambda client of the same person. Where it speaks to an endpoint of its own, as in a private network, the URL is
    called there, under its own name.
    """

    def __init__(self, client: Client, function: str, caller: Caller) -> None:
        self._client = client
        self.function = function
        self._caller = caller

    def show(self, approval_id: str) -> Told:
        """Read what is asked. Raises NotLetInError, and TransientError when nobody answers."""
        return self._call("GET", query={"approval_id": approval_id})

    def say(self, said: Said) -> Told:
        """Answer it; to say the same again is harmless. Raises as above."""
        return self._call("POST", body=said.model_dump_json().encode())

    def _call(self, method: str, *, query: Mapping[str, str] | None = None, body: bytes = b"") -> Told:
        address = urlsplit(ask(self._client.get_function_url_config, FunctionName=self.function)["FunctionUrl"])
        base = self._base() or f"https://{address.netloc}"
        url = f"{base}/?{urlencode(query)}" if query else f"{base}/"
        request = AWSRequest(method, url, data=body, headers={"Host": address.netloc, "Content-Type": "application/json"})
        SigV4Auth(self._caller.keys, "lambda", self._caller.region).add_auth(request)
        verify = self._caller.ca_bundle or os.environ.get("AWS_CA_BUNDLE") or True
        session = URLLib3Session(verify=verify, proxies=get_environ_proxies(url), timeout=_PATIENCE)
        try:
            answer = session.send(request.prepare())
        except HTTPClientError as error:
            raise TransientError(f"the approve function could not be reached: {error}") from error
        return _told(answer.status_code, answer.content)

    def _base(self) -> str | None:
        endpoint = str(self._client.meta.endpoint_url)
        host = urlsplit(endpoint).hostname or ""
        return None if host.endswith((_AWS, f"{_AWS}.cn")) else endpoint.rstrip("/")


def _told(status: int, content: bytes) -> Told:
    try:
        return Told.model_validate_json(content)
    except ValidationError as error:
        said = _message(content)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise NotLetInError(said) from error
        raise TransientError(f"the approve function gave no answer (HTTP {status}: {said})") from error


def _message(content: bytes) -> str:
    """What stands in an answer that is not the function's own."""
    try:
        found = json.loads(content)
    except ValueError:
        return content[:200].decode(errors="replace")
    return str(found.get("Message") or found.get("message") or found) if isinstance(found, dict) else str(found)
