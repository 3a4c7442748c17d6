"""The first whole: stacks that cannot roll back repair themselves, and one that is not ours is left alone."""

from functools import partial

from drills import actions
from drills.field import Field
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.probes import (
    attempts_are_between,
    cell_holds_its_lease,
    costs_at_most,
    is_found_by,
    nobody_of_ours_touched,
    one_mutation_per_attempt,
    only_act_roles_changed_stacks,
    recovery_is_proven,
    stack_is_absent,
    stack_rests_in,
    takes_transitions_at_most,
)
from drills.recoveries import ended, records, recoveries

BY_EVENT, BY_HEARTBEAT, STUBBORN, FOREIGN = "app-orders", "app-billing", "app-search", "other-payments"
MANAGED = (BY_EVENT, BY_HEARTBEAT, STUBBORN)
FIXED_COST_LIMIT_DOLLARS = 0.0002  # leaves 7 s of functions at 512 MB below the $0.00025 that a recovery may cost in all
TRANSITION_LIMIT = 7


def _suppress(field: Field) -> None:
    field.stage.suppress_status_events(field.cell.account, field.cell.region, BY_HEARTBEAT)


def _restore(field: Field) -> None:
    field.stage.restore_status_events(field.cell.account, field.cell.region, BY_HEARTBEAT)


def _break_unheard(field: Field) -> None:
    """Its failure's event is lost; those of the repair are not, so that the repair waits for no second heartbeat."""
    actions.break_stack(field, BY_HEARTBEAT, rollback_failures=actions.MANY)
    actions.remove_cause(field, f"{BY_HEARTBEAT}/Config/1")
    _restore(field)


def _break_and_free_after_one_attempt(field: Field) -> None:
    actions.break_stack(field, STUBBORN, rollback_failures=actions.MANY)
    field.wait(
        f"the first attempt on {STUBBORN} fails, because the cause still stands",
        lambda: any(one.get("end_status") == "UPDATE_ROLLBACK_FAILED" for one in records(field, STUBBORN, "ATTEMPT#")),
        seconds=60,
    )
    actions.remove_cause(field, f"{STUBBORN}/Config/1")


def _all_ended(field: Field) -> bool:
    return all(any(ended(one) for one in recoveries(field, stack)) for stack in MANAGED)


def _await_the_end(field: Field) -> None:
    field.wait("every recovery has ended (the heartbeat comes once a minute)", partial(_all_ended, field), seconds=150)


def _deploy(stack: str) -> Step:
    return Step(
        title=f"deploy {stack}",
        do=lambda field: actions.deploy_fragile(field, stack),
        undo=lambda field: actions.delete_stack(field, stack),
    )


DRILL = Drill(
    name="self-repair",
    title="Stacks that cannot roll back repair themselves",
    stacks=MANAGED,
    steady_state=(
        Probe(title="the cell holds its lease", fails=cell_holds_its_lease),
        *(
            Probe(title=f"{stack} does not exist yet", fails=partial(stack_is_absent, stack=stack))
            for stack in (*MANAGED, FOREIGN)
        ),
    ),
    method=(
        Step(title="deploy the function that fails on demand", do=actions.lay_ground, undo=actions.clear_ground),
        *(_deploy(stack) for stack in (*MANAGED, FOREIGN)),
        Step(title=f"from now on, lose the status events of {BY_HEARTBEAT}", do=_suppress, undo=_restore),
        Step(title=f"break {BY_HEARTBEAT}, then take the cause away", do=_break_unheard),
        Step(
            title=f"break {BY_EVENT}; the cause passes with the failure of its rollback",
            do=lambda field: actions.break_stack(field, BY_EVENT, rollback_failures=1),
        ),
        Step(
            title=f"break {FOREIGN}, which is not managed",
            do=lambda field: actions.break_stack(field, FOREIGN, rollback_failures=1),
        ),
        Step(title=f"break {STUBBORN}; take the cause away after one attempt", do=_break_and_free_after_one_attempt),
        Step(title="wait for the recoveries", do=_await_the_end),
    ),
    expectations=tuple(
        Expectation(probe=probe, standing=standing)
        for standing, probes in {
            Standing.PROVEN: (
                *(
                    Probe(
                        title=f"{stack} rests healthy",
                        fails=partial(stack_rests_in, stack=stack, status="UPDATE_ROLLBACK_COMPLETE"),
                    )
                    for stack in MANAGED
                ),
                *(
                    Probe(
                        title=f"the recovery of {stack} is settled and its criteria hold",
                        fails=partial(recovery_is_proven, stack=stack),
                    )
                    for stack in MANAGED
                ),
                Probe(
                    title=f"{BY_HEARTBEAT} was found by the heartbeat alone",
                    fails=partial(is_found_by, stack=BY_HEARTBEAT, door="heartbeat"),
                ),
                Probe(
                    title=f"{BY_EVENT} was repaired at the first attempt",
                    fails=partial(attempts_are_between, stack=BY_EVENT, least=1, most=1),
                ),
                Probe(
                    title=f"{STUBBORN} was tried again after its cause had gone",
                    fails=partial(attempts_are_between, stack=STUBBORN, least=2, most=3),
                ),
                *(
                    Probe(title=f"{stack}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=stack))
                    for stack in MANAGED
                ),
                Probe(title=f"nobody of ours touched {FOREIGN}", fails=partial(nobody_of_ours_touched, stack=FOREIGN)),
                Probe(
                    title=f"{FOREIGN} is still broken",
                    fails=partial(stack_rests_in, stack=FOREIGN, status="UPDATE_ROLLBACK_FAILED"),
                ),
                Probe(title="of our roles, only those that act changed a stack", fails=only_act_roles_changed_stacks),
                Probe(
                    title=f"the recovery of {BY_EVENT} takes at most {TRANSITION_LIMIT} transitions",
                    fails=partial(takes_transitions_at_most, stack=BY_EVENT, most=TRANSITION_LIMIT),
                ),
                Probe(
                    title=f"transitions, requests and ledger of {BY_EVENT} cost at most ${FIXED_COST_LIMIT_DOLLARS}",
                    fails=partial(costs_at_most, stack=BY_EVENT, dollars=FIXED_COST_LIMIT_DOLLARS),
                ),
            ),
            Standing.SIMULATED: (
                Probe(
                    title=f"{BY_EVENT} was found by its status event, before any heartbeat",
                    fails=partial(is_found_by, stack=BY_EVENT, door="event"),
                ),
            ),
        }.items()
        for probe in probes
    ),
    not_proven=(
        "the state machine's, the schedule's and the rules' own roles, by use: the emulator does not check them",
        "that the strongly consistent table behaves under the loss of a control region (the emulator has one copy of it)",
        "criteria that need alarms, drift detection or the vault: not looked at in this version",
    ),
)
