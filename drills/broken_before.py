"""A stack that was broken before Stackmend came: no event ever told of it, and it is found."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HEARTBEAT_SECONDS, HOLDS_LEASE, NOTHING_ELSE, await_end, deploy, proven
from drills.model import Drill, Probe, Step
from drills.probes import is_found_by, one_mutation_per_attempt, recovery_is_proven, stack_rests_in

STACK = "app-legacy"

DRILL = Drill(
    name="broken-before",
    title="What was broken before the cell was deployed is found and repaired",
    stacks=(STACK,),
    before=(
        GROUND,
        deploy(STACK),
        Step(
            title=f"break {STACK}, before anything of Stackmend stands",
            do=lambda field: actions.break_stack(field, STACK, rollback_failures=1),
        ),
    ),
    steady_state=(HOLDS_LEASE,),
    method=(await_end(STACK, seconds=HEARTBEAT_SECONDS),),
    expectations=proven(
        Probe(title=f"{STACK} was found by the heartbeat", fails=partial(is_found_by, stack=STACK, door="heartbeat")),
        Probe(title=f"{STACK} rests healthy", fails=partial(stack_rests_in, stack=STACK, status="UPDATE_ROLLBACK_COMPLETE")),
        Probe(title=f"the recovery of {STACK} is settled and its criteria hold", fails=partial(recovery_is_proven, stack=STACK)),
        Probe(title=f"{STACK}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=STACK)),
        NOTHING_ELSE,
    ),
)
