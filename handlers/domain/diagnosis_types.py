"""What a diagnosis is made of; `handlers.domain.diagnosis` makes it."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.domain.failure_class import FailureClass


class Confidence(StrEnum):
    """How sure a diagnosis is of its class.

    high      the engine, an error code or a handler code says so, or a wording that AWS uses for nothing else
    medium    a wording that is typical of the class
    low       only the HTTP status, or the handler code of a whole family
    none      nothing was recognised: the class is unknown
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One stack event that a diagnosis was read from; empty text where the event did not say."""

    event_id: str
    stack_id: str
    logical_id: str
    resource_type: str
    status: str
    reason: str
    at: str


_NOTHING_TOLD = Evidence(event_id="", stack_id="", logical_id="", resource_type="", status="", reason="", at="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A failure in its own right, with its class and the rule that gave it."""

    failure_class: FailureClass
    evidence: Evidence
    rule: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why a stack failed: class, root-cause resource, and the events that say so.

    The root cause is the first failure of the whole story, also where the rollback from it failed too. What stopped that
    rollback, and so has to pass or be removed before the rollback can go on, is `rollback_stopped_by`.
    """

    failure_class: FailureClass
    root_cause: str | None = None
    operation: str | None = None
    """The status prefix of the failing operation: CREATE, UPDATE, DELETE, IMPORT, ROLLBACK, UPDATE_ROLLBACK, IMPORT_ROLLBACK."""
    evidence: tuple[Evidence, ...] = ()
    """The root cause's event first, then the stack's own word about it."""
    rule: str = "none"
    """Id of the rule that gave the class; `handlers.domain.diagnosis_rules.RULES` has its reason and source."""
    confidence: Confidence = Confidence.NONE
    stack_id: str | None = None
    """The stack that the root cause lives in: a nested one where the cause is nested."""
    resource_type: str | None = None
    reason: str = ""
    consequences: tuple[Evidence, ...] = ()
    """What failed because of it: cancelled siblings, roll-up lines, embedded stacks. Oldest first."""
    other_causes: tuple[Cause, ...] = ()
    """Failures of the same operation that are nobody's consequence. Oldest first."""
    rollback_stopped_by: tuple[Cause, ...] = ()
    """What keeps a stack in `*ROLLBACK_FAILED`, oldest first; the root cause itself where the events show no other."""

    @property
    def failed_for(self) -> tuple[Cause, ...]:
        """All that the failing operation failed for in its own right, the root cause first: what going on must find gone."""
        told = self.evidence[0] if self.evidence else _NOTHING_TOLD
        root = Cause(failure_class=self.failure_class, evidence=told, rule=self.rule, confidence=self.confidence)
        return (root, *self.other_causes)
