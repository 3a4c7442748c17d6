"""An outage: what fails for one class of reasons is held back, one alert tells of it, and one stack tries when it may be over."""

from functools import partial

from drills import actions, alerts
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, deploy, proven
from drills.field import Field
from drills.model import Drill, Probe, Step
from drills.probes import attempts_are_between, one_mutation_per_attempt, stack_rests_in
from drills.recoveries import records, recoveries, under
from handlers.aws.breakers import breaker_key
from handlers.domain.breaker import Breaker, as_reset, class_breaker
from handlers.domain.outcome import Restraint, Settlement
from handlers.domain.records import FailureState

FIRST, SECOND, THIRD = STACKS = ("calm-surge-one", "calm-surge-two", "calm-surge-three")
"""Of the tier that waits long enough between two attempts for the second to fail before the first is tried again."""
BREAKER = class_breaker("capacity")
OUTAGE = (
    'Resource handler returned message: "We currently do not have sufficient m5.large capacity in the Availability Zone you '
    "requested (us-east-1a). Our system will be working on provisioning additional capacity. (Service: Ec2, Status Code: 500, "
    'Request ID: 3c2f5b0e-0000-4000-8000-000000000001)" (RequestToken: 3c2f5b0e, HandlerErrorCode: ServiceInternalError)'
)
HEALTHY = "UPDATE_ROLLBACK_COMPLETE"
SLOW_SECONDS = 240  # two recoveries at once on a machine that does much beside it
GO_ON_SECONDS = 300  # a heartbeat for the one that tries, one for the others, and as much again for a busy machine


def breaker(field: Field) -> Breaker:
    """The class's breaker as the ledger has it."""
    found = under(field, *breaker_key(field.cell.key, BREAKER))
    return as_reset(Breaker.model_validate(found[0] if found else {"name": BREAKER}))


def _break(field: Field, stack: str) -> None:
    actions.break_stack(field, stack, rollback_failures=actions.MANY, reason=OUTAGE)


def _end_outage(field: Field) -> None:
    for stack in STACKS:
        actions.remove_cause(field, f"{stack}/Config/1")


def _waits(field: Field, stack: str) -> bool:
    found = [(one["state"], one.get("outcome")) for one in records(field, stack, "FAILURE#")]
    return found == [(FailureState.WAITING, Restraint.BREAKER_OPEN)]


def _has_recovered(field: Field, stack: str) -> bool:
    return any(one.get("outcome") == Settlement.RECOVERED for one in recoveries(field, stack))


def _was_told_once(field: Field) -> str | None:
    told = alerts.published(field, BREAKER)
    each = [stack for stack in STACKS if alerts.published(field, stack)]
    if told != 1:
        return f"{told} alerts about {BREAKER} were published, not one"
    return f"there are alerts about {', '.join(each)} beside it" if each else None


def _is_closed(field: Field) -> str | None:
    found = breaker(field)
    return f"{BREAKER} is {found.state}, closed at {found.closed_at}" if found.is_open or found.closed_at is None else None


def _all_recovered(field: Field) -> str | None:
    missing = [stack for stack in STACKS if not _has_recovered(field, stack)]
    return f"no recovery of {', '.join(missing)} ended as recovered" if missing else None


DRILL = Drill(
    name="breaker",
    title="Many stacks that fail for one class of reasons are one outage, told once",
    stacks=STACKS,
    steady_state=(HOLDS_LEASE, *absent(*STACKS)),
    method=(
        GROUND,
        *(deploy(stack) for stack in STACKS),
        *(
            Step(
                title=f"break {stack}: AWS has no capacity",
                do=partial(_break, stack=stack),
                undo=partial(actions.remove_cause, cause=f"{stack}/Config/1"),
            )
            for stack in (FIRST, SECOND)
        ),
        Step(
            title=f"wait for {BREAKER} to open",
            do=lambda field: field.wait(f"{BREAKER} opens", lambda: breaker(field).is_open, seconds=SLOW_SECONDS),
        ),
        Step(
            title=f"break {THIRD} for the same reason",
            do=partial(_break, stack=THIRD),
            undo=lambda field: actions.remove_cause(field, f"{THIRD}/Config/1"),
        ),
        Step(
            title="wait until all are held back",
            do=lambda field: field.wait("all wait", lambda: all(_waits(field, stack) for stack in STACKS), seconds=SLOW_SECONDS),
        ),
        Step(title="let the outage end", do=_end_outage),
        Step(
            title="wait until one has tried and the others have followed",
            do=lambda field: field.wait("all recover", lambda: _all_recovered(field) is None, seconds=GO_ON_SECONDS),
        ),
    ),
    expectations=proven(
        *(
            Probe(title=f"{stack} rests healthy", fails=partial(stack_rests_in, stack=stack, status="UPDATE_ROLLBACK_COMPLETE"))
            for stack in STACKS
        ),
        Probe(title="each ends as recovered, in its second turn", fails=_all_recovered),
        Probe(
            title=f"{THIRD} was not touched while the breaker was open",
            fails=partial(attempts_are_between, stack=THIRD, least=1, most=1),
        ),
        *(
            Probe(title=f"{stack}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=stack))
            for stack in STACKS
        ),
        Probe(title=f"one alert told of {BREAKER}, and none of its stacks", fails=_was_told_once),
        Probe(title=f"{BREAKER} is closed again", fails=_is_closed),
        NOTHING_ELSE,
    ),
)
