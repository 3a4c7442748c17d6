"""Rollback disabled: what failed goes on where it stopped; else back to what was stable, and never where that would delete."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, deploy, proven
from drills.field import Field
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.probes import (
    attempts_are_between,
    nobody_of_ours_changed,
    one_mutation_per_attempt,
    person_is_told,
    recovery_is_escalated,
    recovery_is_proven,
    stack_rests_in,
)
from drills.recoveries import records
from handlers.domain.operations import Operation
from handlers.domain.outcome import Escalation

PASSING, NEWBORN, STABLE, UNBORN = "app-resumed", "app-newborn", "app-halted", "app-unborn"
RESUMES = 3  # the sandbox's tier
UPDATED, RESTORED = "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"
MUST_BE_REMOVED = Escalation.CAUSE_MUST_BE_REMOVED


def _fail_update(stack: str, failures: int) -> Step:
    return Step(
        title=f"let an update of {stack} fail {failures} times, with rollback disabled",
        do=lambda field: actions.fail_update_and_stay(field, stack, failures=failures),
        undo=lambda field: actions.remove_cause(field, f"{stack}/Release/2"),
    )


def _fail_creation(stack: str, failures: int, reason: str) -> Step:
    return Step(
        title=f"let the creation of {stack} fail {failures} times, with rollback disabled",
        do=lambda field: actions.fail_creation_and_stay(field, stack, failures=failures, reason=reason),
        undo=lambda field: actions.delete_stack(field, stack),
    )


def _went_back_after_resuming(field: Field) -> str | None:
    made = [one["operation"] for one in sorted(records(field, STABLE, "ATTEMPT#"), key=lambda one: int(one["attempt"]))]
    expected = [*[Operation.RESUME_STACK.value] * RESUMES, Operation.ROLLBACK_STACK.value]
    return None if made == expected else f"{STABLE} was repaired by {made}, not by {expected}"


def _repaired(stack: str, status: str) -> tuple[Probe, ...]:
    return (
        Probe(title=f"{stack} rests in {status}", fails=partial(stack_rests_in, stack=stack, status=status)),
        Probe(title=f"the recovery of {stack} is settled and its criteria hold", fails=partial(recovery_is_proven, stack=stack)),
        Probe(title=f"{stack}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=stack)),
    )


def _once(stack: str) -> Probe:
    return Probe(title=f"{stack} took one attempt", fails=partial(attempts_are_between, stack=stack, least=1, most=1))


SIMULATED = (
    *_repaired(PASSING, UPDATED),
    _once(PASSING),
    *_repaired(NEWBORN, UPDATED),
    _once(NEWBORN),
    *_repaired(STABLE, RESTORED),
    Probe(title=f"{STABLE} was resumed {RESUMES} times, and then rolled back", fails=_went_back_after_resuming),
)

DRILL = Drill(
    name="rollback-disabled",
    title="What failed with rollback disabled goes on, or goes back if there is something to go back to",
    stacks=(PASSING, NEWBORN, STABLE, UNBORN),
    steady_state=(HOLDS_LEASE, *absent(PASSING, NEWBORN, STABLE, UNBORN)),
    method=(
        GROUND,
        deploy(PASSING),
        deploy(STABLE),
        _fail_update(STABLE, actions.MANY),
        _fail_update(PASSING, 1),
        _fail_creation(NEWBORN, 1, actions.REASON),
        _fail_creation(UNBORN, actions.MANY, actions.DENIED),
        await_end(PASSING, NEWBORN, STABLE, UNBORN),
    ),
    expectations=(
        *(Expectation(probe=one, standing=Standing.SIMULATED) for one in SIMULATED),
        *proven(
            Probe(
                title=f"{UNBORN}, which RollbackStack would delete, is still there",
                fails=partial(stack_rests_in, stack=UNBORN, status="CREATE_FAILED"),
            ),
            Probe(title=f"nobody of ours tried to change {UNBORN}", fails=partial(nobody_of_ours_changed, stack=UNBORN)),
            Probe(
                title=f"the ledger says why {UNBORN} was left alone",
                fails=partial(recovery_is_escalated, stack=UNBORN, code=MUST_BE_REMOVED),
            ),
            Probe(title=f"a person is told of {UNBORN}, once", fails=partial(person_is_told, stack=UNBORN, code=MUST_BE_REMOVED)),
            NOTHING_ELSE,
        ),
    ),
    not_proven=(
        "that AWS deletes a stack that never was stable: its service model says so, and nothing here tries it",
        "that UsePreviousTemplate on AWS means the failed version: its user guide calls that Retry, and nothing here asks it",
    ),
)
