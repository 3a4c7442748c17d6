"""The one way in which handlers call AWS: what AWS may answer tomorrow becomes TransientError, the rest stays itself."""

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any, TypeAlias

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from handlers.domain.errors import TransientError
from handlers.domain.moment import epoch_ms

Answer: TypeAlias = dict[str, Any]
Client: TypeAlias = Any
"""boto3 makes its clients from data at run time, so their methods have no types."""

_TRANSIENT_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "KmsThrottlingException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""botocore's own list of throttling and transient codes (botocore/retries/standard.py), and those of the services we use."""

READS = Config(connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"})
"""Three tries of at most 5 s and two waits of at most 2 s: 19 s, inside the shortest function time-out."""

CHANGES = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
"""One try of at most 12 s. The SDK repeats nothing: the machine does, with the same token, after reading what happened."""

CALL_SECONDS = 12
"""What CHANGES allows: whoever takes a lease over waits as long, since a call may be on its way when its function ends."""

HUB = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1, "mode": "standard"})
"""One try of at most 3 s: where a control region is dark the next one is the retry, and three of them are 9 s."""


def code_of(error: ClientError) -> str:
    """AWS's name for an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """AWS's sentence for an error."""
    return str(error.response.get("Error", {}).get("Message", ""))


def request_id_of(answer: Answer) -> str:
    """The id under which CloudTrail knows the call."""
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))


def answered_at(answer: Answer) -> int | None:
    """When AWS wrote the answer, by AWS's own clock, in milliseconds since 1970 without its fractions of a second."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return epoch_ms(parsedate_to_datetime(date)) if date else None


def ask(call: Callable[..., Answer], **parameters: object) -> Answer:
    """Call AWS; a throttle, a 5xx or no answer at all is a TransientError."""
    try:
        return call(**parameters)
    except ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code_of(error) in _TRANSIENT_CODES or status >= 500:  # noqa: PLR2004 - HTTP's own line
            raise TransientError(f"AWS could not answer: {error}") from error
        raise
    except (HTTPClientError, NoConnectionError) as error:
        raise TransientError(f"no answer from AWS: {error}") from error


def pages(call: Callable[..., Answer], limit: int | None = None, **parameters: object) -> Iterator[Answer]:
    """Read an answer that goes on with NextToken, at most *limit* pages of it where a limit is given."""
    for _ in count() if limit is None else range(limit):
        answer = ask(call, **parameters)
        yield answer
        if not answer.get("NextToken"):
            return
        parameters = {**parameters, "NextToken": answer["NextToken"]}
