"""What is looked at before a stack counts as recovered: itself, what others take from it, and the alarms that watch it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handlers.aws.inventory import Resource
from handlers.aws.stacks import StackNow
from handlers.domain.cell import Tier
from handlers.domain.criteria import CHOSEN, Criterion, CriterionResult, Demand, alarms_quiet, exports_kept, judge
from handlers.domain.patterns import match, tier_for
from handlers.domain.records import Attempt, Recovery
from handlers.domain.status import StackStatus
from handlers.runtime import Runtime

UNREADY = {Criterion.ALARMS_QUIET: Demand.PROVE}
"""What is asked of a stack in deployment mode EXPRESS, whatever its tier says: it is complete before its resources are ready."""

ALARMS = frozenset({"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A stack that is healthy again, and the recovery that claims to have made it so."""

    now: StackNow
    expected: frozenset[StackStatus]
    recovery: Recovery | None
    attempt: Attempt | None


def prove(case: Case, runtime: Runtime) -> tuple[CriterionResult, ...]:
    """Judge every criterion; what the stack's tier has switched off is not looked at."""
    tier = tier_for(match(case.now.name, runtime.cell.patterns), runtime.cell)
    demands = tier.criteria | (UNREADY if case.now.is_express else {})
    resources = runtime.inventory.resources(case.now.stack_id)
    return judge(
        status=case.now.status,
        expected=case.expected,
        resources={one.name: one.status for one in resources},
        others=tuple(_others(case, tier, CHOSEN | demands, resources, runtime)),
        demands=demands,
    )


def _others(
    case: Case, tier: Tier, wanted: Mapping[Criterion, Demand], resources: Sequence[Resource], runtime: Runtime
) -> Iterator[CriterionResult]:
    if wanted[Criterion.EXPORTS_KEPT] is not Demand.OFF:
        in_use = case.recovery.exports_in_use if case.recovery else None
        yield exports_kept(case.now.exports, in_use)
    if wanted[Criterion.ALARMS_QUIET] is not Demand.OFF:
        names = {one.physical_id for one in resources if one.type in ALARMS} | set(tier.alarms)
        seen = runtime.watch.alarms(names) if names else ()
        ended_at = case.attempt.ended_at if case.attempt else None
        yield alarms_quiet(names, seen, ended_at=ended_at, now=runtime.clock())
