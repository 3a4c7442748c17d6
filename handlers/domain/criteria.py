"""What must hold before a stack counts as recovered, and what was found of it."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from handlers.domain.status import Kind, StackStatus

_OTHERS = ("exports_kept", "template_intended", "alarms_quiet", "drift_none")


class Verdict(StrEnum):
    """What was found of a criterion; not_proven is never taken for clean."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_PROVEN = "not_proven"


class CriterionResult(BaseModel):
    """One criterion, with the value that decided it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    criterion: str
    verdict: Verdict
    observed: str


def judge(*, status: StackStatus, expected: frozenset[StackStatus], resources: Mapping[str, str]) -> tuple[CriterionResult, ...]:
    """Judge a stack at *status* after an operation that should have ended in one of *expected*.

    *expected* is empty where the stack was healed without us: any healthy rest will do. *resources* is logical id -> status.
    """
    not_measured = [CriterionResult(criterion=name, verdict=Verdict.NOT_PROVEN, observed="not measured") for name in _OTHERS]
    return (_rests_healthy(status, expected), _resources_complete(resources), *not_measured)


def broken(results: tuple[CriterionResult, ...]) -> CriterionResult | None:
    """The first criterion that fails."""
    return next((each for each in results if each.verdict is Verdict.FAILS), None)


def _rests_healthy(status: StackStatus, expected: frozenset[StackStatus]) -> CriterionResult:
    holds = status in expected if expected else status.kind is Kind.HEALTHY
    return CriterionResult(criterion="rests_healthy", verdict=Verdict.HOLDS if holds else Verdict.FAILS, observed=status.value)


def _resources_complete(resources: Mapping[str, str]) -> CriterionResult:
    incomplete = [f"{logical_id} is {status}" for logical_id, status in resources.items() if not _is_complete(status)]
    observed = "; ".join(sorted(incomplete)[:5]) or f"{len(resources)} of {len(resources)} complete"
    return CriterionResult(
        criterion="resources_complete", verdict=Verdict.FAILS if incomplete else Verdict.HOLDS, observed=observed
    )


def _is_complete(status: str) -> bool:
    """DELETE_SKIPPED was left behind on purpose (DeletionPolicy: Retain) and is no longer the stack's."""
    return status.endswith("_COMPLETE") or status == "DELETE_SKIPPED"
