"""In which order failed stacks may be recovered, and which of them is worth most to begin with.

A stack's *rank* is the length in seconds of the longest chain of recoveries that begins with it: the last of those that wait for
it has so long to go. It is kept up to date stack by stack: planning anew is for cycles only.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from handlers.domain.cycles import Cycle, cycles
from handlers.domain.graph import Edge, Graph, SelfEdgeError, UnknownStackError

DEFAULT_SECONDS = 300.0
"""How long a recovery is taken to last while nothing is known: what the strategies state of a rollback."""
_ROOM = 1 << 32
"""Between the places of two neighbours, so that changed stacks fit in between without moving others."""


class ClosesCycleError(ValueError):
    """An edge would make a stack wait for itself; nothing was changed."""

    def __init__(self, stack: str, producer: str) -> None:
        self.producer = producer
        super().__init__(f"{stack} cannot wait for {producer}, which waits for {stack}: plan anew, or leave this edge out")


class CyclicError(ValueError):
    """The graph holds a cycle; `plan` resolves it by the rule of `cycles`."""


class RecoveryOrder:
    """Ranks over a graph without cycles, and the graph itself: it must be changed through this object only."""

    def __init__(
        self,
        graph: Graph,
        seconds: Mapping[str, float] | None = None,
        default_seconds: float = DEFAULT_SECONDS,
        order: list[str] | None = None,
    ) -> None:
        order = graph.in_order() if order is None else order
        if len(order) < len(graph):
            raise CyclicError(f"{len(graph) - len(order)} stacks are in cycles or behind one")
        self.graph = graph
        self._default = default_seconds
        self._seconds = dict(seconds or {})
        self._place = {stack: number * _ROOM for number, stack in enumerate(order)}
        self._rank = self._ranks(order)

    def __contains__(self, stack: object) -> bool:
        return stack in self._rank

    def rank(self, stack: str) -> float:
        """Seconds of the longest chain that begins with *stack*."""
        return self._rank[stack]

    def seconds(self, stack: str) -> float:
        """How long the recovery of *stack* is expected to last."""
        return self._seconds.get(stack, self._default)

    @property
    def critical_path(self) -> float:
        """Seconds that the whole takes at least, however many recoveries may run."""
        return max(self._rank.values(), default=0.0)

    def put(self, stack: str, needs: Iterable[Edge] = (), needed_by: Iterable[Edge] = (), seconds: float | None = None) -> None:
        """Add *stack* or change it: it *needs* these from now on, and besides those that need it already *needed_by* do.

        The cost is that of what really moves, not that of the graph. Raises ClosesCycleError, and then nothing has changed.
        """
        fresh, users = list(needs), list(needed_by)
        self._check(stack, fresh, users)
        moved = self._moved(stack, {edge.producer for edge in fresh}, {edge.consumer for edge in users})
        before = self.graph.producers(stack) if stack in self.graph else ()
        self.graph.put(stack, fresh)
        for edge in users:
            self.graph.put(edge.consumer, [*self.graph.needs(edge.consumer), edge])
        self._place.update(moved)
        if seconds is not None:
            self._seconds[stack] = seconds
        self._rerank(stack, before)

    def _check(self, stack: str, needs: Iterable[Edge], needed_by: Iterable[Edge]) -> None:
        for edge in (*needs, *needed_by):
            if edge.consumer == edge.producer:
                raise SelfEdgeError(str(edge))
            other = edge.producer if edge.consumer == stack else edge.consumer
            if stack not in {edge.consumer, edge.producer} or other not in self._place:
                raise UnknownStackError(f"an edge of {stack} names a stack that the order has not got: {edge}")

    def _moved(self, stack: str, producers: Collection[str], consumers: Collection[str]) -> dict[str, int]:
        """New places for *stack* and for those that would stand before what they need."""
        after = max((self._place[each] for each in producers), default=None)
        place, users = self._place.get(stack), [*consumers]
        if place is None or (after is not None and after >= place):
            users += self.graph.consumers(stack)
            place = _between(after, min((self._place[each] for each in users), default=None))
        moved, waiting = {stack: place}, [(stack, users)]
        while waiting:
            behind, users = waiting.pop()
            for user in users:
                if user in producers:  # every stack on a way from here to a producer stands before it, so none is missed
                    raise ClosesCycleError(stack, user)
                if moved.get(user, self._place[user]) <= moved[behind]:
                    moved[user] = moved[behind] + 1
                    waiting.append((user, [*self.graph.consumers(user)]))
        return moved

    def _rerank(self, stack: str, before: Collection[str]) -> None:
        """Carry a changed rank upstream, what stands last first, so that each stack is looked at once."""
        waiting, queued, doubtful = [(-self._place[stack], stack)], {stack}, {stack}
        at_least: dict[str, float] = {}
        while waiting:
            _, each = heappop(waiting)
            was = self._rank.get(each, 0.0)
            now = self._rank[each] = self._ranked(each) if each in doubtful else at_least[each]
            kept = self.graph.producers(each)
            lost = [producer for producer in before if producer not in kept] if each == stack else []
            for producer in (*kept, *lost):
                rank, own = self._rank[producer], self.seconds(producer)
                may_fall = was + own >= rank and (now < was or producer in lost)
                if producer in kept and now + own > rank:
                    at_least[producer] = max(now + own, at_least.get(producer, 0.0))
                elif may_fall:
                    doubtful.add(producer)
                else:
                    continue
                if producer not in queued:
                    queued.add(producer)
                    heappush(waiting, (-self._place[producer], producer))

    def _ranks(self, order: list[str]) -> dict[str, float]:
        seconds, default, consumers = self._seconds, self._default, self.graph.consumers
        ranks: dict[str, float] = {}
        for stack in reversed(order):
            longest = 0.0
            for user in consumers(stack):
                longest = max(longest, ranks[user])
            ranks[stack] = seconds.get(stack, default) + longest
        return ranks

    def _ranked(self, stack: str) -> float:
        rank = self._rank
        return self.seconds(stack) + max([rank[user] for user in self.graph.consumers(stack)], default=0.0)


def _between(after: int | None, before: int | None) -> int:
    """A place behind *after* and, where there is room, before *before*."""
    if after is None:
        return 0 if before is None else before - _ROOM
    if before is None:
        return after + _ROOM
    return max(after + 1, (after + before) // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An order in which every stack can be recovered, and what had to be set aside for it."""

    order: RecoveryOrder
    cycles: tuple[Cycle, ...] = ()


def plan(graph: Graph, seconds: Mapping[str, float] | None = None, default_seconds: float = DEFAULT_SECONDS) -> Planned:
    """Order *graph*, cycles by the rule; without cycles the order works on *graph* itself."""
    done = graph.in_order()
    if len(done) == len(graph):
        return Planned(order=RecoveryOrder(graph, seconds, default_seconds, done))
    left = set(graph).difference(done)
    found = cycles(graph, left)
    aside = [(edge.consumer, edge.producer) for cycle in found for edge in cycle.set_aside]
    return Planned(order=RecoveryOrder(graph.without(aside), seconds, default_seconds), cycles=found)
