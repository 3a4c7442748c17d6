"""MaxDelaySeconds and JitterStrategy of a Retry; that the emulator also cuts every delay at 60 s stays."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import stepfunctions

from sandbox.emulator.hooks import replace

Retrier = Mapping[str, Any]

_random = random.SystemRandom()


def install() -> None:
    """Give the emulator, which multiplies interval and backoff itself, the finished delay as its interval."""
    replace(stepfunctions, "_find_matching_retrier", _with_delay)


def delay(retrier: Retrier, retries: int, draw: Callable[[float, float], float] = _random.uniform) -> float:
    """Seconds before the next attempt, after so many *retries*; defaults as in the States Language: 1 s, doubling."""
    seconds: float = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return draw(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def _with_delay(original: Callable[..., tuple[Retrier | None, int]]) -> Callable[..., tuple[Retrier | None, int]]:
    def find(retriers: list[Retrier], error: str, counts: dict[int, int]) -> tuple[Retrier | None, int]:
        retrier, index = original(retriers, error, counts)
        if retrier is None:
            return None, index
        return {**retrier, "IntervalSeconds": delay(retrier, counts.get(index, 0)), "BackoffRate": 1.0}, index

    return find
