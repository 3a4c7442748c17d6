"""How long a thousand failed stacks take to recover: by the scheduling that the cells run, by level barriers, by a plain pool.

Everything is simulated time, so the figures are the same on every machine. Durations are skewed: most recoveries take a few
minutes, some take an hour. "Known" means known to within half and one and a half of what they will be.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from random import Random

from handlers.domain.graph import Edge, EdgeKind, Graph
from handlers.domain.recovery_order import RecoveryOrder
from handlers.domain.scheduling import End, Recoveries

STACKS = 1000
LIMITS = (10, 40, 100)
SEEDS = range(5)
MOST_TIMES_BOUND = 1.01
LEAST_TIMES_FASTER = 1.15
CELL = "111122223333/us-east-1"
MEDIAN_SECONDS, SKEW = 240.0, 1.0
ERROR = 0.5

Seconds = Mapping[str, float]
Shape = Callable[[Random, list[str]], Iterable[tuple[str, str]]]


def random_shape(random: Random, stacks: list[str]) -> Iterator[tuple[str, str]]:
    """Three dependencies a stack on average, between any two."""
    for _ in range(3 * len(stacks)):
        producer, consumer = sorted(random.sample(range(len(stacks)), 2))
        yield stacks[consumer], stacks[producer]


def layered_shape(random: Random, stacks: list[str]) -> Iterator[tuple[str, str]]:
    """Ten layers, as network, data, platform, services make them; up to three dependencies on the layer below."""
    size = len(stacks) // 10
    for number in range(size, len(stacks)):
        below = range((number // size - 1) * size, number // size * size)
        for producer in random.sample(below, 3):
            yield stacks[number], stacks[producer]


def hub_shape(random: Random, stacks: list[str]) -> Iterator[tuple[str, str]]:
    """Ten shared stacks that the other 990 import from, one or two each."""
    for number in range(10, len(stacks)):
        for producer in random.sample(range(10), random.randint(1, 2)):
            yield stacks[number], stacks[producer]


def chain_shape(random: Random, stacks: list[str]) -> Iterator[tuple[str, str]]:
    """Chains of one to forty-nine stacks, one behind the other."""
    number = 0
    while number < len(stacks):
        length = random.randint(1, 49)
        chain = stacks[number : number + length]
        yield from zip(chain[1:], chain, strict=False)
        number += length


SHAPES: Mapping[str, Shape] = {
    "random": random_shape, "layered": layered_shape, "hub and spoke": hub_shape, "chains": chain_shape,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Case:
    """A graph of failed stacks, how long each recovery takes, and how long it was thought to take."""

    shape: str
    graph: Graph
    seconds: Seconds
    thought: Seconds

    @classmethod
    def of(cls, shape: str, seed: int, size: int = STACKS) -> "Case":
        """The same case for the same seed."""
        random = Random(f"{shape} {seed}")  # noqa: S311 - repeatable on purpose
        stacks = [f"{CELL}/stack-{number:05}" for number in range(size)]
        pairs = dict.fromkeys(SHAPES[shape](random, stacks))
        seconds = {stack: MEDIAN_SECONDS * random.lognormvariate(0, SKEW) for stack in stacks}
        thought = {stack: length * random.uniform(1 - ERROR, 1 + ERROR) for stack, length in seconds.items()}
        names = random.sample(stacks, len(stacks))  # the order of the facts says nothing of the order of the graph
        return cls(
            shape=shape,
            graph=Graph(names, [Edge(user, used, EdgeKind.EXPORT, "imports") for user, used in pairs]),
            seconds=seconds,
            thought=thought,
        )

    def bound(self, limit: int) -> float:
        """No schedule is shorter than the longest chain, or than all work spread over the limit."""
        return max(RecoveryOrder(self.graph, self.seconds).critical_path, sum(self.seconds.values()) / limit)


def played(case: Case, start: Callable[[], Iterable[str]], end: Callable[[str], Iterable[str]]) -> float:
    """Seconds from the first start to the last end."""
    now, running = 0.0, list[tuple[float, str]]()
    begun = [*start()]
    while begun or running:
        for stack in begun:
            heappush(running, (now + case.seconds[stack], stack))
        now, stack = heappop(running)
        begun = [*end(stack)]
    return now


def by_us(case: Case, limit: int, thought: Seconds | None) -> float:
    """The scheduling that the cells run; without *thought* every recovery is taken to last the default."""
    group = Recoveries(RecoveryOrder(case.graph, thought), limit)
    return played(case, lambda: group.begin().start, lambda stack: group.ended(stack, End.RECOVERED).start)


class _Pool:
    """Whoever is ready first starts first, as graphlib hands them out."""

    def __init__(self, case: Case, limit: int) -> None:
        self._sorter = TopologicalSorter({stack: case.graph.producers(stack) for stack in case.graph})
        self._sorter.prepare()
        self._ready: deque[str] = deque()
        self._idle = limit

    def begun(self) -> list[str]:
        self._ready.extend(self._sorter.get_ready())
        started = [self._ready.popleft() for _ in range(min(self._idle, len(self._ready)))]
        self._idle -= len(started)
        return started

    def ended(self, stack: str) -> list[str]:
        self._idle += 1
        self._sorter.done(stack)
        return self.begun()


def by_pool(case: Case, limit: int) -> float:
    """A plain topological pool."""
    pool = _Pool(case, limit)
    return played(case, pool.begun, pool.ended)


def by_levels(case: Case, limit: int) -> float:
    """Level barriers: everything that is ready, all of it, then the next."""
    sorter = TopologicalSorter({stack: case.graph.producers(stack) for stack in case.graph})
    sorter.prepare()
    total = 0.0
    while sorter.is_active():
        level = list(sorter.get_ready())
        ends: list[float] = []
        for stack in level:
            heappush(ends, (heappop(ends) if len(ends) >= limit else 0.0) + case.seconds[stack])
        total += max(ends)
        sorter.done(*level)
    return total


@dataclass(frozen=True, kw_only=True)
class Row:
    """One shape at one limit: times the bound, the worst of the seeds each, and how much faster than the pool at its worst."""

    shape: str
    limit: int
    known: float
    unknown: float
    pool: float
    levels: float
    times_faster: float

    def line(self) -> str:
        """The row, to be read."""
        return (
            f"{self.shape:<14} {self.limit:>5} {self.known:>8.3f} {self.unknown:>8.3f} {self.pool:>8.3f} {self.levels:>8.3f}"
            f" {self.times_faster:>8.2f} x"
        )


def row(shape: str, limit: int, cases: Sequence[Case]) -> Row:
    """Play *cases* of *shape* in every way."""
    found = [
        [span / case.bound(limit) for span in (by_us(case, limit, case.thought), by_us(case, limit, None), *others(case, limit))]
        for case in cases
    ]
    known, unknown, pool, levels = (max(column) for column in zip(*found, strict=True))
    faster = max(each[2] / each[0] for each in found)
    return Row(shape=shape, limit=limit, known=known, unknown=unknown, pool=pool, levels=levels, times_faster=faster)


def others(case: Case, limit: int) -> tuple[float, float]:
    """What the field does."""
    return by_pool(case, limit), by_levels(case, limit)


def rows() -> Iterator[Row]:
    """Every shape at every limit."""
    for shape in SHAPES:
        cases = [Case.of(shape, seed) for seed in SEEDS]
        for limit in LIMITS:
            yield row(shape, limit, cases)


def keeps_its_promise(found: Sequence[Row]) -> bool:
    """Near the bound everywhere, and clearly faster than the pool where that is at its worst."""
    return all(one.known <= MOST_TIMES_BOUND for one in found) and max(one.times_faster for one in found) >= LEAST_TIMES_FASTER


def main() -> int:
    """Print the table; 1 where a promise is broken."""
    out = sys.stdout
    out.write(
        f"makespan of {STACKS} failed stacks, in times of max(longest chain, work / limit), worst of {len(SEEDS)} graphs:\n"
    )
    out.write(f"{'shape':<14} {'limit':>5} {'known':>8} {'unknown':>8} {'pool':>8} {'levels':>8} {'faster than the pool':>21}\n")
    found = list(rows())
    out.writelines(f"{one.line()}\n" for one in found)
    return 0 if keeps_its_promise(found) else 1


if __name__ == "__main__":
    sys.exit(main())
