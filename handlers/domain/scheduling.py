"""Recoveries of many stacks: who waits for whom, who starts when, and what becomes of those whose dependency is given up.

Each parked stack keeps the *set* of failed stacks that it waits for, never their number: a release that comes twice takes nothing
away twice. Whoever empties the set makes the stack ready; ready stacks start by rank, within their cell's limit, each once.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush

from handlers.domain.graph import Edge
from handlers.domain.recovery_order import ClosesCycleError, RecoveryOrder


class Phase(StrEnum):
    """How far the recovery of a stack in a group has come."""

    PARKED = "parked"  # behind a failed stack, without an execution
    READY = "ready"  # behind nobody; its cell is busy
    RUNNING = "running"
    RELEASED = "released"  # over, and nobody has to wait for it any more
    ESCALATED = "escalated"  # given up, or behind one that was


class End(StrEnum):
    """How a stack's trouble ended, as far as those that wait for it care."""

    RECOVERED = "recovered"
    LEFT = "left"  # healed elsewhere, or gone: the group has lost a member, and whoever waited goes on and finds out
    GIVEN_UP = "given_up"  # a person was called


class Joining(StrEnum):
    """What became of a stack that failed while its group is being recovered."""

    JOINED = "joined"
    DUPLICATE = "duplicate"  # it is in the group already and has not ended
    BEHIND_GIVEN_UP = "behind_given_up"  # what it needs was given up: escalated at once, under the same root


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One alert: the stack that could not be recovered, why, and all that are given up with it."""

    root: str
    reason: str
    dependents: tuple[str, ...]

    def __str__(self) -> str:
        behind = f"; {len(self.dependents)} stacks that need it wait for it in vain" if self.dependents else ""
        return f"{self.root} cannot be recovered: {self.reason}{behind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is to be done now: start these, and tell of that."""

    start: tuple[str, ...] = ()
    incident: Incident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What became of a stack that joined, what to do now, and which of its edges would have closed a cycle."""

    outcome: Joining
    turn: Turn = Turn()
    set_aside: tuple[Edge, ...] = ()


def cell_of(stack: str) -> str:
    """The cell that recovers *stack*: its account and region."""
    return stack.rpartition("/")[0]


class Recoveries:
    """The recoveries of one group of failed stacks. It decides only: who calls it starts, and tells how it ended."""

    def __init__(self, order: RecoveryOrder, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"a limit of {limit} recoveries at once starts none: use 1 or more")
        self._order, self._limit = order, limit
        self._phase: dict[str, Phase] = {}
        self._waits: dict[str, set[str]] = {}
        self._ready: dict[str, list[tuple[float, int, str]]] = {}
        self._running: Counter[str] = Counter()
        self._root: dict[str, str] = {}

    def begin(self) -> Turn:
        """Park everything that is behind something, and start the rest as far as the limit goes."""
        fresh = [stack for stack in self._order.graph if stack not in self._phase]
        for stack in fresh:
            self._park(stack)
        return Turn(start=self._started(map(cell_of, fresh)))

    def phase(self, stack: str) -> Phase:
        """How far *stack* is."""
        return self._phase[stack]

    def waits_for(self, stack: str) -> frozenset[str]:
        """What *stack* is parked behind."""
        return frozenset(self._waits.get(stack, ()))

    @property
    def open(self) -> tuple[str, ...]:
        """What has not ended."""
        return tuple(stack for stack, phase in self._phase.items() if phase not in _OVER)

    def ended(self, stack: str, end: End, reason: str = "") -> Turn:
        """Take note that *stack* needs no recovery any more; a repeat, or another end of the same stack, changes nothing."""
        phase = self._phase.get(stack)
        if phase is Phase.ESCALATED and end is not End.GIVEN_UP:  # a person has put it right: who fails later may wait for it
            self._phase[stack] = Phase.RELEASED
            self._root.pop(stack, None)
        if phase is None or phase in _OVER:
            return Turn()
        if phase is Phase.RUNNING:
            self._running[cell_of(stack)] -= 1
        self._waits.pop(stack, None)
        if end is End.GIVEN_UP:
            incident = Incident(root=stack, reason=reason, dependents=self._lose(stack, stack)[1:])
            return Turn(start=self._started([cell_of(stack)]), incident=incident)
        self._phase[stack] = Phase.RELEASED
        cells = {cell_of(stack): None}
        for user in self._order.graph.consumers(stack):
            if self._phase.get(user) is Phase.PARKED and self._release(user, stack):
                cells[cell_of(user)] = None
        return Turn(start=self._started(cells))

    def join(
        self, stack: str, needs: Iterable[Edge] = (), needed_by: Iterable[Edge] = (), seconds: float | None = None
    ) -> Joined:
        """Take up a stack that has failed now. Of its edges those that would close a cycle are set aside: it came last."""
        if self._phase.get(stack, Phase.RELEASED) not in _OVER:
            return Joined(outcome=Joining.DUPLICATE)
        aside = self._put(stack, list(needs), list(needed_by), seconds)
        root = next((self._root[each] for each in self._order.graph.producers(stack) if each in self._root), None)
        self._root.pop(stack, None)
        if root is not None:
            reason = f"it was given up before {stack} failed"
            incident = Incident(root=root, reason=reason, dependents=self._lose(stack, root))
            return Joined(outcome=Joining.BEHIND_GIVEN_UP, turn=Turn(incident=incident), set_aside=aside)
        self._park(stack)
        for user in self._order.graph.consumers(stack):
            if self._phase.get(user) in _WAITING:
                self._phase[user] = Phase.PARKED
                self._waits.setdefault(user, set()).add(stack)
        return Joined(outcome=Joining.JOINED, turn=Turn(start=self._started([cell_of(stack)])), set_aside=aside)

    def _put(self, stack: str, needs: list[Edge], needed_by: list[Edge], seconds: float | None) -> tuple[Edge, ...]:
        aside: list[Edge] = []
        while True:
            try:
                self._order.put(stack, needs, needed_by, seconds)
            except ClosesCycleError as closes:
                aside += [edge for edge in needs if edge.producer == closes.producer]
                needs = [edge for edge in needs if edge.producer != closes.producer]
            else:
                return tuple(aside)

    def _park(self, stack: str) -> None:
        waits = {each for each in self._order.graph.producers(stack) if self._phase.get(each, Phase.PARKED) not in _OVER}
        self._phase[stack] = Phase.PARKED
        self._waits[stack] = waits
        self._release(stack, None)

    def _release(self, stack: str, producer: str | None) -> bool:
        """Whether *stack*, without *producer* to wait for, has become ready."""
        waits = self._waits[stack]
        waits.discard(producer or stack)
        if waits:
            return False
        self._phase[stack] = Phase.READY
        users = len(self._order.graph.consumers(stack))  # of equal chains, as where no duration is known, the one that frees most
        heappush(self._ready.setdefault(cell_of(stack), []), (-self._order.rank(stack), -users, stack))
        return True

    def _started(self, cells: Iterable[str]) -> tuple[str, ...]:
        started: list[str] = []
        for cell in dict.fromkeys(cells):
            ready = self._ready.get(cell, [])
            while ready and self._running[cell] < self._limit:
                stack = heappop(ready)[-1]
                if self._phase[stack] is Phase.READY:  # it may have been parked again, or have ended, meanwhile
                    self._phase[stack] = Phase.RUNNING
                    self._running[cell] += 1
                    started.append(stack)
        return tuple(started)

    def _lose(self, first: str, root: str) -> tuple[str, ...]:
        """Escalate *first* and all that wait behind it, once: what an earlier root took along stays with that one."""
        lost = [first]
        self._phase[first], self._root[first] = Phase.ESCALATED, root
        for stack in lost:
            for user in self._order.graph.consumers(stack):
                if self._phase.get(user) in _WAITING:
                    self._phase[user], self._root[user] = Phase.ESCALATED, root
                    self._waits.pop(user, None)
                    lost.append(user)
        return tuple(lost)


_WAITING = frozenset({Phase.PARKED, Phase.READY})
_OVER = frozenset({Phase.RELEASED, Phase.ESCALATED})
