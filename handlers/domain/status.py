"""Every status of a stack, and what kind of rest it is.

Source of the list: StackStatus in CloudFormation's service model (botocore 1.43.106). Of the meanings: the CloudFormation
user guide, "Stack status codes".
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a status means for recovery.

    failed is a rest that the stack cannot leave by itself; unborn is at rest despite its name: only a change set exists.
    """

    IN_PROGRESS = "in_progress"
    HEALTHY = "healthy"
    FAILED = "failed"
    UNBORN = "unborn"
    GONE = "gone"


class StackStatus(StrEnum):
    """CloudFormation's own words; a status that is missing here is refused, never guessed at."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_FAILED = "CREATE_FAILED"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    ROLLBACK_COMPLETE = "ROLLBACK_COMPLETE"  # a failed creation: it can only be deleted
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETE_FAILED = "DELETE_FAILED"
    DELETE_COMPLETE = "DELETE_COMPLETE"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"  # not the end yet
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_FAILED = "UPDATE_FAILED"
    UPDATE_ROLLBACK_IN_PROGRESS = "UPDATE_ROLLBACK_IN_PROGRESS"
    UPDATE_ROLLBACK_FAILED = "UPDATE_ROLLBACK_FAILED"
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    UPDATE_ROLLBACK_COMPLETE = "UPDATE_ROLLBACK_COMPLETE"  # healthy, at its old version
    REVIEW_IN_PROGRESS = "REVIEW_IN_PROGRESS"
    IMPORT_IN_PROGRESS = "IMPORT_IN_PROGRESS"
    IMPORT_COMPLETE = "IMPORT_COMPLETE"
    IMPORT_ROLLBACK_IN_PROGRESS = "IMPORT_ROLLBACK_IN_PROGRESS"
    IMPORT_ROLLBACK_FAILED = "IMPORT_ROLLBACK_FAILED"
    IMPORT_ROLLBACK_COMPLETE = "IMPORT_ROLLBACK_COMPLETE"  # healthy, without what was to be imported

    @property
    def kind(self) -> Kind:
        """What this status means for recovery."""
        return _EXCEPTIONS.get(self) or _kind_by_ending(self)


_EXCEPTIONS = {
    StackStatus.ROLLBACK_COMPLETE: Kind.FAILED,
    StackStatus.DELETE_COMPLETE: Kind.GONE,
    StackStatus.REVIEW_IN_PROGRESS: Kind.UNBORN,
}


def _kind_by_ending(status: StackStatus) -> Kind:
    if status.endswith("_IN_PROGRESS"):
        return Kind.IN_PROGRESS
    return Kind.FAILED if status.endswith("_FAILED") else Kind.HEALTHY


FAILED = tuple(status for status in StackStatus if status.kind is Kind.FAILED)
IN_PROGRESS = tuple(status for status in StackStatus if status.kind is Kind.IN_PROGRESS)

BEGINNINGS = frozenset(
    {
        StackStatus.CREATE_IN_PROGRESS,
        StackStatus.UPDATE_IN_PROGRESS,
        StackStatus.DELETE_IN_PROGRESS,
        StackStatus.IMPORT_IN_PROGRESS,
    }
)
"""Statuses with which an operation that somebody asked for begins; rollbacks belong to the operation before them."""


LAST_KNOWN_STABLE = frozenset(
    {
        StackStatus.CREATE_COMPLETE,
        StackStatus.UPDATE_COMPLETE,
        StackStatus.UPDATE_ROLLBACK_COMPLETE,
        StackStatus.IMPORT_COMPLETE,
        StackStatus.IMPORT_ROLLBACK_COMPLETE,
    }
)
"""The list in the service model of RollbackStack: a stack that never was in one of these is deleted by it."""
