"""The door to diagnosis: from stack events to the cause of a failure."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from handlers.domain.diagnosis_history import Happening, Operation, happenings, operations
from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_rules import rule_for
from handlers.domain.diagnosis_rules_engine import CONSEQUENCES
from handlers.domain.diagnosis_text import read, shortened
from handlers.domain.diagnosis_types import Cause, Confidence, Diagnosis, Evidence
from handlers.domain.failure_class import FailureClass

__all__ = ["Cause", "Confidence", "Diagnosis", "Evidence", "FailureClass", "diagnose"]

MOST_CAUSES = 4
"""Independent causes that are classified besides the root cause; a person reads no more."""
MOST_CONSEQUENCES = 50
"""Evidence that is kept of what followed from the cause; CloudFormation's largest stack has 500 resources."""

_SYMPTOMS = tuple(start for rule in CONSEQUENCES for start in rule.starts)
_CANCELLED = CONSEQUENCES[0].starts
_ROLLED_BACK = {"ROLLBACK": "CREATE", "UPDATE_ROLLBACK": "UPDATE", "IMPORT_ROLLBACK": "IMPORT"}
_NEUTRAL = ("user initiated", "transformation succeeded", "rollback requested by user")


def diagnose(events: Sequence[Mapping[str, Any]]) -> Diagnosis:
    """Find the root cause in *events*, as DescribeStackEvents returns them: newest first, possibly an excerpt.

    Only the newest operation with a failure counts. Whatever *events* hold, the answer is a diagnosis, if need be `unknown`.
    """
    for operation in reversed(operations(happenings(events))):
        failures = _failures(operation)
        if failures:
            return _diagnosis(operation, failures)
    return Diagnosis(failure_class=FailureClass.UNKNOWN)


def _failures(operation: Operation) -> list[Happening]:
    """Everything in *operation* that tells of a failure, once each, oldest first; deletes that went through later do not."""
    deleted = {(one.stack_id, one.logical_id, one.in_rollback) for one in operation.events if one.status == "DELETE_COMPLETE"}
    failures: dict[object, Happening] = {}
    for number, one in enumerate(operation.events):
        if not _tells_failure(one):
            continue
        if one.status == "DELETE_FAILED" and (one.stack_id, one.logical_id, one.in_rollback) in deleted:
            continue
        event_id = one.raw.get("EventId")
        failures.setdefault(event_id if isinstance(event_id, str) and event_id else number, one)
    if operation.name is None and operation.rollback is None:
        return _newest_token_only(list(failures.values()))
    return list(failures.values())


def _tells_failure(one: Happening) -> bool:
    if one.status.endswith("_FAILED"):
        return True
    if not one.is_own or not one.reason or one.status.endswith(("CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS")):
        return False
    if one.status.endswith("_IN_PROGRESS") and "ROLLBACK" not in one.status:
        return False
    return not one.reason.strip().lower().startswith(_NEUTRAL)


def _newest_token_only(failures: list[Happening]) -> list[Happening]:
    """In an excerpt without a beginning only the request token tells one operation from the next."""
    token = next((one.token for one in reversed(failures) if one.token), "")
    return [one for one in failures if not one.token or one.token == token]


def _is_symptom(one: Happening) -> bool:
    """Cancelled, or a roll-up that quotes no reason of its own."""
    reason = read(one.reason).words if one.reason[:8].lower() == "embedded" else one.reason[:100].lstrip().lower()
    return not reason or reason.startswith(_SYMPTOMS)


def _diagnosis(operation: Operation, failures: list[Happening]) -> Diagnosis:
    causes = [one for one in failures if one.reason.strip() and not _is_symptom(one)]
    counted = [one for one in causes if not one.in_rollback] or causes
    root = counted[0] if counted else _best_symptom(failures)
    cause = _cause(root)
    rest = [one for one in counted if one is not root and not _echoes(one, root)]
    stopping = _stopping(operation, causes)
    stopped_by = tuple(cause if one is root else _cause(one) for one in stopping[:MOST_CAUSES])
    said = next((one for one in reversed(failures) if one.is_own and one is not root), None)
    causing = {id(one) for one in (root, said, *rest, *stopping)}
    followed = [one for one in failures if id(one) not in causing]
    stopper = [one.evidence for one in stopped_by[:1] if stopping[0] is not root]
    return Diagnosis(
        failure_class=cause.failure_class,
        root_cause=_named(root),
        operation=_operation_name(operation, root),
        evidence=(cause.evidence, *stopper, *((said.evidence(),) if said else ())),
        rule=cause.rule,
        confidence=cause.confidence,
        stack_id=root.stack_id or None,
        resource_type=root.resource_type or None,
        reason=cause.evidence.reason,
        consequences=tuple(one.evidence() for one in followed[:MOST_CONSEQUENCES]),
        other_causes=tuple(_cause(one) for one in rest[:MOST_CAUSES]),
        rollback_stopped_by=stopped_by,
    )


def _stopping(operation: Operation, causes: list[Happening]) -> list[Happening]:
    """What stopped a failed rollback; where the events do not show how it began, every cause may have."""
    if not _rollback_failed(operation):
        return []
    stopping = [one for one in causes if one.in_rollback or operation.rollback is None]
    return [one for one in stopping if one is stopping[0] or not _echoes(one, stopping[0])]


def _rollback_failed(operation: Operation) -> bool:
    return bool(operation.at_rest and operation.at_rest.endswith("ROLLBACK_FAILED"))


def _echoes(one: Happening, root: Happening) -> bool:
    """The same failure again: the same resource in a later attempt, or the parent's word about the nested stack."""
    return (
        (one.stack_id == root.stack_id and one.logical_id == root.logical_id) or one.is_own or one.reason.startswith("Embedded")
    )


def _best_symptom(failures: list[Happening]) -> Happening:
    """Without a cause: a silent failure before a nested stack's, that before a stack's roll-up, a cancelled one last."""

    def rank(one: Happening) -> int:
        reason = one.reason.strip().lower()
        if reason.startswith(_CANCELLED):
            return 3
        if not reason:
            return 4 if one.is_own else 0
        return 2 if one.is_own else 1

    return min(failures, key=rank)


def _named(root: Happening) -> str | None:
    """Logical id of the root cause; a roll-up counts only where it names one resource, a cancelled resource never does."""
    reason = root.reason.strip().lower()
    if reason.startswith(_CANCELLED):
        return None
    if root.is_own and _is_symptom(root):
        listed = root.reason.partition("[")[2].partition("]")[0]
        return listed.strip() if listed.strip() and "," not in listed else None
    return root.logical_id or None


def _operation_name(operation: Operation, root: Happening) -> str | None:
    if root.in_rollback and operation.rollback:
        return operation.rollback
    if operation.name or not operation.rollback:
        return operation.name or root.status.removesuffix("_FAILED") or None
    return _ROLLED_BACK[operation.rollback]


@lru_cache(maxsize=512)
def classified(reason: str, resource_type: str, status: str) -> Rule:
    """The rule for one reason; remembered, for siblings, nested stacks and the next look at a stack repeat their words."""
    return rule_for(read(reason, resource_type, status))


def _cause(one: Happening) -> Cause:
    """Class of one failure, from its reason, its resource type and its status."""
    reason = shortened(one.reason)
    hook = one.raw.get("HookStatusReason")
    if isinstance(hook, str):
        reason = f"{reason} {shortened(hook)}"
    rule = classified(reason, one.resource_type, one.status)
    return Cause(failure_class=rule.failure_class, evidence=one.evidence(), rule=rule.id, confidence=rule.confidence)
