"""Who is parked behind whom: what keeps a failed stack from being taken up, and what the heartbeat makes of those that wait.

A parked stack has no execution. It goes on when nobody that it needs is failed or under repair any more; it is given up when one
of those was; and stacks that wait for each other in a ring go on by the rule of `cycles`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.domain.cell import Mode, Pattern
from handlers.domain.cycles import cycles
from handlers.domain.graph import Edge, Graph
from handlers.domain.outcome import Escalation
from handlers.domain.patterns import match
from handlers.domain.records import Behind, Failure, FailureState
from handlers.domain.recovery_order import plan

MOST_WAITED_FOR = 90
"""Failed stacks that one parks behind at once: a transaction of DynamoDB holds 100 writes. After those it looks again."""
_REPAIRED = frozenset({Mode.ACT, Mode.PROPOSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """A stack that another needs, and that is failed or under repair."""

    edge: Edge
    root: str | None = None
    """Which stack could not be recovered, where nobody works on this one any more."""

    @property
    def note(self) -> Behind:
        """What the ledger keeps of it."""
        return Behind(producer=self.edge.producer, kind=self.edge.kind, evidence=self.edge.evidence)


def is_repaired(name: str, patterns: Iterable[Pattern]) -> bool:
    """Whether a cell would change a stack of this name: one that it only looks at waits for nobody, and nobody for it."""
    pattern = match(name, patterns)
    return pattern is not None and pattern.mode in _REPAIRED


def parked(failure: Failure, blockers: Sequence[Blocker], at: datetime) -> Failure:
    """The failure as it waits behind *blockers*."""
    behind = tuple(each.note for each in blockers[:MOST_WAITED_FOR])
    waits = {"behind": behind, "waits_for": tuple(each.producer for each in behind), "parked_at": at, "outcome": None}
    return failure.model_copy(update={"state": FailureState.PARKED, "root": None, "closed_at": None, **waits})


def given_up(failure: Failure, blockers: Sequence[Blocker], root: str, at: datetime) -> Failure:
    """The failure as a part of the incident whose root could not be recovered."""
    behind = tuple(each.note for each in blockers[:MOST_WAITED_FOR]) or failure.behind
    closed = {"state": FailureState.ESCALATED, "outcome": Escalation.DEPENDENCY_GIVEN_UP.value, "root": root, "closed_at": at}
    waits = {"behind": behind, "waits_for": tuple(each.producer for each in behind)}
    reason = f"it needs {root}, which could not be recovered; it is taken up when that stack is healthy"
    return failure.model_copy(update={**closed, **waits, "reason": reason})


def root_of(failure: Failure | None) -> str | None:
    """Which stack's incident a failed stack belongs to, as far as its newest failure tells; None while somebody works on it."""
    if failure is None or failure.state is not FailureState.ESCALATED or failure.healthy_at is not None:
        return None
    return failure.root or str(failure.stack)


def is_behind_somebody(failure: Failure) -> bool:
    """Whether a failure rests because of another stack."""
    return failure.state is FailureState.PARKED or failure.outcome == Escalation.DEPENDENCY_GIVEN_UP


def may_look_again(failure: Failure, newest: Mapping[str, Failure], failed: Iterable[str]) -> bool:
    """Whether intake is to look at a failure that rests because of others: it is behind nothing, or behind a lost cause.

    *newest* are the failures on the list, *failed* the stacks at rest in a failed status, both by the text of their key.
    """
    broken = set(failed)
    known = {producer: newest.get(producer) for producer in failure.waits_for}
    is_worked_on = {producer for producer, one in known.items() if one is not None and one.state is FailureState.OPEN}
    standing = is_worked_on | {producer for producer in failure.waits_for if producer in broken}
    if not standing:
        return True
    return failure.state is FailureState.PARKED and any(root_of(known[producer]) for producer in standing - is_worked_on)


def next_up(failures: Iterable[Failure], room: int) -> tuple[Failure, ...]:
    """The parked stacks that wait for room alone and have the longest chain of recoveries behind them, so many as have room.

    Of equal chains the one that frees most, of those the one that failed first.
    """
    if room <= 0:
        return ()
    waiting = {str(each.stack): each for each in failures if each.state is FailureState.PARKED}
    order = plan(Graph(waiting, _waits(waiting))).order
    ready = [stack for stack, each in waiting.items() if not each.waits_for]
    ready.sort(key=lambda stack: (-order.rank(stack), -len(order.graph.consumers(stack)), waiting[stack].failed_at, stack))
    return tuple(waiting[stack] for stack in ready[:room])


def _waits(waiting: Mapping[str, Failure]) -> list[Edge]:
    return [
        Edge(stack, each.producer, each.kind, each.evidence)
        for stack, failure in waiting.items()
        for each in failure.behind
        if each.producer in failure.waits_for and each.producer in waiting and each.producer != stack
    ]


def tangled(failures: Iterable[Failure]) -> dict[str, tuple[str, ...]]:
    """Parked stacks that wait for each other in a ring: who must not wait for whom, by the rule of `cycles`."""
    waiting = {str(each.stack): each for each in failures if each.state is FailureState.PARKED}
    aside: dict[str, dict[str, None]] = defaultdict(dict)
    for cycle in cycles(Graph(waiting, _waits(waiting))):
        for edge in cycle.set_aside:
            aside[edge.consumer][edge.producer] = None
    return {stack: tuple(producers) for stack, producers in aside.items()}
