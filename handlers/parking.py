"""Failed stacks that need each other, in one cell: who waits behind whom, who goes on, and who is given up with whom.

Nothing here holds a claim. A parked stack is a record; whoever ends the recovery of what it needs takes that out of the record's
set, and the last one sends the stack to intake, which looks at everything anew and starts it by the claim, so once. Each write is
conditional and each step may be repeated; what a death leaves undone the heartbeat finds: a stack that is parked behind nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from handlers.domain.events import FoundStack
from handlers.domain.graph import Edge
from handlers.domain.graph_facts import Facts, StackFacts, known
from handlers.domain.identity import StackKey, key_of
from handlers.domain.outcome import IntakeOutcome
from handlers.domain.parking import Blocker, given_up, is_repaired, next_up, parked, root_of
from handlers.domain.records import ClaimState, Failure, FailureState, Waiter
from handlers.domain.stack_facts import named, wants
from handlers.domain.status import Kind
from handlers.runtime import Runtime
from handlers.telemetry import about

MOST_GIVEN_UP = 500
"""Dependents that Escalate gives up itself, within its time; the heartbeat sees to the others."""


def held_up(failure: Failure, aside: Sequence[str], runtime: Runtime) -> IntakeOutcome | Failure | None:
    """Park a failed stack behind what it needs, or give it up with that; None, or the failure as parked, if it may be taken up.

    Looked at again after it was parked: a recovery that ended in between has seen no record that it could release.
    """
    edges = [edge for edge in _edges(failure.stack, runtime) if edge.producer not in aside]
    waits: Failure | None = None
    while blockers := tuple(_blockers(edges, runtime)):
        about(reason="; ".join(str(each.edge) for each in blockers))
        root = next((each.root for each in blockers if each.root), None)
        if root is not None:
            lost = given_up(waits or failure, blockers, root, runtime.clock())
            return IntakeOutcome.BEHIND_GIVEN_UP if runtime.ledger.rest(lost) else IntakeOutcome.HELD
        if waits is not None:
            return IntakeOutcome.PARKED
        waits = parked(failure, blockers, runtime.clock())
        if not runtime.ledger.rest(waits):
            return IntakeOutcome.HELD
    return waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A free place among the recoveries of a cell."""

    slot: int
    waited: Failure | None = None
    """The failure as it was parked, where there was no room at first."""


def find_room(failure: Failure, runtime: Runtime) -> Place | None:
    """A free place for a recovery. None: the stack is parked until there is one, or has been taken up by another."""
    slot = _free_slot(failure, runtime)
    if slot is not None:
        return Place(slot=slot)
    waits = parked(failure, (), runtime.clock())
    if not runtime.ledger.rest(waits):
        return None
    slot = _free_slot(failure, runtime)  # a recovery that ended in between has seen nobody to offer its place to
    return None if slot is None else Place(slot=slot, waited=waits)


def _free_slot(failure: Failure, runtime: Runtime) -> int | None:
    """Which of the free ones, the failure's name says, so that those that start together seldom want the same."""
    free = sorted(set(range(runtime.cell.recoveries_at_once)) - runtime.ledger.taken_slots())
    return free[crc32(failure.failure_id.encode()) % len(free)] if free else None


def release_behind(stack: StackKey, runtime: Runtime) -> None:
    """Take *stack* out of the set of everybody that is parked behind it, and start what there is room for, by rank."""
    ready: list[Failure] = []
    told: list[Waiter] = []
    for waiter in runtime.ledger.waiters(stack):
        failure = runtime.ledger.release(waiter, str(stack))
        ready += [failure] if failure is not None and not failure.waits_for else []
        told.append(waiter)
    fill(runtime, ready)
    for waiter in told:
        runtime.ledger.told(waiter, runtime.clock())


def fill(runtime: Runtime, ready: Sequence[Failure] = ()) -> None:
    """Offer the room that there is, to *ready* and to whoever has waited for it, those with the longest chain behind them first.

    The list may lag, and two recoveries that end together see the same one: an offer is a conditional write, and the next in
    the line has the second. An offer too many starts nothing, for intake looks at room and claim.
    """
    limit = runtime.cell.recoveries_at_once
    room = limit - len(runtime.ledger.taken_slots())
    waiting = {each.stack: each for each in (*runtime.ledger.unresolved().failures, *ready)}
    for failure in next_up(waiting.values(), len(waiting)):
        if room > 0 and runtime.ledger.offer(failure):
            word = FoundStack(stack_id=failure.stack_id, reported=failure.status, found_at=runtime.clock())
            runtime.mail.send(runtime.cell.intake_queue, word)
            room -= 1


def lost_behind(stack: StackKey, runtime: Runtime) -> tuple[Failure, ...]:
    """Everybody that is parked behind *stack*, directly or through others, the nearest first."""
    found: dict[StackKey, Failure] = {}
    waiting = [stack]
    for each in waiting:
        for waiter in runtime.ledger.waiters(each):
            failure = runtime.ledger.failure(waiter.stack, waiter.failure_id)
            is_new = waiter.stack not in found and waiter.stack != stack
            if failure is None or failure.state is not FailureState.PARKED or not is_new:
                continue
            if len(found) == MOST_GIVEN_UP:
                return tuple(found.values())
            found[waiter.stack] = failure
            waiting.append(waiter.stack)
    return tuple(found.values())


def give_up_behind(lost: Sequence[Failure], root: StackKey, runtime: Runtime) -> None:
    """Close them as a part of the incident that *root* is; one that was taken up meanwhile goes on."""
    for failure in lost:
        runtime.ledger.give_up(given_up(failure, (), str(root), runtime.clock()))


def _edges(key: StackKey, runtime: Runtime) -> Sequence[Edge]:
    """What the stack needs of its own cell, as it was when it last worked; only of what a cell would repair."""
    facts = runtime.graph.facts(key)
    if facts is None or not is_repaired(key.name, runtime.cell.patterns):
        return ()
    neighbours = _neighbours(facts, runtime)
    found = known(Facts(partition=runtime.cell.partition, stacks=(facts, *neighbours))).graph.needs(facts.id)
    return tuple({edge.producer: edge for edge in reversed(found)}.values())[::-1]


def _neighbours(facts: StackFacts, runtime: Runtime) -> Iterator[StackFacts]:
    """Those that the stack's facts name, with as much of theirs as its edges rest on."""
    things = {thing: runtime.graph.owner(thing, facts.stack) for thing in wants(facts, runtime.cell.partition)}
    keys = dict.fromkeys([*(owner for owner in things.values() if owner), *named(facts)])
    for key in keys:
        if key != facts.stack and is_repaired(key.name, runtime.cell.patterns):
            yield runtime.graph.facts(key) or StackFacts(stack=key)


def _blockers(edges: Sequence[Edge], runtime: Runtime) -> Iterator[Blocker]:
    for edge in edges:
        producer = key_of(edge.producer)
        claim = runtime.ledger.claim(producer)
        if claim is not None and claim.state is ClaimState.HELD:
            yield Blocker(edge=edge)
            continue
        now = runtime.stacks.describe(producer.name)
        if now is not None and now.status.kind is Kind.FAILED:
            yield Blocker(edge=edge, root=root_of(runtime.ledger.newest(producer, claim)))
