"""Planning a hundred thousand stacks, beside networkx over the same edges in the same run: time, memory, and one changed stack.

Time is the processor's, the best of several rounds, so that other work on the machine decides nothing. It ends in ratios.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean

import networkx as nx

from handlers.domain.graph import Edge, EdgeKind, Graph
from handlers.domain.recovery_order import Planned, RecoveryOrder, plan

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
EDGES_PER_STACK = 3
ROUNDS = 3
CHANGES = 1_000
LEAST_TIMES_CHEAPER = 1_000
MOST_TIMES_PER_STACK = 3.0
"""How much more a stack of the largest graph may cost than one of 10,000: memory that no cache holds any more costs that much."""
CELL = "111122223333/us-east-1"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What both are given."""

    stacks: list[str]
    edges: list[Edge]
    seconds: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One size: seconds of the processor and bytes, ours and networkx's."""

    stacks: int
    seconds: float
    networkx_seconds: float
    bytes_: int
    networkx_bytes: int

    @property
    def time_ratio(self) -> float:
        """Ours in times of networkx's."""
        return self.seconds / self.networkx_seconds

    @property
    def memory_ratio(self) -> float:
        """Ours in times of networkx's."""
        return self.bytes_ / self.networkx_bytes

    def line(self) -> str:
        """The row, to be read."""
        return (
            f"{self.stacks:>7} {self.seconds:>8.3f} s {self.networkx_seconds:>8.3f} s {self.time_ratio:>6.2f}"
            f" {self.bytes_ / 1e6:>8.1f} MB {self.networkx_bytes / 1e6:>8.1f} MB {self.memory_ratio:>6.2f}"
            f" {self.seconds / self.stacks * 1e6:>8.2f} us {self.bytes_ / self.stacks:>6.0f} B"
        )


def facts(size: int, seed: int = 1) -> Facts:
    """A random graph without cycles, told in any order."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    stacks = [f"{CELL}/stack-{number:06}" for number in range(size)]
    pairs = [sorted(random.sample(range(size), 2)) for _ in range(EDGES_PER_STACK * size)]
    edges = [Edge(stacks[user], stacks[used], EdgeKind.EXPORT, "imports") for used, user in pairs]
    return Facts(stacks=random.sample(stacks, size), edges=edges, seconds={stack: random.uniform(60, 3600) for stack in stacks})


def ours(given: Facts) -> Planned:
    """The graph, its order, its ranks, and whether it has cycles."""
    return plan(Graph(given.stacks, given.edges), given.seconds)


def theirs(given: Facts) -> tuple["nx.DiGraph[str]", list[str]]:
    """The graph and a topological sort of it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(given.stacks)
    graph.add_edges_from((edge.producer, edge.consumer) for edge in given.edges)
    return graph, list(nx.topological_sort(graph))


def measured(size: int) -> Figures:
    """Both over the same facts, round by round in turn."""
    given = facts(size)
    rounds = [(_seconds(lambda: ours(given)), _seconds(lambda: theirs(given))) for _ in range(ROUNDS)]
    return Figures(
        stacks=size,
        seconds=min(one for one, _ in rounds),
        networkx_seconds=min(other for _, other in rounds),
        bytes_=_bytes(lambda: ours(given)),
        networkx_bytes=_bytes(lambda: theirs(given)),
    )


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    kept = work()
    seconds = time.process_time() - start
    del kept
    return seconds


def _bytes(work: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        kept = work()
        peak = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return peak


@dataclass(frozen=True, kw_only=True)
class Change:
    """Seconds of one kind of change, on average and at most."""

    title: str
    mean: float
    most: float


def changes(size: int) -> tuple[Change, ...]:
    """A thousand stacks that fail now, and a thousand whose dependencies have changed, one by one."""
    given = facts(size)
    order, random = ours(given).order, Random(2)  # noqa: S311 - repeatable on purpose
    place = {stack: number for number, stack in enumerate(order.graph.in_order())}
    ordered = sorted(place, key=place.__getitem__)

    def some(before: Sequence[str], stack: str) -> list[Edge]:
        producers = random.sample(before, min(EDGES_PER_STACK, len(before)))
        return [Edge(stack, producer, EdgeKind.EXPORT, "imports") for producer in producers]

    known = random.sample(ordered, CHANGES)
    new = [(f"{CELL}/new-{number}", some(ordered, f"{CELL}/new-{number}")) for number in range(CHANGES)]
    changed = [(stack, some(ordered[: place[stack]], stack)) for stack in known]
    found = []
    for title, kind in (("a stack that fails now", new), ("a stack whose dependencies changed", changed)):
        times = [_quick(order, stack, edges) for stack, edges in kind]
        found.append(Change(title=title, mean=mean(times), most=max(times)))
    return tuple(found)


def _quick(order: RecoveryOrder, stack: str, edges: list[Edge]) -> float:
    start = time.process_time_ns()
    order.put(stack, edges, seconds=900.0)
    return (time.process_time_ns() - start) / 1e9


def keeps_its_promise(curve: Sequence[Figures], changed: Sequence[Change]) -> bool:
    """At the largest size: no slower, no larger, a change a thousand times cheaper; and in between in proportion."""
    last = curve[-1]
    middle = next(one for one in curve if one.stacks * 10 >= last.stacks)
    is_linear = last.seconds / last.stacks <= MOST_TIMES_PER_STACK * middle.seconds / middle.stacks
    is_cheap = all(last.seconds / one.mean >= LEAST_TIMES_CHEAPER for one in changed)
    return last.time_ratio <= 1 and last.memory_ratio <= 1 and is_linear and is_cheap


def main() -> int:
    """Print the curve and the changes; 1 where a promise is broken."""
    out = sys.stdout
    out.write("planning (build, cycles, order, ranks) beside networkx (build, topological sort), best of rounds, peak memory:\n")
    out.write(f"{'stacks':>7} {'ours':>10} {'networkx':>10} {'ratio':>6} {'ours':>11} {'networkx':>11} {'ratio':>6}   a stack\n")
    curve = []
    for size in SIZES:
        curve.append(measured(size))
        out.write(f"{curve[-1].line()}\n")
    changed = changes(SIZES[-1])
    for one in changed:
        times = curve[-1].seconds / one.mean
        out.write(
            f"{one.title}: {one.mean * 1e6:.0f} us, at most {one.most * 1e3:.1f} ms: {times:,.0f} x cheaper than planning anew\n"
        )
    return 0 if keeps_its_promise(curve, changed) else 1


if __name__ == "__main__":
    sys.exit(main())
