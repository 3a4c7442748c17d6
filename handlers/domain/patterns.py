"""Which stacks are managed. `*` means any characters, the same as in EventBridge's `wildcard` and in IAM's resources.

A stack's name holds no `/`, so in `stack/app-*/*` neither of them can read more into `*` than we do here.
"""

import re
from collections.abc import Iterable
from functools import cache

from handlers.domain.cell import Cell, Pattern, Tier


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))


def match(name: str, patterns: Iterable[Pattern]) -> Pattern | None:
    """Find the first pattern that a stack's name matches, case by case; None means that the stack is not managed."""
    return next((each for each in patterns if _expression(each.pattern).fullmatch(name)), None)


def tier_for(pattern: Pattern | None, cell: Cell) -> Tier:
    """What is asked of a stack that *pattern* matches; the defaults where none does any more."""
    return cell.tiers[pattern.tier] if pattern else Tier()


@cache
def overlap(one: str, other: str) -> bool:
    """Whether some name matches both patterns: `app-*` and `*-prod` share `app-prod`."""
    if not one or not other:
        return set(one + other) <= {"*"}
    if one[0] == "*":
        return overlap(one[1:], other) or overlap(one, other[1:])
    if other[0] == "*":
        return overlap(other, one)
    return one[0] == other[0] and overlap(one[1:], other[1:])
