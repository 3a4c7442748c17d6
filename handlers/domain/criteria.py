"""What must hold before a stack counts as recovered, and what was found of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from handlers.domain.moment import iso
from handlers.domain.status import Kind, StackStatus


class Criterion(StrEnum):
    """What can be asked of a stack that is healthy again."""

    RESTS_HEALTHY = "rests_healthy"  # in a status in which the operation that was done succeeds
    RESOURCES_COMPLETE = "resources_complete"  # those of nested stacks too
    EXPORTS_KEPT = "exports_kept"  # what others imported before is still exported
    TEMPLATE_INTENDED = "template_intended"
    ALARMS_QUIET = "alarms_quiet"  # the stack's own, and those that its tier names
    DRIFT_NONE = "drift_none"


class Demand(StrEnum):
    """What a tier asks of a criterion; from here on, each is stricter than the one before."""

    OFF = "off"  # it is not looked at, and is said to be not proven
    LOOK = "look"  # what is seen to fail ends the recovery with a person
    PROVE = "prove"  # and so does what could not be proven


CHOSEN = {Criterion.EXPORTS_KEPT: Demand.LOOK, Criterion.ALARMS_QUIET: Demand.LOOK}
"""What a tier may choose, and what holds where it does not. Status and resources are always proven; template and drift are not
looked at by this version, and so are never called clean."""


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
    resource: str = ""
    """What fails it, where that is one thing: a logical id, an export, an alarm."""
    demanded: bool = False
    """Whether the stack's tier wants it proven."""

    @property
    def sentence(self) -> str:
        """What a person is told where it does not hold."""
        return f"criterion {self.criterion} {'is not proven' if self.verdict is Verdict.NOT_PROVEN else 'fails'}: {self.observed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSeen:
    """A CloudWatch alarm as it stands."""

    name: str
    state: str
    since: datetime
    window_seconds: int
    """How much of the past it judges; 0 for one that is made of other alarms."""


def judge(
    *,
    status: StackStatus,
    expected: frozenset[StackStatus],
    resources: Mapping[str, str],
    others: Sequence[CriterionResult] = (),
    demands: Mapping[Criterion, Demand] | None = None,
) -> tuple[CriterionResult, ...]:
    """Judge a stack at *status* after an operation that should have ended in one of *expected*.

    *expected* is empty where the stack was healed without us: any healthy rest will do. *resources* is name -> status, *others*
    what was found of the other criteria; what is in none of them was not looked at.
    """
    found = {one.criterion: one for one in (_rests_healthy(status, expected), _resources_complete(resources), *others)}
    wanted = {criterion for criterion, demand in (CHOSEN | dict(demands or {})).items() if demand is Demand.PROVE}
    results = (found.get(each) or not_proven(each, "not looked at") for each in Criterion)
    return tuple(each.model_copy(update={"demanded": each.criterion in wanted}) for each in results)


def broken(results: Sequence[CriterionResult]) -> CriterionResult | None:
    """The first criterion that fails; one that had to be proven and is not fails as well."""
    return next((each for each in results if each.verdict is Verdict.FAILS), None) or next(
        (each for each in results if each.verdict is Verdict.NOT_PROVEN and each.demanded), None
    )


def not_proven(criterion: Criterion, why: str, resource: str = "") -> CriterionResult:
    """Say that nobody can tell, and why."""
    return CriterionResult(criterion=criterion, verdict=Verdict.NOT_PROVEN, observed=why, resource=resource)


def exports_kept(exported: Collection[str], in_use: Collection[str] | None) -> CriterionResult:
    """Judge what the stack exports now by what others imported before it was repaired; None where nobody has looked."""
    if in_use is None:
        return not_proven(Criterion.EXPORTS_KEPT, "which of its exports others import was not looked at before the repair")
    lost = sorted(set(in_use) - set(exported))
    if lost:
        observed = f"{', '.join(lost[:5])} is not exported any more, and other stacks import it"
        return CriterionResult(criterion=Criterion.EXPORTS_KEPT, verdict=Verdict.FAILS, observed=observed, resource=lost[0])
    observed = f"{len(in_use)} of {len(in_use)} imported values are still exported"
    return CriterionResult(criterion=Criterion.EXPORTS_KEPT, verdict=Verdict.HOLDS, observed=observed)


def alarms_quiet(
    names: Collection[str], seen: Sequence[AlarmSeen], *, ended_at: datetime | None, now: datetime
) -> CriterionResult:
    """Judge the alarms called *names* as *seen*.

    An alarm looks back: one that has rung since before the repair ended tells nothing until its window lies behind that end.
    """
    if not names:
        return not_proven(Criterion.ALARMS_QUIET, "no alarm watches it")
    ringing = [one for one in seen if one.state == "ALARM"]
    told = next((one for one in ringing if ended_at is not None and _tells(one, ended_at, now)), None)
    if told is not None:
        observed = f"{told.name} is in ALARM since {iso(told.since)}"
        return CriterionResult(criterion=Criterion.ALARMS_QUIET, verdict=Verdict.FAILS, observed=observed, resource=told.name)
    doubts = [f"{one.name} is in ALARM since before the repair ended" for one in ringing]
    doubts += [f"{name} does not exist" for name in sorted(set(names) - {one.name for one in seen})]
    doubts += [f"{one.name} is {one.state}" for one in seen if one.state not in {"OK", "ALARM"}]
    if doubts:
        return not_proven(Criterion.ALARMS_QUIET, "; ".join(doubts[:5]))
    observed = f"{len(seen)} of {len(seen)} are OK"
    return CriterionResult(criterion=Criterion.ALARMS_QUIET, verdict=Verdict.HOLDS, observed=observed)


def _tells(alarm: AlarmSeen, ended_at: datetime, now: datetime) -> bool:
    return alarm.since > ended_at or now >= ended_at + timedelta(seconds=alarm.window_seconds)


def _rests_healthy(status: StackStatus, expected: frozenset[StackStatus]) -> CriterionResult:
    holds = status in expected if expected else status.kind is Kind.HEALTHY
    verdict = Verdict.HOLDS if holds else Verdict.FAILS
    return CriterionResult(criterion=Criterion.RESTS_HEALTHY, verdict=verdict, observed=status.value)


def _resources_complete(resources: Mapping[str, str]) -> CriterionResult:
    incomplete = sorted(name for name, status in resources.items() if not is_complete(status))
    observed = "; ".join(f"{name} is {resources[name]}" for name in incomplete[:5])
    return CriterionResult(
        criterion=Criterion.RESOURCES_COMPLETE,
        verdict=Verdict.FAILS if incomplete else Verdict.HOLDS,
        observed=observed or f"{len(resources)} of {len(resources)} complete",
        resource=incomplete[0] if incomplete else "",
    )


def is_complete(status: str) -> bool:
    """Say whether a resource is done.

    DELETE_SKIPPED was left behind on purpose (DeletionPolicy: Retain) and is no longer the stack's.
    """
    return status.endswith("_COMPLETE") or status == "DELETE_SKIPPED"
