"""A person asks: what would be done, and then that it be done. Asking changes nothing; the rest is a recovery under their name.

The stack is paused when it breaks, so that nothing but the person's word begins its recovery.
"""

import time
import uuid
from datetime import UTC, datetime
from functools import partial

from drills import actions
from drills.deploying import GROUND, HEARTBEAT_SECONDS, HOLDS_LEASE, NOTHING_ELSE, RECOVERY_SECONDS, absent, deploy
from drills.field import Field
from drills.measure import is_ours, names
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.people_first import pause_stack, resume_stack, say
from drills.probes import CHANGES, one_mutation_per_attempt, recovery_is_proven, stack_rests_in
from drills.recoveries import records, recoveries
from handlers.aws.mail import Mail
from handlers.domain.events import WantedRecovery
from handlers.domain.identity import StackKey
from handlers.domain.outcome import Settlement
from handlers.domain.records import FailureState, Recovery

STACK = "app-asked"
QUIET = 35  # seconds after a heartbeat: the next one is far enough away for a busy machine


def ask(field: Field, *, simulate: bool) -> Recovery:
    """Say what `stackmend recover` says, as whoever is on call, and wait for what comes of it."""
    people, word = say(field)
    described = field.team.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    wanted = WantedRecovery(
        stack_id=described["StackId"], request_id=uuid.uuid4().hex, by=word.by, wanted_at=datetime.now(UTC), simulate=simulate
    )
    Mail(field.on_call.client("sqs"), field.cell.account).send(field.cell.intake_queue, wanted)
    key = StackKey.of(wanted.stack_id)

    def has_ended() -> bool:
        found = people.came_of(key, wanted)
        return found is not None and found.outcome is not None

    what = "the simulation ends" if simulate else "the recovery ends"
    field.wait(what, has_ended, seconds=RECOVERY_SECONDS)
    found = people.came_of(key, wanted)
    if found is None:  # it has been there
        raise LookupError(f"{STACK}: what came of {wanted.request_id} has vanished")
    return found


def _simulate(field: Field) -> None:
    found = ask(field, simulate=True)
    field.memory.update({"simulated": f"{found.outcome}: {found.reason}", "digest": str(found.plan_digest)})
    field.memory["until"] = str(len(field.stage.calls()))


def _recover(field: Field) -> None:
    field.wait("no heartbeat is near, which would take the stack up itself", lambda: _since_beat(field) < QUIET, seconds=70)
    resume_stack(field, STACK)
    found = ask(field, simulate=False)
    field.memory.update({"started_by": str(found.started_by), "real_digest": str(found.plan_digest)})


def _since_beat(field: Field) -> float:
    """Seconds since the heartbeat has renewed the cell's lease."""
    lease = field.cell.lease
    key = {"pk": {"S": f"LEASE#{field.cell.account}#{field.cell.region}"}}
    item = field.hub_operator.client("dynamodb").get_item(TableName=lease.table, Key=key, ConsistentRead=True)["Item"]
    return time.time() - (int(item["expires_at_ms"]["N"]) / 1000 - lease.lease_seconds)


def _await_waiting(field: Field) -> None:
    def waits() -> bool:
        return [one["state"] for one in records(field, STACK, "FAILURE#")] == [FailureState.WAITING]

    field.wait("its failure is recorded, and waits", waits, seconds=HEARTBEAT_SECONDS)


def _says_what_would_be_done(field: Field) -> str | None:
    said = field.memory.get("simulated", "nothing")
    expected = f"{Settlement.SIMULATED}: would act (continue_update_rollback)"
    return None if said.startswith(expected) else f"the simulation said {said!r}"


def _changed_nothing(field: Field) -> str | None:
    """From the drill's beginning to the simulation's end, by the recorder: no change of the stack by any of our roles."""
    calls = field.stage.calls()[: int(field.memory["until"])]
    changes = [one.action for one in calls if is_ours(field, one) and names(one, STACK) and one.action in CHANGES]
    return f"{STACK} was changed: {changes}" if changes else None


def _holds_nothing(field: Field) -> str | None:
    """One failure, one claim, one real recovery: a simulation has left a record of its own and no other."""
    kinds = {kind: len(records(field, STACK, kind)) for kind in ("FAILURE#", "CLAIM", "RECOVERY#")}
    found = (kinds, len(recoveries(field, STACK)))
    expected = ({"FAILURE#": 1, "CLAIM": 1, "RECOVERY#": 2}, 1)
    return None if found == expected else f"the ledger of {STACK} holds {found}, not {expected}"


def _same_plan(field: Field) -> str | None:
    simulated, real = field.memory["digest"], field.memory["real_digest"]
    return None if simulated == real else f"simulated was plan {simulated}, recorded is {real}"


def _under_their_name(field: Field) -> str | None:
    """The ARN that STS has for whoever is on call."""
    by = field.on_call.client("sts").get_caller_identity()["Arn"]
    found = field.memory["started_by"]
    return None if found == by else f"started by {found}, not by {by}"


def _expect(standing: Standing, *probes: Probe) -> tuple[Expectation, ...]:
    return tuple(Expectation(probe=probe, standing=standing) for probe in probes)


DRILL = Drill(
    name="asked",
    title="Asking what would be done changes nothing, and what is done then is what was said",
    stacks=(STACK,),
    steady_state=(HOLDS_LEASE, *absent(STACK)),
    method=(
        GROUND,
        deploy(STACK),
        Step(title=f"pause {STACK}", do=partial(pause_stack, stack=STACK), undo=partial(resume_stack, stack=STACK)),
        Step(title=f"break {STACK}", do=partial(actions.break_stack, stack=STACK, rollback_failures=1)),
        Step(title="wait until it is recorded, and held", do=_await_waiting),
        Step(title="ask what would be done", do=_simulate),
        Step(title=f"resume {STACK}, and ask for its recovery", do=_recover),
    ),
    expectations=(
        *_expect(
            Standing.PROVEN,
            Probe(title="the simulation says what would be done, although the stack is paused", fails=_says_what_would_be_done),
            Probe(title="until then none of our roles had changed the stack", fails=_changed_nothing),
            Probe(title="the simulation holds nothing: no claim, no failure, no attempt is its own", fails=_holds_nothing),
            Probe(title="the plan of the recovery is the plan of the simulation, by its digest", fails=_same_plan),
            Probe(title=f"{STACK} is recovered, and proven", fails=partial(recovery_is_proven, stack=STACK)),
            Probe(title=f"{STACK} rests healthy", fails=partial(stack_rests_in, stack=STACK, status="UPDATE_ROLLBACK_COMPLETE")),
            Probe(title=f"{STACK}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=STACK)),
            NOTHING_ELSE,
        ),
        *_expect(
            Standing.SIMULATED,
            Probe(title="it is recorded under the name of whoever sent the word, as SQS gives it", fails=_under_their_name),
        ),
    ),
    not_proven=("what SQS on AWS gives as the sender of a session: its API reference says so, and nothing here asked AWS",),
)
