"""Stacks that need each other in a ring: which edges make it, and in which order they are recovered nevertheless.

The rule. Of the edges inside a cycle the surest kinds are held to first (`EdgeKind` has them in order); what contradicts them is
set aside. Where the surer edges leave a choice, next comes the stack that needs the fewest of those still to come, of these the
one that most of them need, of these the first by name. What is set aside is named; nothing depends on the order of the facts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from handlers.domain.graph import STRENGTH, Edge, Graph

_Needs = Mapping[str, Mapping[str, int]]
"""consumer -> producer -> how sure the surest edge between them is (0 is the surest)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Stacks that can all be reached from each other, and what is made of it."""

    members: tuple[str, ...]
    """In the order in which they are recovered."""
    ring: tuple[Edge, ...]
    """A shortest way round from the first member, edge by edge."""
    set_aside: tuple[Edge, ...]
    """What is not waited for, so that the others can be held to."""

    def __str__(self) -> str:
        return f"{len(self.members)} stacks need each other: " + "; ".join(str(edge) for edge in self.ring)


def cycles(graph: Graph, among: Iterable[str] | None = None) -> tuple[Cycle, ...]:
    """Every cycle of *graph*, or of the part *among* it that may hold any; the same for the same edges in any order."""
    needs = _needs(graph, graph if among is None else among)
    tangles = sorted(sorted(part) for part in _components(needs) if len(part) > 1)
    return tuple(_cycle(graph, {stack: needs[stack] for stack in tangle}) for tangle in tangles)


def _needs(graph: Graph, stacks: Iterable[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {stack: {} for stack in sorted(stacks)}
    for stack, producers in found.items():
        for edge in graph.needs(stack):
            if edge.producer in found:
                producers[edge.producer] = min(STRENGTH[edge.kind], producers.get(edge.producer, len(STRENGTH)))
    return found


def _cycle(graph: Graph, needs: _Needs) -> Cycle:
    inner = {stack: {p: sure for p, sure in needs[stack].items() if p in needs} for stack in needs}
    order = _ordered(inner)
    place = {stack: number for number, stack in enumerate(order)}
    edges = [edge for stack in order for edge in graph.needs(stack) if edge.producer in place]
    return Cycle(
        members=tuple(order),
        ring=_ring(graph, order[0], place.keys()),
        set_aside=tuple(edge for edge in edges if place[edge.producer] >= place[edge.consumer]),
    )


def _ordered(needs: _Needs) -> list[str]:
    """The members of one tangle by the rule: what its surer edges tangle stays together and is ordered by itself."""
    least = max((sure for producers in needs.values() for sure in producers.values()), default=0)
    surer = {stack: {p: sure for p, sure in producers.items() if sure < least} for stack, producers in needs.items()}
    order: list[str] = []
    for part in _one_by_one([sorted(part) for part in _components(surer)], needs, least):
        inside = frozenset(part)
        inner = {stack: {p: sure for p, sure in surer[stack].items() if p in inside} for stack in part}
        order += _ordered(inner) if len(part) > 1 else part
    return order


def _one_by_one(parts: Sequence[list[str]], needs: _Needs, least: int) -> Iterator[list[str]]:
    """Order *parts*: no edge that is surer than *least* is broken, and of the others few."""
    part_of = {stack: number for number, part in enumerate(parts) for stack in part}
    unmet = [[0, 0] for _ in parts]
    users: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for stack, producers in needs.items():
        for producer, sure in producers.items():
            user, used, column = part_of[stack], part_of[producer], int(sure >= least)
            if user != used:
                unmet[user][column] += 1
                users[used].append((user, column))
    waiting = [(sure, less, -len(users[number]), parts[number][0], number) for number, (sure, less) in enumerate(unmet)]
    heapify(waiting)
    gone: set[int] = set()
    while waiting:
        number = heappop(waiting)[-1]
        if number not in gone:
            gone.add(number)
            yield parts[number]
            for user, column in users[number]:
                unmet[user][column] -= 1
                heappush(waiting, (unmet[user][0], unmet[user][1], -len(users[user]), parts[user][0], user))


class _Tarjan:
    """Strongly connected parts, producers first; without recursion, since a chain may be as long as it likes."""

    def __init__(self, needs: _Needs) -> None:
        self._needs = needs
        self._number: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: list[str] = []
        self._is_open: set[str] = set()

    def parts(self) -> Iterator[list[str]]:
        """Every part, of one stack or of many."""
        for root in self._needs:
            if root not in self._number:
                yield from self._from(root)

    def _from(self, root: str) -> Iterator[list[str]]:
        way = [self._enter(root)]
        while way:
            stack, producers = way[-1]
            unseen = next((producer for producer in producers if self._is_unseen_by(stack, producer)), None)
            if unseen is not None:
                way.append(self._enter(unseen))
                continue
            way.pop()
            if way:
                below = way[-1][0]
                self._low[below] = min(self._low[below], self._low[stack])
            if self._low[stack] == self._number[stack]:
                yield self._close(stack)

    def _enter(self, stack: str) -> tuple[str, Iterator[str]]:
        self._number[stack] = self._low[stack] = len(self._number)
        self._open.append(stack)
        self._is_open.add(stack)
        return stack, iter(self._needs[stack])

    def _is_unseen_by(self, stack: str, producer: str) -> bool:
        if producer not in self._number:
            return True
        if producer in self._is_open:
            self._low[stack] = min(self._low[stack], self._number[producer])
        return False

    def _close(self, stack: str) -> list[str]:
        part: list[str] = []
        while not part or part[-1] != stack:
            part.append(self._open.pop())
        self._is_open.difference_update(part)
        return part


def _components(needs: _Needs) -> Iterator[list[str]]:
    return _Tarjan(needs).parts()


def _ring(graph: Graph, start: str, members: Collection[str]) -> tuple[Edge, ...]:
    """A shortest way from *start* back to it, along what each stack needs."""
    by: dict[str, Edge] = {}
    waiting = [start]
    for stack in waiting:
        for edge in graph.needs(stack):
            if edge.producer not in members:
                continue
            if edge.producer == start:
                return (*_way(start, stack, by), edge)
            if edge.producer not in by:
                by[edge.producer] = edge
                waiting.append(edge.producer)
    return ()


def _way(start: str, end: str, by: Mapping[str, Edge]) -> tuple[Edge, ...]:
    way: list[Edge] = []
    while end != start:
        way.append(by[end])
        end = by[end].consumer
    return tuple(reversed(way))
