"""What a stack shows in which status, and whether what it shows may be called good."""

from collections.abc import Mapping
from enum import StrEnum

from handlers.domain.criteria import is_complete
from handlers.domain.identity import is_own
from handlers.domain.status import FAILED, StackStatus


class Shows(StrEnum):
    """Which version GetTemplate and DescribeStacks give."""

    BEING_DEPLOYED = "being_deployed"  # the new one, which nobody has seen working
    DEPLOYED = "deployed"  # the new one, and CloudFormation says that it works
    GIVEN_UP = "given_up"  # the new one, which failed
    NOTHING_NEW = "nothing_new"  # the one before, while or after a rollback; or a stack that is going


_SHOWS = {
    StackStatus.CREATE_IN_PROGRESS: Shows.BEING_DEPLOYED,
    StackStatus.UPDATE_IN_PROGRESS: Shows.BEING_DEPLOYED,
    StackStatus.IMPORT_IN_PROGRESS: Shows.BEING_DEPLOYED,
    StackStatus.CREATE_COMPLETE: Shows.DEPLOYED,
    StackStatus.UPDATE_COMPLETE: Shows.DEPLOYED,
    StackStatus.IMPORT_COMPLETE: Shows.DEPLOYED,
    StackStatus.CREATE_FAILED: Shows.GIVEN_UP,
    StackStatus.UPDATE_FAILED: Shows.GIVEN_UP,
    StackStatus.ROLLBACK_COMPLETE: Shows.GIVEN_UP,  # the rollback of a creation has no version before
    StackStatus.ROLLBACK_FAILED: Shows.GIVEN_UP,
}

CAPTURED = tuple(dict.fromkeys((*_SHOWS, *FAILED, StackStatus.DELETE_COMPLETE)))
"""The statuses that capture wants to hear of: those that show a version, failures, whose evidence is kept, and a stack's end."""


def shows(status: StackStatus) -> Shows:
    """Say which version a stack in *status* shows."""
    return _SHOWS.get(status, Shows.NOTHING_NEW)


def why_not_good(
    *, token: str | None, is_claimed: bool, has_skipped: bool, resources: Mapping[str, str], validated: bool = False
) -> str | None:
    """Say why a stack that rests healthy may not become the last known good version; None when it may.

    *validated* is a recovery's own word, given after its criteria held. Without it only somebody else's operation counts that
    ended well by itself: what a recovery did is good when its criteria say so, and not before.
    """
    if has_skipped:
        return "resources were skipped, and template and reality are not reconciled yet"
    if not validated and is_own(token):
        return "the operation was ours, and its recovery has not validated it yet"
    if not validated and is_claimed:
        return "a recovery holds the stack"
    incomplete = sorted(f"{name} is {status}" for name, status in resources.items() if not is_complete(status))
    return "; ".join(incomplete[:5]) or None
