"""Who calls a function by its URL."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys
from botocore.httpsession import URLLib3Session

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

SOURCE = (
    "def handler(event, _context):\n    return {'who': event['requestContext'].get('authorizer'), 'said': event.get('body')}\n"
)


@pytest.fixture
def url_of(root: Session, make_function: Callable[..., str], name: str) -> Callable[[str], str]:
    """Make a function that tells who called it, and answer its URL's id."""

    def make(auth: str) -> str:
        make_function(name, SOURCE)
        made = root.client("lambda").create_function_url_config(FunctionName=name, AuthType=auth)
        return str(made["FunctionUrl"]).split("//")[1].split(".")[0]

    return make


def call(session: Session, url_id: str, body: str, *, signed: bool = True) -> tuple[int, Any]:
    """Call it as an SDK would: signed for Lambda."""
    request = AWSRequest("POST", f"{session.endpoint}/_aws/lambda-url/{url_id}/", data=body.encode())
    if signed:
        keys = session.credentials
        given = Keys(keys.access_key_id, keys.secret_access_key, keys.session_token or None)
        SigV4Auth(given, "lambda", session.region).add_auth(request)
    answer = URLLib3Session(verify=str(session.ca_bundle)).send(request.prepare())
    return answer.status_code, json.loads(answer.content)


def test_function_is_told_who_signed(acting: Callable[..., Session], url_of: Callable[[str], str], name: str) -> None:
    """The session's ARN stands where the guide says, whatever the body claims."""
    url_id = url_of("AWS_IAM")
    allowed = acting({"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl", "Resource": "*"})

    status, answer = call(allowed, url_id, json.dumps({"authorizer": {"iam": {"userArn": "somebody else"}}}))

    assert status == 200
    told = answer["who"]["iam"]
    assert told["userArn"] == f"arn:aws:sts::222222222222:assumed-role/{name}-caller/acting"
    assert (told["accountId"], told["accessKey"]) == ("222222222222", allowed.credentials.access_key_id)


def test_who_may_not_call_is_refused(acting: Callable[..., Session], url_of: Callable[[str], str]) -> None:
    """A right to the function is none to its URL, and without a signature nobody comes in."""
    url_id = url_of("AWS_IAM")
    other = acting({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"})

    assert call(other, url_id, "{}")[0] == 403
    assert call(other, url_id, "{}", signed=False)[0] == 403


def test_open_url_tells_nobody(root: Session, url_of: Callable[[str], str]) -> None:
    """With AuthType NONE there is no identity to rely on."""
    url_id = url_of("NONE")

    assert call(root, url_id, "{}", signed=False)[1]["who"] is None
