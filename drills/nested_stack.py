"""A nested stack fails in its root's rollback: one failure, one recovery, and only the root is acted upon."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, proven
from drills.field import Field
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.probes import (
    attempts_are_between,
    nobody_of_ours_changed,
    one_mutation_per_attempt,
    recovery_is_proven,
    stack_rests_in,
)
from drills.recoveries import records

ROOT = "app-family"


def _child_has_no_failure(field: Field) -> str | None:
    child = actions.nested_in(field, ROOT)
    known = [kind for kind in ("FAILURE#", "CLAIM", "RECOVERY#") if records(field, child, kind)]
    return f"{child} stands in the ledger: {known}" if known else None


def _child_is_not_changed(field: Field) -> str | None:
    return nobody_of_ours_changed(field, actions.nested_in(field, ROOT))


DRILL = Drill(
    name="nested-stack",
    title="A nested stack fails, and its root is repaired",
    stacks=(ROOT,),
    steady_state=(HOLDS_LEASE, *absent(ROOT)),
    method=(
        GROUND,
        Step(
            title=f"deploy {ROOT} with a stack nested in it",
            do=lambda field: actions.deploy_nest(field, ROOT),
            undo=lambda field: actions.remove_nest(field, ROOT),
        ),
        Step(title=f"break {ROOT}: its rollback fails in the nested stack", do=lambda field: actions.break_nest(field, ROOT)),
        await_end(ROOT),
    ),
    expectations=(
        *proven(
            Probe(title=f"{ROOT} rests healthy", fails=partial(stack_rests_in, stack=ROOT, status="UPDATE_ROLLBACK_COMPLETE")),
            Probe(
                title=f"the recovery of {ROOT} is settled and its criteria hold", fails=partial(recovery_is_proven, stack=ROOT)
            ),
            Probe(title=f"{ROOT} took one attempt", fails=partial(attempts_are_between, stack=ROOT, least=1, most=1)),
            Probe(title=f"{ROOT}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=ROOT)),
            Probe(title="nobody of ours tried to change the nested stack", fails=_child_is_not_changed),
            NOTHING_ELSE,
        ),
        Expectation(
            probe=Probe(title="the nested stack has no failure of its own in the ledger", fails=_child_has_no_failure),
            standing=Standing.SIMULATED,  # that a child names its parent is our own patch of the emulator
        ),
    ),
    not_proven=("the events of a nested stack that fails: on AWS it rests in a failed status of its own, and says so",),
)
