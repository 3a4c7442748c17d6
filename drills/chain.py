"""Stacks that import from each other fail together: in order, each once; and behind a lost cause nobody is tried in vain."""

from functools import partial
from itertools import pairwise

from drills import actions, alerts
from drills.deploying import GROUND, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, proven
from drills.field import Field
from drills.model import Drill, Probe, Step
from drills.probes import (
    attempts_are_between,
    nobody_of_ours_changed,
    one_mutation_per_attempt,
    person_is_told,
    recovery_is_proven,
    stack_rests_in,
)
from drills.recoveries import graph_facts, records, recoveries
from handlers.domain.outcome import Escalation
from handlers.domain.records import FailureState

CHAIN = NET, DATA, WEB = "app-chain-net", "app-chain-data", "app-chain-web"
LOST = ROOT, LEAF = "app-lost-root", "app-lost-leaf"
NEEDS = {DATA: NET, WEB: DATA, LEAF: ROOT}
SPENT = Escalation.ATTEMPTS_SPENT
GROUP_SECONDS = 240  # three recoveries one after the other, on a busy machine


def _deploy(stack: str) -> Step:
    return Step(
        title=f"deploy {stack}" + (f", which imports from {NEEDS[stack]}" if stack in NEEDS else ""),
        do=lambda field: actions.deploy_fragile(field, stack, is_watched=True, needs=NEEDS.get(stack)),
        undo=lambda field: actions.delete_stack(field, stack),
    )


def _await_graph(field: Field) -> None:
    needed = set(NEEDS) | set(NEEDS.values())
    field.wait("capture has written down what each stack needs", lambda: needed <= graph_facts(field).keys(), seconds=60)


def _break_and_hold(field: Field, stack: str) -> None:
    """Its first repair begins and does not end before it is let go."""
    actions.break_stack(field, stack, rollback_failures=actions.MANY, is_watched=True, needs=NEEDS.get(stack))
    actions.put_cause(field, f"{stack}/Config/1", left=0, hangs=True)


def _break_behind(field: Field, stack: str) -> None:
    """It would be repaired at the first attempt, if it did not have to wait."""
    actions.break_stack(field, stack, rollback_failures=1, is_watched=True, needs=NEEDS[stack])
    field.wait(f"{stack} is parked", lambda: states(field, stack) == [FailureState.PARKED], seconds=60)


def states(field: Field, stack: str) -> list[str]:
    """The states of the failures of *stack*."""
    return [one["state"] for one in records(field, stack, "FAILURE#")]


def _let_fail(field: Field, stack: str) -> None:
    actions.put_cause(field, f"{stack}/Config/1", left=actions.MANY)


def is_repaired_after(field: Field, stack: str, producer: str) -> str | None:
    """The first attempt on *stack* was ordered when the recovery of *producer* had settled."""
    settled = max((str(one.get("settled_at")) for one in recoveries(field, producer)), default="")
    ordered = min((str(one["ordered_at"]) for one in records(field, stack, "ATTEMPT#")), default="")
    return None if settled and ordered > settled else f"{stack} was ordered at {ordered}, {producer} settled at {settled}"


def has_one_recovery(field: Field, stack: str) -> str | None:
    """The stack was started once."""
    found = len(recoveries(field, stack))
    return None if found == 1 else f"{stack} has {found} recoveries"


def is_lost_behind(field: Field, stack: str, root: str) -> str | None:
    """Its failure names the root, and no recovery of its own was begun."""
    found = records(field, stack, "FAILURE#")
    named = [(one["state"], one.get("outcome"), str(one.get("root")).rpartition("/")[2]) for one in found]
    wanted = [(FailureState.ESCALATED, Escalation.DEPENDENCY_GIVEN_UP, root)]
    return None if named == wanted and not recoveries(field, stack) else f"the failures of {stack} are {named}"


def alert_names(field: Field, stack: str, dependent: str) -> str | None:
    """The one alert about *stack* says that *dependent* waits behind it, and there is none about that one."""
    text = alerts.delivered(field, stack)
    if text is None or dependent not in text:
        return f"the alert about {stack} does not name {dependent}: {text}"
    count = alerts.published(field, dependent)
    return None if not count else f"{count} alerts about {dependent} were published"


_STEPS = (
    Step(title=f"break {NET}; its repair begins and hangs", do=lambda field: _break_and_hold(field, NET)),
    Step(title=f"break {DATA}: it is parked", do=lambda field: _break_behind(field, DATA)),
    Step(title=f"break {WEB}: it is parked", do=lambda field: _break_behind(field, WEB)),
    Step(
        title=f"break {ROOT}; its repair begins and hangs",
        do=lambda field: _break_and_hold(field, ROOT),
        undo=lambda field: actions.remove_cause(field, f"{ROOT}/Config/1"),
    ),
    Step(title=f"break {LEAF}: it is parked", do=lambda field: _break_behind(field, LEAF)),
    Step(title=f"let the repair of {ROOT} fail for good", do=lambda field: _let_fail(field, ROOT)),
    Step(title=f"let the repair of {NET} end well", do=lambda field: actions.remove_cause(field, f"{NET}/Config/1")),
    await_end(*CHAIN, ROOT, seconds=GROUP_SECONDS),
)

DRILL = Drill(
    name="chain",
    title="Stacks that need each other are repaired in order, and given up together",
    stacks=(*CHAIN, ROOT),
    steady_state=(HOLDS_LEASE, *absent(*CHAIN, *LOST)),
    method=(
        GROUND,
        Step(title="subscribe to the cell's alerts", do=alerts.listen, undo=alerts.stop_listening),
        *(_deploy(stack) for stack in (*CHAIN, *LOST)),
        Step(title="wait until the ledger knows who needs whom", do=_await_graph),
        *_STEPS,
    ),
    expectations=proven(
        *(
            Probe(
                title=f"the recovery of {stack} is settled and its criteria hold", fails=partial(recovery_is_proven, stack=stack)
            )
            for stack in CHAIN
        ),
        *(Probe(title=f"{stack} was started once", fails=partial(has_one_recovery, stack=stack)) for stack in CHAIN),
        *(
            Probe(
                title=f"{stack} was not touched before {producer} was recovered",
                fails=partial(is_repaired_after, stack=stack, producer=producer),
            )
            for producer, stack in pairwise(CHAIN)
        ),
        *(
            Probe(title=f"{stack} took one attempt", fails=partial(attempts_are_between, stack=stack, least=1, most=1))
            for stack in (DATA, WEB)
        ),
        *(
            Probe(title=f"{stack}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=stack))
            for stack in (*CHAIN, ROOT)
        ),
        Probe(title=f"a person is told of {ROOT}, once", fails=partial(person_is_told, stack=ROOT, code=SPENT)),
        Probe(title=f"{LEAF} is given up as a part of that incident", fails=partial(is_lost_behind, stack=LEAF, root=ROOT)),
        Probe(title=f"that alert names {LEAF}, which has none itself", fails=partial(alert_names, stack=ROOT, dependent=LEAF)),
        Probe(title=f"nobody of ours tried to change {LEAF}", fails=partial(nobody_of_ours_changed, stack=LEAF)),
        Probe(title=f"{LEAF} is still broken", fails=partial(stack_rests_in, stack=LEAF, status="UPDATE_ROLLBACK_FAILED")),
        NOTHING_ELSE,
    ),
    not_proven=("stacks of other accounts and regions: a cell orders its own",),
)
