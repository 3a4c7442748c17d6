"""Which stack needs which, and how that is known; who stands up- and downstream of a stack.

A stack is named here by the text of its key, `account/region/name`: a graph of a hundred thousand of them is asked millions of
times, and a text keeps its hash.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class EdgeKind(StrEnum):
    """How a dependency is known, the surest first: where edges contradict each other, the later kind gives way."""

    EXPORT = "export"  # CloudFormation itself holds to it
    SECRET = "secret"  # noqa: S105 - a dynamic reference to a secret that the producer owns
    PARAMETER = "parameter"  # a dynamic reference to an SSM parameter that the producer owns
    STACK_SET = "stack_set"  # the set's order of regions
    SETTINGS = "settings"  # stated by the operator, across regions and accounts
    TAG = "tag"  # stated by whoever deployed the stack


STRENGTH = {kind: place for place, kind in enumerate(EdgeKind)}
"""0 is the surest."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One stack needs another, and why that is known."""

    consumer: str
    producer: str
    kind: EdgeKind
    evidence: str

    def __str__(self) -> str:
        return f"{self.consumer} needs {self.producer}: {self.evidence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A stack up- or downstream of another: over how many edges, the last of them being *by*."""

    stack: str
    distance: int
    by: Edge


class UnknownStackError(LookupError):
    """A stack was asked for that the graph has not got."""


class SelfEdgeError(ValueError):
    """A stack is said to need itself: it could never be started."""


class Graph:
    """Stacks and the edges between them. It may hold cycles: `cycles` names them, `recovery_order` needs them resolved.

    Edges stand with their consumer, whose facts they are: a stack that comes to rest replaces its own and nobody else's.
    """

    def __init__(self, stacks: Iterable[str] = (), edges: Iterable[Edge] = ()) -> None:
        self._needs: dict[str, list[Edge]] = {stack: [] for stack in stacks}
        self._consumers: dict[str, dict[str, None]] = {}
        needs, consumers = self._needs, self._consumers
        for edge in edges:
            consumer, producer = edge.consumer, edge.producer
            if consumer not in needs or producer not in needs:
                raise UnknownStackError(f"an edge names a stack that the graph has not got: {edge}")
            if consumer == producer:
                raise SelfEdgeError(str(edge))
            needs[consumer].append(edge)
            of_producer = consumers.get(producer)
            if of_producer is None:
                consumers[producer] = {consumer: None}
            else:
                of_producer[consumer] = None

    def __len__(self) -> int:
        return len(self._needs)

    def __contains__(self, stack: object) -> bool:
        return stack in self._needs

    def __iter__(self) -> Iterator[str]:
        return iter(self._needs)

    @property
    def edges(self) -> Iterator[Edge]:
        """Every edge, consumer by consumer."""
        return (edge for edges in self._needs.values() for edge in edges)

    def needs(self, stack: str) -> list[Edge]:
        """The edges to the stacks that *stack* needs; two stacks may have several."""
        if stack not in self._needs:
            raise UnknownStackError(f"{stack} is not in the graph: it holds {len(self)} stacks")
        return self._needs[stack]

    def producers(self, stack: str) -> tuple[str, ...]:
        """The stacks that *stack* needs, each once."""
        return tuple(dict.fromkeys(edge.producer for edge in self.needs(stack)))

    def consumers(self, stack: str) -> Collection[str]:
        """The stacks that need *stack*, each once."""
        return self._consumers.get(stack, ())

    def needed_by(self, stack: str) -> Iterator[Edge]:
        """The edges from the stacks that need *stack*."""
        return (edge for consumer in self.consumers(stack) for edge in self._needs[consumer] if edge.producer == stack)

    def put(self, stack: str, edges: Iterable[Edge]) -> None:
        """Add *stack*, or replace what it needs; who needs it stays."""
        fresh = list(edges)
        for edge in fresh:
            if edge.consumer != stack or (edge.producer not in self._needs and edge.producer != stack):
                raise UnknownStackError(f"an edge of {stack} names a stack that the graph has not got: {edge}")
            if edge.producer == stack:
                raise SelfEdgeError(str(edge))
        for edge in self._needs.get(stack, ()):
            self._consumers[edge.producer].pop(stack, None)
        self._needs[stack] = fresh
        for edge in fresh:
            self._consumers.setdefault(edge.producer, {})[stack] = None

    def among(self, stacks: Iterable[str]) -> "Graph":
        """The part of the graph that holds *stacks* only; an edge through any other stack is no edge here."""
        kept = dict.fromkeys(stack for stack in stacks if stack in self._needs)
        return Graph(kept, (edge for stack in kept for edge in self._needs[stack] if edge.producer in kept))

    def in_order(self) -> list[str]:
        """Every stack behind those that it needs; stacks in cycles, and those behind one, are left out."""
        consumers, nobody = self._consumers, dict[str, None]()
        waiting = dict.fromkeys(self._needs, 0)
        for users in consumers.values():
            for user in users:
                waiting[user] += 1
        order = [stack for stack, needs in waiting.items() if not needs]
        for stack in order:
            for user in consumers.get(stack, nobody):
                needs = waiting[user] - 1
                waiting[user] = needs
                if not needs:
                    order.append(user)
        return order

    def without(self, pairs: Iterable[tuple[str, str]]) -> "Graph":
        """The same stacks, and no edge between these (consumer, producer)."""
        dropped = frozenset(pairs)
        return Graph(self._needs, (edge for edge in self.edges if (edge.consumer, edge.producer) not in dropped))

    def upstream(self, stack: str) -> tuple[Reached, ...]:
        """Everything that *stack* needs, directly or through others, the nearest first."""
        return self._walk(stack, self.needs, lambda edge: edge.producer)

    def downstream(self, stack: str) -> tuple[Reached, ...]:
        """Everything that needs *stack*, directly or through others, the nearest first."""
        return self._walk(stack, self.needed_by, lambda edge: edge.consumer)

    def _walk(self, start: str, edges: Callable[[str], Iterable[Edge]], end: Callable[[Edge], str]) -> tuple[Reached, ...]:
        self.needs(start)
        distance, found = {start: 0}, []
        waiting = [start]
        for stack in waiting:
            for edge in edges(stack):
                other = end(edge)
                if other not in distance:
                    distance[other] = distance[stack] + 1
                    found.append(Reached(stack=other, distance=distance[other], by=edge))
                    waiting.append(other)
        return tuple(found)
