"""Rollback disabled: a stack that was stable goes back, one that never was is left to a person."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, deploy, proven
from drills.model import Drill, Probe, Step
from drills.probes import (
    attempts_are_between,
    nobody_of_ours_changed,
    one_mutation_per_attempt,
    person_is_told,
    recovery_is_escalated,
    recovery_is_proven,
    stack_rests_in,
)
from handlers.domain.outcome import Escalation

STABLE, UNBORN = "app-halted", "app-unborn"
NEVER_STABLE = Escalation.NEVER_STABLE

DRILL = Drill(
    name="rollback-disabled",
    title="An update that failed with rollback disabled goes back, if there is something to go back to",
    stacks=(STABLE, UNBORN),
    steady_state=(HOLDS_LEASE, *absent(STABLE, UNBORN)),
    method=(
        GROUND,
        deploy(STABLE),
        Step(
            title=f"let an update of {STABLE} fail, with rollback disabled",
            do=lambda field: actions.fail_update_and_stay(field, STABLE),
            undo=lambda field: actions.remove_cause(field, f"{STABLE}/Release/2"),
        ),
        Step(
            title=f"let the creation of {UNBORN} fail, with rollback disabled",
            do=lambda field: actions.fail_creation_and_stay(field, UNBORN),
            undo=lambda field: actions.delete_stack(field, UNBORN),
        ),
        await_end(STABLE, UNBORN),
    ),
    expectations=proven(
        Probe(
            title=f"{STABLE} rests at its old version",
            fails=partial(stack_rests_in, stack=STABLE, status="UPDATE_ROLLBACK_COMPLETE"),
        ),
        Probe(
            title=f"the recovery of {STABLE} is settled and its criteria hold", fails=partial(recovery_is_proven, stack=STABLE)
        ),
        Probe(title=f"{STABLE} took one attempt", fails=partial(attempts_are_between, stack=STABLE, least=1, most=1)),
        Probe(title=f"{STABLE}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=STABLE)),
        Probe(
            title=f"{UNBORN}, which RollbackStack would delete, is still there",
            fails=partial(stack_rests_in, stack=UNBORN, status="CREATE_FAILED"),
        ),
        Probe(title=f"nobody of ours tried to change {UNBORN}", fails=partial(nobody_of_ours_changed, stack=UNBORN)),
        Probe(
            title=f"the ledger says why {UNBORN} was left alone",
            fails=partial(recovery_is_escalated, stack=UNBORN, code=NEVER_STABLE),
        ),
        Probe(title=f"a person is told of {UNBORN}, once", fails=partial(person_is_told, stack=UNBORN, code=NEVER_STABLE)),
        NOTHING_ELSE,
    ),
    not_proven=("that AWS deletes a stack that never was stable: its service model says so, and nothing here tries it",),
)
