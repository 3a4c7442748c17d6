"""What recoveries order of CloudFormation: from where it is legal, where it ends, and what it deletes on the way.

The one table of legal moves. Sources: **M** is CloudFormation's service model (botocore 1.43.106), the operation's or shape's own
text; **UG** its user guide, the page named.
"""

from dataclasses import dataclass
from enum import StrEnum

from handlers.domain.status import LAST_KNOWN_STABLE, StackStatus


class Group(StrEnum):
    """Operations that can do harm of one kind; each group has a function and a role of its own."""

    ROLL = "roll"  # go back: continue, roll back, cancel
    CHANGE = "change"  # go on: resume, apply, create
    DELETE = "delete"
    INSPECT = "inspect"  # look: nothing changes


class Operation(StrEnum):
    """CloudFormation's operations, each with what makes it another move: `Call` or `Call+Parameter`."""

    CONTINUE_UPDATE_ROLLBACK = "ContinueUpdateRollback"
    CONTINUE_SKIPPING = "ContinueUpdateRollback+ResourcesToSkip"
    ROLLBACK_STACK = "RollbackStack"
    CANCEL_UPDATE_STACK = "CancelUpdateStack"
    RESUME_STACK = "UpdateStack+DisableRollback"
    UPDATE_STACK = "UpdateStack"
    CREATE_STACK = "CreateStack"
    EXECUTE_CHANGE_SET = "ExecuteChangeSet"
    DELETE_STACK = "DeleteStack"
    DELETE_RETAINING = "DeleteStack+RetainResources"
    FORCE_DELETE_STACK = "DeleteStack+FORCE_DELETE_STACK"
    DETECT_STACK_DRIFT = "DetectStackDrift"

    @property
    def call(self) -> str:
        """The operation's name in CloudFormation's API, and so in IAM and in CloudTrail."""
        return self.partition("+")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFacts:
    """One operation's place in the table; any other end than these is not its own."""

    group: Group
    legal_from: frozenset[StackStatus]
    """Where CloudFormation takes it on. DELETE_COMPLETE stands for a name that no stack bears."""
    succeeds_in: frozenset[StackStatus]
    fails_in: frozenset[StackStatus]
    deletes: str
    """What is gone afterwards that was there before, at the worst."""
    source: str


_S = StackStatus
_NOTHING = "nothing"
_DELETABLE = frozenset(
    {
        *LAST_KNOWN_STABLE,
        _S.CREATE_FAILED,
        _S.ROLLBACK_FAILED,
        _S.ROLLBACK_COMPLETE,
        _S.DELETE_FAILED,
        _S.UPDATE_FAILED,
        _S.UPDATE_ROLLBACK_FAILED,
        _S.IMPORT_ROLLBACK_FAILED,
    }
)
"""Every rest. DeleteStack is refused in UPDATE_IN_PROGRESS and UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS, so no status in
progress is relied upon here."""

OPERATIONS = {
    Operation.CONTINUE_UPDATE_ROLLBACK: OperationFacts(
        group=Group.ROLL,
        legal_from=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        succeeds_in=frozenset({_S.UPDATE_ROLLBACK_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        deletes="what the failed update had created, in the clean-up at its end",
        source="M ContinueUpdateRollback: continues from UPDATE_ROLLBACK_FAILED to UPDATE_ROLLBACK_COMPLETE",
    ),
    Operation.CONTINUE_SKIPPING: OperationFacts(
        group=Group.ROLL,
        legal_from=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        succeeds_in=frozenset({_S.UPDATE_ROLLBACK_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        deletes="what the failed update had created; what is skipped stays as it is, and disagrees with the template",
        source="M ContinueUpdateRollbackInput ResourcesToSkip: only resources UPDATE_FAILED because a rollback failed",
    ),
    Operation.ROLLBACK_STACK: OperationFacts(
        group=Group.ROLL,
        legal_from=frozenset({_S.CREATE_FAILED, _S.UPDATE_FAILED}),
        succeeds_in=frozenset({_S.UPDATE_ROLLBACK_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        deletes="what the failed update had created; the whole stack, if it never was stable",
        source="M RollbackStack: 'will delete a stack if it doesn't contain a last known stable state'",
    ),
    Operation.CANCEL_UPDATE_STACK: OperationFacts(
        group=Group.ROLL,
        legal_from=frozenset({_S.UPDATE_IN_PROGRESS}),
        succeeds_in=frozenset({_S.UPDATE_ROLLBACK_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_ROLLBACK_FAILED}),
        deletes="what the cancelled update had created",
        source="M CancelUpdateStack: 'You can cancel only stacks that are in the UPDATE_IN_PROGRESS state'",
    ),
    Operation.RESUME_STACK: OperationFacts(
        group=Group.CHANGE,
        legal_from=frozenset({*LAST_KNOWN_STABLE, _S.CREATE_FAILED, _S.UPDATE_FAILED}),
        succeeds_in=frozenset({_S.UPDATE_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_FAILED}),
        deletes="what the template no longer holds, in the clean-up at its end",
        source="UG stack-failure-options: from CREATE_FAILED and UPDATE_FAILED only with the rollback disabled",
    ),
    Operation.UPDATE_STACK: OperationFacts(
        group=Group.CHANGE,
        legal_from=LAST_KNOWN_STABLE,
        succeeds_in=frozenset({_S.UPDATE_COMPLETE}),
        fails_in=frozenset({_S.UPDATE_ROLLBACK_COMPLETE, _S.UPDATE_ROLLBACK_FAILED}),
        deletes="what the template no longer holds, and what it replaces",
        source="M UpdateStack; UG using-cfn-describing-stacks: no update from a failed or an unfinished status",
    ),
    Operation.CREATE_STACK: OperationFacts(
        group=Group.CHANGE,
        legal_from=frozenset({_S.DELETE_COMPLETE}),
        succeeds_in=frozenset({_S.CREATE_COMPLETE}),
        fails_in=frozenset({_S.ROLLBACK_COMPLETE, _S.ROLLBACK_FAILED}),
        deletes="what itself had created, if it fails",
        source="M CreateStackInput OnFailure: ROLLBACK by default",
    ),
    Operation.EXECUTE_CHANGE_SET: OperationFacts(
        group=Group.CHANGE,
        legal_from=frozenset({*LAST_KNOWN_STABLE, _S.REVIEW_IN_PROGRESS}),
        succeeds_in=frozenset({_S.CREATE_COMPLETE, _S.UPDATE_COMPLETE, _S.IMPORT_COMPLETE}),
        fails_in=frozenset(
            {
                _S.ROLLBACK_COMPLETE,
                _S.ROLLBACK_FAILED,
                _S.UPDATE_ROLLBACK_COMPLETE,
                _S.UPDATE_ROLLBACK_FAILED,
                _S.IMPORT_ROLLBACK_COMPLETE,
                _S.IMPORT_ROLLBACK_FAILED,
            }
        ),
        deletes="what the change set says",
        source="M CreateChangeSetInput ChangeSetType: CREATE, UPDATE or IMPORT",
    ),
    Operation.DELETE_STACK: OperationFacts(
        group=Group.DELETE,
        legal_from=_DELETABLE,
        succeeds_in=frozenset({_S.DELETE_COMPLETE}),
        fails_in=frozenset({_S.DELETE_FAILED}),
        deletes="the stack and every resource in it that no DeletionPolicy retains",
        source="M DeleteStack; UG using-cfn-describing-stacks: ROLLBACK_COMPLETE can only be deleted",
    ),
    Operation.DELETE_RETAINING: OperationFacts(
        group=Group.DELETE,
        legal_from=frozenset({_S.DELETE_FAILED}),
        succeeds_in=frozenset({_S.DELETE_COMPLETE}),
        fails_in=frozenset({_S.DELETE_FAILED}),
        deletes="the stack and what is left of it, but not the resources named, which nobody manages then",
        source="M DeleteStackInput RetainResources: 'For stacks in the DELETE_FAILED state'",
    ),
    Operation.FORCE_DELETE_STACK: OperationFacts(
        group=Group.DELETE,
        legal_from=frozenset({_S.DELETE_FAILED}),
        succeeds_in=frozenset({_S.DELETE_COMPLETE}),
        fails_in=frozenset({_S.DELETE_FAILED}),
        deletes="the stack; what cannot be deleted is left behind without anybody's having named it",
        source="M DeleteStackInput DeletionMode: 'if it's stuck in a DELETE_FAILED state due to resource deletion failure'",
    ),
    Operation.DETECT_STACK_DRIFT: OperationFacts(
        group=Group.INSPECT,
        legal_from=frozenset({_S.CREATE_COMPLETE, _S.UPDATE_COMPLETE, _S.UPDATE_ROLLBACK_COMPLETE, _S.UPDATE_ROLLBACK_FAILED}),
        succeeds_in=frozenset(),
        fails_in=frozenset(),
        deletes=_NOTHING,
        source="UG using-cfn-stack-drift: the four statuses; the stack's own status does not change",
    ),
}
