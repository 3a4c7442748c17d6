"""People and the calendar first: what a mode, a pause, a freeze and the kill switch hold is left alone, and goes on afterwards.

One drill for all four, because what they held is taken up again by the heartbeat, and one of those is enough for all.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from drills import actions
from drills.deploying import GROUND, HEARTBEAT_SECONDS, HOLDS_LEASE, NOTHING_ELSE, absent, deploy, proven
from drills.field import Field
from drills.measure import is_ours, names
from drills.model import Drill, Probe, Step
from drills.probes import CHANGES, nobody_of_ours_changed, one_mutation_per_attempt, stack_rests_in
from drills.recoveries import ended, records, recoveries
from handlers.aws.people import CellPeople, NotPausedError, Word
from handlers.aws.table import Table
from handlers.domain.freeze import frozen_until
from handlers.domain.identity import StackKey
from handlers.domain.moment import iso
from handlers.domain.outcome import Restraint, Settlement
from handlers.domain.records import FailureState

OBSERVED, PAUSED, FROZEN, STOPPED = "shadow-ledger", "app-migrated", "cold-archive", "calm-orders"
STACKS = (OBSERVED, PAUSED, FROZEN, STOPPED)
RELEASED = (PAUSED, STOPPED)
FROZEN_TIER = "frozen"
LONG_ENOUGH = timedelta(minutes=5)  # the freeze must outlast the drill
FREEZE_SECONDS = 420  # once a week the drill begins shortly before the only minute that is free


def say(field: Field) -> tuple[CellPeople, Word]:
    """What the console would write, by the same means: in the operator's role, signed by STS."""
    table = Table(field.on_call.client("dynamodb"), field.cell.ledger_table)
    by = field.on_call.client("sts").get_caller_identity()["Arn"]
    return CellPeople(table, field.cell.key), Word(by=by, at=datetime.now(UTC), reason="a drill")


def pause_stack(field: Field, stack: str) -> None:
    """Let a stack be left alone."""
    people, word = say(field)
    people.pause(_key(field, stack), word, until=None)


def resume_stack(field: Field, stack: str) -> None:
    """Let it be taken up again; it may be resumed already."""
    people, word = say(field)
    with suppress(NotPausedError):
        people.resume(_key(field, stack), word)


pause, resume = partial(pause_stack, stack=PAUSED), partial(resume_stack, stack=PAUSED)


def stop(field: Field) -> None:
    """Throw the cell's kill switch, and remember since when nothing may be changed."""
    people, word = say(field)
    people.stop(word)
    field.memory["stopped_at"] = str(len(field.stage.calls()))


def start(field: Field) -> None:
    """Turn it back."""
    people, word = say(field)
    people.start(word)


def _release(field: Field) -> None:
    """The cause has passed by now; both words are taken back before the same heartbeat."""
    actions.remove_cause(field, f"{STOPPED}/Config/1")
    field.memory["released_at"] = str(len(field.stage.calls()))
    field.memory["released_on"] = iso(datetime.now(UTC))
    resume(field)
    start(field)


def _key(field: Field, stack: str) -> StackKey:
    return StackKey(account=field.cell.account, region=field.cell.region, name=stack)


def _together(*jobs: Callable[[], None]) -> None:
    with ThreadPoolExecutor(len(jobs)) as together:
        for one in [together.submit(job) for job in jobs]:
            one.result()


def _await_freeze(field: Field) -> None:
    def holds() -> bool:
        now = datetime.now(UTC)
        found = frozen_until(field.cell.freezes, FROZEN_TIER, now)
        return found is not None and found[1] - now > LONG_ENOUGH

    field.wait("the freeze outlasts the drill", holds, seconds=FREEZE_SECONDS)


def _break_all(field: Field) -> None:
    left = {STOPPED: actions.MANY}
    _together(*(partial(actions.break_stack, field, stack, rollback_failures=left.get(stack, 1)) for stack in STACKS))


def _await_first_failure(field: Field) -> None:
    field.wait(
        f"the first attempt on {STOPPED} fails, and the recovery waits before the second",
        lambda: any(one.get("end_status") == "UPDATE_ROLLBACK_FAILED" for one in records(field, STOPPED, "ATTEMPT#")),
        seconds=HEARTBEAT_SECONDS,
    )


def _await_held(field: Field) -> None:
    def all_held() -> bool:
        waiting = all(_waits_for(field, stack, restraint) is None for stack, restraint in HELD.items())
        return waiting and any(ended(one) for one in recoveries(field, OBSERVED))

    field.wait("the observed stack is recorded, and the others wait", all_held, seconds=HEARTBEAT_SECONDS)


def _await_release(field: Field) -> None:
    def all_recovered() -> bool:
        return all(any(one.get("outcome") == Settlement.RECOVERED for one in recoveries(field, stack)) for stack in RELEASED)

    field.wait("the next heartbeat takes up what waited", all_recovered, seconds=HEARTBEAT_SECONDS)


HELD = {PAUSED: Restraint.PAUSED, FROZEN: Restraint.FROZEN, STOPPED: Restraint.STOPPED}


def _waits_for(field: Field, stack: str, restraint: Restraint) -> str | None:
    """Its one failure waits, for this reason."""
    found = [(one["state"], one.get("outcome")) for one in records(field, stack, "FAILURE#")]
    return None if found == [(FailureState.WAITING, restraint)] else f"the failures of {stack} are {found}"


def _nothing_was_changed_while_stopped(field: Field) -> str | None:
    since, until = int(field.memory["stopped_at"]), int(field.memory["released_at"])
    changes = [one for one in field.stage.calls()[since:until] if is_ours(field, one) and one.action in CHANGES]
    return f"changed while the cell was stopped: {[(one.action, one.resource) for one in changes]}" if changes else None


def _nothing_was_changed_while_paused(field: Field) -> str | None:
    until = int(field.memory["released_at"])
    calls = [one for one in field.stage.calls()[:until] if is_ours(field, one) and names(one, PAUSED)]
    changes = [one.action for one in calls if one.action in CHANGES]
    return f"{PAUSED} was changed while it was paused: {changes}" if changes else None


def _is_diagnosed_and_planned(field: Field) -> str | None:
    (recovery,) = recoveries(field, OBSERVED)
    if recovery.get("outcome") != Settlement.OBSERVED:
        return f"the recovery of {OBSERVED} ended as {recovery.get('outcome')}"
    missing = [part for part in ("diagnosis", "plan") if not recovery.get(part)]
    return f"the ledger holds no {' and no '.join(missing)} of {OBSERVED}" if missing else None


def _is_repaired_after_its_release(field: Field, stack: str) -> str | None:
    """Once, by a recovery that acted after the words were taken back.

    Not by its turn: the failure of an attempt of ours is a newer failure of the stack, and begins its own count.
    """
    ends = [(one.get("acted_at", ""), one.get("outcome")) for one in recoveries(field, stack)]
    repaired = [acted for acted, outcome in ends if outcome == Settlement.RECOVERED]
    is_so = len(repaired) == 1 and repaired[0] > field.memory["released_on"]
    return None if is_so else f"{stack} was released at {field.memory['released_on']}; its recoveries acted and ended so: {ends}"


def _words_say_who(field: Field) -> str | None:
    """Pause and switch hold the ARN that STS has for whoever is on call."""
    by = field.on_call.client("sts").get_caller_identity()["Arn"]
    said = [one["by"] for one in records(field, PAUSED, "PAUSE")]
    return None if said == [by] else f"the pause was said by {said}, not by {by}"


DRILL = Drill(
    name="people-first",
    title="What people, modes and the calendar hold back is left alone, and goes on afterwards",
    stacks=(OBSERVED, *RELEASED),
    steady_state=(HOLDS_LEASE, *absent(*STACKS)),
    method=(
        GROUND,
        Step(title="wait until the freeze outlasts the drill", do=_await_freeze),
        *map(deploy, STACKS),
        Step(title=f"pause {PAUSED}", do=pause, undo=resume),
        Step(
            title=f"break all four; the cause of {STOPPED} stays",
            do=_break_all,
            undo=lambda field: actions.remove_cause(field, f"{STOPPED}/Config/1"),
        ),
        Step(title=f"wait until the recovery of {STOPPED} pauses between two attempts", do=_await_first_failure),
        Step(title="throw the cell's kill switch", do=stop, undo=start),
        Step(title="wait until each is recorded, and held", do=_await_held),
        Step(title=f"take the cause of {STOPPED} away, resume {PAUSED}, start the cell", do=_release),
        Step(title="wait for the heartbeat", do=_await_release),
    ),
    expectations=proven(
        Probe(title="nothing at all was changed while the cell was stopped", fails=_nothing_was_changed_while_stopped),
        Probe(title=f"{PAUSED} was not changed while it was paused", fails=_nothing_was_changed_while_paused),
        Probe(title=f"{OBSERVED} is diagnosed, and the plan is written down", fails=_is_diagnosed_and_planned),
        Probe(
            title=f"{FROZEN} waits for the end of its freeze", fails=partial(_waits_for, stack=FROZEN, restraint=Restraint.FROZEN)
        ),
        *(
            Probe(title=f"nobody of ours tried to change {stack}", fails=partial(nobody_of_ours_changed, stack=stack))
            for stack in (OBSERVED, FROZEN)
        ),
        *(
            Probe(title=f"{stack} is still broken", fails=partial(stack_rests_in, stack=stack, status="UPDATE_ROLLBACK_FAILED"))
            for stack in (OBSERVED, FROZEN)
        ),
        *(
            Probe(
                title=f"{stack} was repaired once, after its release",
                fails=partial(_is_repaired_after_its_release, stack=stack),
            )
            for stack in RELEASED
        ),
        *(
            Probe(title=f"{stack} rests healthy", fails=partial(stack_rests_in, stack=stack, status="UPDATE_ROLLBACK_COMPLETE"))
            for stack in RELEASED
        ),
        *(
            Probe(title=f"{stack}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=stack))
            for stack in RELEASED
        ),
        Probe(title="the ledger says who resumed the stack, by STS", fails=_words_say_who),
        NOTHING_ELSE,
    ),
    not_proven=(
        "that a stack goes on when its freeze ends: no freeze ends while somebody watches; tests of the heartbeat's sweep do",
    ),
)
