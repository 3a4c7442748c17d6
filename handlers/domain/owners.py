"""Whose stacks Stackmend leaves to somebody else: they repair them, and undo what another does to them."""

from handlers.domain.cell import Cell

OWNERS = {"StackSet-": "StackSets", "SC-": "Service Catalog", "AWSControlTower": "Control Tower"}
"""By the beginning of the names that these give to stacks (their user guides)."""


def foreign_owner(name: str, cell: Cell) -> str | None:
    """Name who is to repair a stack of this name; None where the cell may, as its settings say."""
    return None if cell.manages_owned_stacks else owner_of(name)


def owner_of(name: str) -> str | None:
    """Name who owns a stack of this name; None where it is the team's own."""
    return next((owner for prefix, owner in OWNERS.items() if name.startswith(prefix)), None)
