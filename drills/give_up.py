"""A cause that never passes: so many attempts as the tier allows, and then a person."""

from functools import partial

from drills import actions, alerts
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, deploy, proven
from drills.model import Drill, Probe, Step
from drills.probes import (
    alert_names_its_heading,
    attempts_are_between,
    one_mutation_per_attempt,
    person_is_told,
    recovery_is_escalated,
    stack_rests_in,
)
from handlers.domain.outcome import Escalation

STACK = "app-hopeless"
ATTEMPTS = 3  # the sandbox's tier
SPENT = Escalation.ATTEMPTS_SPENT

DRILL = Drill(
    name="give-up",
    title="What bounded attempts do not cure goes to a person",
    stacks=(STACK,),
    steady_state=(HOLDS_LEASE, *absent(STACK)),
    method=(
        GROUND,
        Step(title="subscribe to the cell's alerts", do=alerts.listen, undo=alerts.stop_listening),
        deploy(STACK),
        Step(
            title=f"break {STACK} for good",
            do=lambda field: actions.break_stack(field, STACK, rollback_failures=actions.MANY),
            undo=lambda field: actions.remove_cause(field, f"{STACK}/Config/1"),
        ),
        await_end(STACK),
    ),
    expectations=proven(
        Probe(
            title=f"{STACK} was tried {ATTEMPTS} times, no more",
            fails=partial(attempts_are_between, stack=STACK, least=ATTEMPTS, most=ATTEMPTS),
        ),
        Probe(title=f"{STACK}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=STACK)),
        Probe(
            title=f"the ledger says why the recovery of {STACK} was given up",
            fails=partial(recovery_is_escalated, stack=STACK, code=SPENT),
        ),
        Probe(
            title=f"one message about {STACK} is in the escalation queue, one alert was published",
            fails=partial(person_is_told, stack=STACK, code=SPENT),
        ),
        Probe(
            title="the alert reached a subscriber and names the runbook's heading",
            fails=partial(alert_names_its_heading, stack=STACK, code=SPENT),
        ),
        Probe(title=f"{STACK} is still broken", fails=partial(stack_rests_in, stack=STACK, status="UPDATE_ROLLBACK_FAILED")),
        NOTHING_ELSE,
    ),
)
