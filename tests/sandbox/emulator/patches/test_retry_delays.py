"""How long a Retry waits."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.patches.retry_delays import delay

pytestmark = pytest.mark.sandbox

RETRY = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4}


def test_backoff_multiplies() -> None:
    """Interval, then interval times rate, and so on; 1 s doubling by default."""
    assert [delay(RETRY, retries) for retries in range(4)] == [2, 6, 18, 54]
    assert [delay({}, retries) for retries in range(3)] == [1, 2, 4]


def test_max_delay_caps() -> None:
    """No delay is longer than MaxDelaySeconds."""
    assert [delay(RETRY | {"MaxDelaySeconds": 10}, retries) for retries in range(4)] == [2, 6, 10, 10]


def test_full_jitter_draws_from_zero_to_the_delay() -> None:
    """The cap comes first, then the draw over the whole length."""
    asked: list[tuple[float, float]] = []

    def draw(least: float, most: float) -> float:
        asked.append((least, most))
        return 0.5

    retry = RETRY | {"MaxDelaySeconds": 10, "JitterStrategy": "FULL"}

    assert {delay(retry, retries, draw) for retries in range(3)} == {0.5}
    assert asked == [(0, 2), (0, 6), (0, 10)]
    assert all(0 <= delay(retry, 3) <= 10 for _ in range(100))


def test_no_jitter_draws_nothing() -> None:
    """JitterStrategy NONE is the default: the delay itself."""
    assert delay(RETRY | {"JitterStrategy": "NONE"}, 1, lambda *_: -1) == 6


def test_machine_waits_no_longer_than_the_cap(
    name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any
) -> None:
    """Three retries that would wait 1 + 10 + 100 s are over in about three."""
    function = make_function(name, "def handler(event, context): raise ValueError\n")
    retry = [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 1, "BackoffRate": 10, "MaxAttempts": 3, "MaxDelaySeconds": 1}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": function}, "End": True}

    ended = run(make_machine(name, {"Call": task | {"Retry": retry}}))

    assert 3 <= (ended["stopDate"] - ended["startDate"]).total_seconds() < 8
