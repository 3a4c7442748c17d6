"""An operation that does not end: noticed by the heartbeat, told once, watched on, and never interfered with."""

from functools import partial

from drills import actions
from drills.deploying import GROUND, HEARTBEAT_SECONDS, HOLDS_LEASE, NOTHING_ELSE, await_end, deploy, proven
from drills.field import Field
from drills.measure import function_of, is_of_cell
from drills.model import Drill, Probe, Step
from drills.probes import nobody_of_ours_changed, person_is_told, recovery_is_escalated, stack_rests_in
from drills.recoveries import recoveries
from handlers.domain.outcome import Escalation

STACK = "slow-reports"
STUCK = Escalation.STUCK_IN_PROGRESS


def _beats_since_told(field: Field) -> int:
    """Sweeps of the cell's heartbeat after the one that led to the alert."""
    told = [one.at for one in field.stage.calls() if one.action == "sns:Publish" and STACK in str(one.parameters)]
    sweeps = [
        one.at
        for one in field.stage.calls()
        if one.action == "cloudformation:ListStacks" and is_of_cell(field, one) and function_of(field, one) == "heartbeat"
    ]
    return sum(bool(told) and at > told[0] for at in sweeps)


def _await_another_beat(field: Field) -> None:
    field.wait("another heartbeat looks at it", lambda: _beats_since_told(field) > 0, seconds=HEARTBEAT_SECONDS)


def _is_still_watched(field: Field) -> str | None:
    table = field.operator.client("dynamodb")
    key = f"{field.cell.account}#{field.cell.region}"
    listed = table.query(
        TableName=field.cell.ledger_table,
        IndexName="unresolved",
        KeyConditionExpression="unresolved_cell = :cell",
        ExpressionAttributeValues={":cell": {"S": key}},
    )["Items"]
    return None if any(STACK in item["pk"]["S"] for item in listed) else f"{STACK} is on no list any more"


def _has_one_recovery(field: Field) -> str | None:
    found = len(recoveries(field, STACK))
    return None if found == 1 else f"{STACK} has {found} recoveries, not one"


DRILL = Drill(
    name="stuck",
    title="An operation that lasts too long is told once and watched on",
    stacks=(STACK,),
    before=(
        GROUND,
        deploy(STACK),
        Step(
            title=f"begin an update of {STACK} that waits for an answer",
            do=lambda field: actions.hang(field, STACK),
            undo=lambda field: actions.let_go(field, STACK),
        ),
    ),
    steady_state=(HOLDS_LEASE,),
    method=(
        await_end(STACK, seconds=HEARTBEAT_SECONDS),
        Step(title="wait for one more heartbeat", do=_await_another_beat),
    ),
    expectations=proven(
        Probe(
            title=f"the ledger says how long {STACK} has been in progress",
            fails=partial(recovery_is_escalated, stack=STACK, code=STUCK),
        ),
        Probe(
            title=f"a person is told of {STACK} once, not every minute", fails=partial(person_is_told, stack=STACK, code=STUCK)
        ),
        Probe(title=f"{STACK} has one recovery, however many heartbeats saw it", fails=_has_one_recovery),
        Probe(title=f"{STACK} is still watched", fails=_is_still_watched),
        Probe(title=f"{STACK} is still in progress", fails=partial(stack_rests_in, stack=STACK, status="UPDATE_IN_PROGRESS")),
        Probe(title=f"nobody of ours tried to change {STACK}", fails=partial(nobody_of_ours_changed, stack=STACK)),
        NOTHING_ELSE,
    ),
)
