"""What AWS cannot answer now is transient; what it refuses is not; and no call outlives its function."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from handlers.aws.calls import CHANGES, HUB, READS, ask, pages
from handlers.domain.errors import TransientError
from tests.handlers.bench import make_bench
from tests.handlers.fake_cloudformation import refusal


def raising(error: Exception) -> Any:
    """A call that fails."""

    def call(**_: object) -> dict[str, Any]:
        raise error

    return call


@pytest.mark.parametrize(
    "error",
    [
        refusal("X", "Throttling", "Rate exceeded"),
        refusal("X", "ThrottlingException", "Rate exceeded"),
        refusal("X", "Anything", "we are sorry", 503),
        refusal("X", "TransactionConflictException", "busy"),
        ReadTimeoutError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x"),
    ],
)
def test_what_may_pass_is_transient(error: Exception) -> None:
    """Throttles, 5xx, and no answer at all."""
    with pytest.raises(TransientError):
        ask(raising(error))


def test_a_refusal_stays_itself() -> None:
    """Its code decides, one floor up."""
    with pytest.raises(ClientError, match="AccessDenied"):
        ask(raising(refusal("X", "AccessDenied", "no", 403)))


def test_pages_end_where_they_must() -> None:
    """At the last one, or at the limit."""

    def call(NextToken: str = "0") -> dict[str, Any]:  # noqa: N803 - AWS's name
        number = int(NextToken)
        return {"number": number} | ({"NextToken": str(number + 1)} if number < 5 else {})

    assert [page["number"] for page in pages(call)] == [0, 1, 2, 3, 4, 5]
    assert [page["number"] for page in pages(call, 2)] == [0, 1]


def longest_seconds(config: Config) -> float:
    """Every try timing out twice over, and standard mode's waits of 1, 2, 4… seconds at most (botocore, retries/standard.py)."""
    options: Any = config
    tries = options.retries["total_max_attempts"]
    return float(tries * (options.connect_timeout + options.read_timeout) + sum(2**n for n in range(tries - 1)))


def test_a_call_with_its_retries_ends_within_the_function() -> None:
    """And so within the lease that the function looked at: its margin is the function's own time-out."""
    timings = make_bench().cell.timings

    assert longest_seconds(READS) < timings.act_function_seconds
    assert longest_seconds(CHANGES) < timings.act_function_seconds


def test_dark_control_regions_leave_time_to_act() -> None:
    """Role and table of all three, each timing out, and then the call itself."""
    dark = 3 * 2 * longest_seconds(HUB)

    assert dark + longest_seconds(CHANGES) <= make_bench().cell.timings.act_function_seconds


def test_the_sdk_never_repeats_a_change() -> None:
    """Only the machine does, after reading what became of the first."""
    options: Any = CHANGES

    assert options.retries["total_max_attempts"] == 1
