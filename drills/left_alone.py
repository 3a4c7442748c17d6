"""What is not ours to mend: a protected stack that could only be deleted, and one whose service role is gone."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.probes import nobody_of_ours_changed, person_is_told, recovery_is_escalated, stack_rests_in
from handlers.domain.outcome import Escalation

PROTECTED, ORPHAN = "app-protected", "app-orphan"


def _left_to_a_person(stack: str, status: str, code: Escalation, standing: Standing) -> tuple[Expectation, ...]:
    probes = (
        Probe(title=f"{stack} is as it was", fails=partial(stack_rests_in, stack=stack, status=status)),
        Probe(title=f"nobody of ours tried to change {stack}", fails=partial(nobody_of_ours_changed, stack=stack)),
        Probe(title=f"the ledger says why {stack} was left", fails=partial(recovery_is_escalated, stack=stack, code=code)),
        Probe(title=f"a person is told of {stack}, once", fails=partial(person_is_told, stack=stack, code=code)),
    )
    return tuple(Expectation(probe=one, standing=standing) for one in probes)


DRILL = Drill(
    name="left-alone",
    title="What stands against a repair is found before any call, and a person is told what to mend",
    stacks=(PROTECTED, ORPHAN),
    steady_state=(HOLDS_LEASE, *absent(PROTECTED, ORPHAN)),
    method=(
        GROUND,
        Step(
            title=f"deploy {ORPHAN} with a service role of its own",
            do=lambda field: actions.deploy_with_lone_role(field, ORPHAN),
            undo=lambda field: actions.delete_with_lone_role(field, ORPHAN),
        ),
        Step(
            title=f"break {ORPHAN} while its service role is deleted",
            do=lambda field: actions.break_and_take_role(field, ORPHAN),
        ),
        Step(
            title=f"let the creation of {PROTECTED} fail under termination protection",
            do=lambda field: actions.create_in_vain(field, PROTECTED),
            undo=lambda field: actions.delete_protected(field, PROTECTED),
        ),
        await_end(PROTECTED, ORPHAN),
    ),
    expectations=(
        *_left_to_a_person(PROTECTED, "ROLLBACK_COMPLETE", Escalation.TERMINATION_PROTECTED, Standing.PROVEN),
        *_left_to_a_person(ORPHAN, "UPDATE_ROLLBACK_FAILED", Escalation.SERVICE_ROLE_UNUSABLE, Standing.SIMULATED),
        Expectation(probe=NOTHING_ELSE, standing=Standing.PROVEN),
    ),
    not_proven=(
        "that a stack of StackSets, Service Catalog or Control Tower is left alone: the emulator makes none, unit tests say so",
        "that a stack in deployment mode EXPRESS is repaired in STANDARD and needs an alarm: the emulator shows no mode",
    ),
)
