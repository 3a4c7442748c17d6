"""Whose stacks Stackmend leaves to somebody else: they repair them, and undo what another does to them."""

OWNERS = {"StackSet-": "StackSets", "SC-": "Service Catalog", "AWSControlTower": "Control Tower"}
"""By the beginning of the names that these give to stacks (their user guides)."""


def owner_of(name: str) -> str | None:
    """Name who owns a stack of this name; None where it is the team's own."""
    return next((owner for prefix, owner in OWNERS.items() if name.startswith(prefix)), None)
