"""`${aws:username}` and its like in a policy's conditions stand for what the request says; the emulator takes them as text."""

import re
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator

from sandbox.emulator.hooks import replace

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9:/_-]+)\}")


def install() -> None:
    """Fill them in before the conditions are looked at."""
    replace(iam_evaluator, "_conditions_met", _filled)


def _filled(original: Callable[[dict[str, Any], Any], bool]) -> Callable[[dict[str, Any], Any], bool]:
    def met(conditions: dict[str, Any], context: Any) -> bool:  # noqa: ANN401 - the emulator's own
        return original(_fill(conditions, context), context)

    return met


def _fill(value: Any, context: Any) -> Any:  # noqa: ANN401 - any JSON
    """A variable without a value stays as it is written, and so matches nothing that a caller can send."""
    if isinstance(value, dict):
        return {key: _fill(one, context) for key, one in value.items()}
    if isinstance(value, list):
        return [_fill(one, context) for one in value]
    return _VARIABLE.sub(lambda found: _value(found, context), value) if isinstance(value, str) else value


def _value(found: re.Match[str], context: Any) -> str:  # noqa: ANN401 - the emulator's own
    value = iam_evaluator._resolve_condition_key(found[1], context)
    return value if isinstance(value, str) else found[0]
