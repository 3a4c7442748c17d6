"""What a plan is made from and what it is made of."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from handlers.domain.cell import Mode
from handlers.domain.diagnosis_types import Diagnosis
from handlers.domain.outcome import Escalation
from handlers.domain.skip_policy import SkipVerdict
from handlers.domain.status import StackStatus


class Risk(StrEnum):
    """What a step can cost."""

    SAFE = "safe"  # changes no resource that works
    REVERSIBLE = "reversible"
    DESTRUCTIVE = "destructive"  # can lose data


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SkipOffer(_Frozen):
    """A resource that CloudFormation would skip, and the skip policy's word on its type."""

    name: str
    verdict: SkipVerdict
    is_stateful: bool
    """Whether it holds what cannot be made again, or nobody can tell."""
    reason: str


class Left(_Frozen):
    """What is still there of a stack, as its events tell; names are logical ids."""

    may_hold_data: tuple[str, ...] = ()
    undeletable: tuple[str, ...] = ()
    """What its deletion has failed on."""


class Situation(_Frozen):
    """A failed stack as a strategy sees it."""

    status: StackStatus
    diagnosis: Diagnosis
    mode: Mode
    stack_role_arn: str | None = None
    """The stack's service role, which CloudFormation acts with."""
    repair_role: str | None = None
    """The role that the stack's pattern names for stacks without a service role."""
    is_role_gone: bool = False
    """Whether the service role was looked for and is not there any more."""
    is_protected: bool = False
    """Termination protection."""
    owner: str | None = None
    """Who repairs the stack, where it is not ours to repair."""
    max_attempts: Annotated[int, Field(ge=1)] = 3
    last_stable: StackStatus | None = None
    """The stable status that the stack's own events prove it once had, where a strategy needs to know."""
    skips: tuple[SkipOffer, ...] = ()
    """What a rollback that failed could leave behind: all that it failed on."""
    left: Left = Left()
    """What a deletion would end, where one is thought of."""
    tried: tuple[str, ...] = ()
    """The strategies of this recovery's attempts so far, in their order."""

    def after(self, strategy: str, status: StackStatus) -> Self:
        """The same stack as it would be after *strategy* has ended in *status*; its creation failed, it never was stable."""
        never_stable = {"last_stable": None} if self.status is StackStatus.CREATE_FAILED else {}
        return self.model_copy(update={"status": status, "tried": (*self.tried, strategy), **never_stable})


class When(StrEnum):
    """On what end of the step before, by name, a step is tried."""

    FIRST = "first"
    FAILED = "failed"  # another way
    SUCCEEDED = "succeeded"  # its sequel: without it the stack is not whole


class Step(_Frozen):
    """One strategy to try, with what an operator needs to know about it, and what the act function must be given."""

    strategy: str
    reason: str
    risk: Risk
    needs_approval: bool
    expected_seconds: int
    max_attempts: int = 1
    when: When = When.FIRST
    after: str = ""
    """The strategy whose end *when* speaks of."""
    begins_in: StackStatus | None = None
    """The status that the stack is in when the step's turn comes; known once it stands in a plan."""
    resources: tuple[str, ...] = ()
    """Logical ids that the operation names: what is skipped, or what is retained."""


class Refusal(_Frozen):
    """Why a strategy, or all of them, are not tried."""

    strategy: str
    code: Escalation
    reason: str


class Plan(_Frozen):
    """The steps to try in order, and what was ruled out."""

    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def step(self, strategy: str) -> Step | None:
        """The step of a strategy; a plan holds each at most once."""
        return next((step for step in self.steps if step.strategy == strategy), None)

    @property
    def digest(self) -> str:
        """What an approval is for: any other plan has another digest."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]
