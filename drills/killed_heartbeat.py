"""The heartbeat killed at every AWS call of its own: the next beat does what it has left undone, and nothing twice.

Each situation brings a stack to where the next beat has something to do about it. A beat whose event names the stack is
followed once and tells its calls; then every call has two stacks, and the beat dies before it or after it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from drills import actions
from drills.field import Field, every_undo
from drills.killed_anywhere import MOMENTS, REST_SECONDS, Killed, Point, judge, loose_end, spread
from drills.probes import stack_status
from drills.recoveries import ended, records, recoveries

Beat = Callable[[str], None]
"""Let the heart beat now, about a stack."""
HEARTBEAT = "heartbeat"
FIRST_CALL = "sts:AssumeRole"
ESCALATE_TRIES = 3  # Lambda calls an asynchronous function that fails twice more
TURNS = 3
SOON_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Something that only a heartbeat sees."""

    name: str
    title: str
    prepare: Callable[[Field, str, Beat], None]
    actions: frozenset[str] | None
    """At which calls to kill; at all of the beat's where none are named, its first in a new process included."""


def _break_unheard(field: Field, stack: str, _beat: Beat) -> None:
    """A stack breaks and its events are lost; those to come are heard."""
    actions.deploy_fragile(field, stack)
    _lose(field, stack)
    actions.break_stack(field, stack, rollback_failures=1)
    field.stage.restore_status_events(field.cell.account, field.cell.region, stack)


def _act_unheard(field: Field, stack: str, beat: Beat) -> None:
    """The cell acts, and no event will tell it how its own operation ends."""
    actions.deploy_fragile(field, stack)
    _lose(field, stack)
    actions.break_stack(field, stack, rollback_failures=1)
    beat(stack)
    field.wait(f"{stack} is acted upon", lambda: _has_accepted(field, stack), seconds=REST_SECONDS)


def _wait_in_vain(field: Field, stack: str, beat: Beat) -> None:
    """The end of our own operation is lost as well."""
    _act_unheard(field, stack, beat)
    field.wait(f"the grace of {stack} is over", partial(_is_past_grace, field, stack), seconds=REST_SECONDS)


def _heal(field: Field, stack: str, _beat: Beat) -> None:
    """A person repairs what was escalated."""
    actions.deploy_fragile(field, stack, has_role=False)
    actions.break_stack(field, stack, rollback_failures=1, has_role=False)
    field.wait(f"{stack} is escalated", lambda: any(ended(one) for one in recoveries(field, stack)), seconds=REST_SECONDS)
    field.team.client("cloudformation").continue_update_rollback(StackName=stack)
    field.wait(f"{stack} is healthy", lambda: stack_status(field, stack) in actions.AT_REST, seconds=REST_SECONDS)


def _die_unheard(field: Field, stack: str, beat: Beat) -> None:
    """An execution is stopped while it waits, and whoever is told of it dies each time."""
    _act_unheard(field, stack, beat)
    for number in range(1, ESCALATE_TRIES + 1):
        field.stage.kill_function(
            f"stackmend-{field.cell.environment}-escalate",
            action="dynamodb:GetItem",
            subject=stack,
            number=number,
            moment="before",
        )
    (recovery,) = recoveries(field, stack)
    arn = field.cell.machine_arn.replace(":stateMachine:", ":execution:") + f":{recovery['recovery_id']}"
    field.operator.client("stepfunctions").stop_execution(executionArn=arn)
    field.wait(
        f"nobody hears of the end of {stack}", lambda: _kills(field, stack, "escalate") == ESCALATE_TRIES, seconds=REST_SECONDS
    )
    field.wait(f"the grace of {stack} is over", partial(_is_past_grace, field, stack), seconds=REST_SECONDS)


LOST = Situation(name="lost", title="a failure of which no event told", prepare=_break_unheard, actions=None)
OVERDUE = Situation(
    name="overdue",
    title="an attempt whose end no event told",
    prepare=_wait_in_vain,
    actions=frozenset({"sqs:SendMessage", "states:DescribeExecution"}),
)
HEALED = Situation(
    name="healed", title="an escalated stack that is well again", prepare=_heal, actions=frozenset({"dynamodb:UpdateItem"})
)
DEAD = Situation(
    name="dead",
    title="an execution of whose end nobody heard",
    prepare=_die_unheard,
    actions=frozenset({"lambda:InvokeFunction"}),
)
SITUATIONS = {f"{HEARTBEAT}-{one.name}": one for one in (LOST, OVERDUE, HEALED, DEAD)}
"""By the names that they are asked for."""


@dataclass(frozen=True, kw_only=True)
class _Play:
    """Where it plays, how the heart is made to beat, and what is to be undone."""

    field: Field
    beat: Beat
    undos: list[Callable[[], None]]

    def prepare(self, situation: Situation, stack: str) -> Counter[str]:
        """Bring the stack into the situation; answers the calls of heartbeats that have concerned it so far."""
        field, place = self.field, (self.field.cell.account, self.field.cell.region)
        self.undos.append(partial(actions.delete_stack, field, stack))
        self.undos.append(partial(field.stage.restore_status_events, *place, stack))
        field.stage.follow(stack)
        situation.prepare(field, stack, self.beat)
        return _calls(field, stack)

    def rest(self, situation: Situation, stack: str) -> None:
        """Let the heart beat until nothing is left; what does not come to rest is found by the judgement."""

        def rested() -> bool:
            if _is_done(self.field, stack):
                return True
            self.beat(stack)
            look = partial(_is_done, self.field, stack)
            self.field.wait(f"{situation.name}: {stack} comes to rest", look, seconds=SOON_SECONDS, or_go_on=True)
            return _is_done(self.field, stack)

        self.field.wait(f"{stack} is looked after", rested, seconds=REST_SECONDS, or_go_on=True)


def kill_heartbeat(field: Field, beat: Beat, situation: Situation, sample: int | None, problems: list[str]) -> tuple[Killed, ...]:
    """Kill a beat at *sample* of its calls in the situation (at all without it), and judge each end."""
    play = _Play(field=field, beat=beat, undos=[partial(actions.clear_ground, field)])
    with every_undo(play.undos, problems):
        actions.lay_ground(field)
        points = spread(_quiet(play, situation), sample)
        return tuple(_killed(play, situation, number, point) for number, point in enumerate(points, 1))


def _quiet(play: _Play, situation: Situation) -> tuple[Point, ...]:
    """The calls of one beat that nobody disturbs; numbered within that beat."""
    for turn in range(1, TURNS + 1):
        calls = _calls_of_one_beat(play, situation, f"app-beat-{situation.name}-quiet-{turn}")
        if calls.keys() >= (situation.actions or set()):
            break
    first = [FIRST_CALL] if situation.actions is None else []
    wanted = [
        (action, number)
        for action in dict.fromkeys([*first, *calls])
        if situation.actions is None or action in situation.actions
        for number in range(1, max(calls[action], 1) + 1)
    ]
    if not wanted:
        raise AssertionError(f"the beat in situation {situation.name} made none of {situation.actions}: {dict(calls)}")
    return tuple(
        Point(function=HEARTBEAT, action=action, number=number, moment=moment) for action, number in wanted for moment in MOMENTS
    )


def _calls_of_one_beat(play: _Play, situation: Situation, stack: str) -> Counter[str]:
    before = play.prepare(situation, stack)
    play.beat(stack)
    calls = _calls(play.field, stack) - before
    play.rest(situation, stack)
    return calls


def _killed(play: _Play, situation: Situation, number: int, point: Point) -> Killed:
    """Once more on another stack, where a beat of the schedule was quicker and has left nothing to do."""
    for turn in range(1, TURNS + 1):
        stack = f"app-beat-{situation.name}-{number:03}-{turn}"
        play.field.say(f"{stack}: {point}")
        fired = _kill(play, situation, stack, point)
        if fired:
            break
    problem = None if fired == 1 else f"the kill came {fired} times"
    return judge(play.field, f"{HEARTBEAT}-{situation.name}", stack, point, problem or _left(play.field, stack))


def _kill(play: _Play, situation: Situation, stack: str, point: Point) -> int:
    """Let one beat die at the point and others follow it; answers how often one died."""
    before = play.prepare(situation, stack)
    play.field.stage.kill_function(
        f"stackmend-{play.field.cell.environment}-{HEARTBEAT}",
        action=point.action,
        subject=stack,
        number=before[point.action] + point.number,
        moment=point.moment,
    )
    play.beat(stack)
    play.rest(situation, stack)
    return _kills(play.field, stack, HEARTBEAT)


def _is_done(field: Field, stack: str) -> bool:
    return _left(field, stack) is None


def _left(field: Field, stack: str) -> str | None:
    """What is still open, or stays on the list although its stack is well."""
    listed = [one for one in records(field, stack, "FAILURE#") if "unresolved_cell" in one]
    is_well = stack_status(field, stack) in actions.AT_REST
    return loose_end(field, stack) or ("a failure is listed and its stack is well" if listed and is_well else None)


def _calls(field: Field, stack: str) -> Counter[str]:
    function = f"stackmend-{field.cell.environment}-{HEARTBEAT}"
    return Counter(str(one["action"]) for one in field.stage.followed(stack) if one["function"] == function)


def _kills(field: Field, stack: str, function: str) -> int:
    name = f"stackmend-{field.cell.environment}-{function}"
    return sum(1 for one in field.stage.followed(stack) if one["killed"] and one["function"] == name)


def _lose(field: Field, stack: str) -> None:
    field.stage.suppress_status_events(field.cell.account, field.cell.region, stack)


def _has_accepted(field: Field, stack: str) -> bool:
    """Whether CloudFormation has taken an operation on; it may have ended by now, where a beat was quick."""
    return any(one["state"] != "ordered" for one in records(field, stack, "ATTEMPT#"))


def _is_past_grace(field: Field, stack: str) -> bool:
    """Whether the attempt and the failure are so old that a beat looks after them."""
    grace = timedelta(seconds=field.cell.timings.overdue_grace_seconds)
    return any(datetime.now(UTC) - datetime.fromisoformat(one["ordered_at"]) > grace for one in records(field, stack, "ATTEMPT#"))
