"""AWS limits that settings can exceed without being wrong in themselves: found before the first resource, not half-way."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from components.addresses import ROLES
from components.blueprint import Blueprint
from components.intake import capture_pattern, intake_pattern, notice_pattern
from components.permissions import function_statements, policy
from components.settings_errors import Problem, refuse

EVENT_PATTERN_CHARACTERS = 2048
"""EventBridge quotas, "Event pattern size", adjustable: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html."""
INLINE_POLICY_CHARACTERS = 10_240
"""All inline policies of one role together, white space not counted:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
KEY_POLICY_CHARACTERS = 1024
"""Room for the statement on the cell's key, whose ARN only AWS knows."""


def check(plans: Iterable[Blueprint]) -> None:
    """Raise one `SettingsError` that names every limit that *plans* would exceed, and what to do."""
    refuse(problem for plan in plans for problem in _problems(plan))


def _problems(plan: Blueprint) -> Iterator[Problem]:
    reach = plan.reach
    patterns = {"intake": intake_pattern, "notice": notice_pattern, "capture": capture_pattern}
    rules = {rule: made(reach.cell, reach.patterns) for rule, made in patterns.items()}
    for rule, pattern in rules.items():
        yield from _too_long(plan, f"the event pattern of rule {rule}", _length(pattern), EVENT_PATTERN_CHARACTERS)
    for role in ROLES:
        needed = _length(policy(function_statements(role, reach))) + KEY_POLICY_CHARACTERS
        yield from _too_long(plan, f"the policies of role {role}", needed, INLINE_POLICY_CHARACTERS)


def _too_long(plan: Blueprint, what: str, length: int, limit: int) -> Iterator[Problem]:
    if length > limit:
        remedy = (
            f"with them {what} in {plan.name} would have {length} characters, AWS allows {limit}; write fewer, wider patterns"
        )
        yield Problem(field="patterns", value=f"{len(plan.patterns)} patterns", remedy=remedy)


def _length(document: dict[str, Any]) -> int:
    return len(json.dumps(document))
