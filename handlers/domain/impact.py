"""What a rollback or a deletion of one stack would do to its neighbours: asked before the act, and again after it.

Before: who imports from it, what would break, what is itself failed or held, and who therefore blocks it.
After: whether what others import is still there with the value that it had, or what has changed for whom.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from handlers.domain.graph import Edge, EdgeKind, Graph
from handlers.domain.graph_facts import StackState


class Change(StrEnum):
    """What is about to be done to a stack."""

    ROLLBACK = "rollback"
    DELETE = "delete"


class Blocked(StrEnum):
    """Why a stack blocks it."""

    IMPORTS = "imports"  # CloudFormation neither takes away nor changes an export that is imported
    READS = "reads"  # it would not find a parameter or secret at its next deployment
    FAILED = "failed"  # it is needed, and has failed itself: it comes first
    HELD = "held"  # people or the calendar hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Who blocks, and why."""

    stack: str
    why: Blocked
    sentence: str

    def __str__(self) -> str:
        return f"{self.stack} blocks it: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """A stack's exports with their values, now and after the act, and who imports them."""

    now: Mapping[str, str]
    after: Mapping[str, str]
    importers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An imported export that is not what it was."""

    export: str
    was: str
    now: str | None
    importers: tuple[str, ...]

    def __str__(self) -> str:
        end = "is gone" if self.now is None else f"is {self.now}"
        return f"export {self.export} was {self.was} and {end}: imported by {', '.join(self.importers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What can be said before the act; what could not be looked at is never taken for clean."""

    blockers: tuple[Blocker, ...]
    affected: tuple[Edge, ...]
    """Who else needs the stack, and how that is known."""
    not_proven: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        """Whether nobody blocks the act."""
        return not self.blockers


_UNFIT = frozenset({StackState.FAILED, StackState.RECOVERING, StackState.PARKED, StackState.ESCALATED})
_READ = frozenset({EdgeKind.SECRET, EdgeKind.PARAMETER})


def before(graph: Graph, states: Mapping[str, StackState], stack: str, change: Change, exports: Exports | None = None) -> Before:
    """Look at *stack* and at its neighbours; without *exports* a rollback's effect on importers is not proven."""
    users = tuple(graph.needed_by(stack))
    blockers = [*_held_or_failed(graph, states, stack)]
    if change is Change.DELETE:
        blockers += _left_without(users)
    elif exports is not None:
        blockers += _changed_under(exports)
    is_unknown = change is Change.ROLLBACK and exports is None and any(edge.kind is EdgeKind.EXPORT for edge in users)
    named = {blocker.stack for blocker in blockers}
    return Before(
        blockers=tuple(dict.fromkeys(blockers)),
        affected=tuple(edge for edge in users if edge.consumer not in named),
        not_proven=("whether the old version exports what others import, with the same values",) if is_unknown else (),
    )


def after(exports: Exports) -> tuple[Changed, ...]:
    """What has changed for whom; nothing, where every imported export has the value that it had."""
    return tuple(
        Changed(export=export, was=was, now=exports.after.get(export), importers=tuple(exports.importers[export]))
        for export, was in sorted(exports.now.items())
        if exports.importers.get(export) and exports.after.get(export) != was
    )


def _held_or_failed(graph: Graph, states: Mapping[str, StackState], stack: str) -> Iterator[Blocker]:
    if states.get(stack) is StackState.HELD:
        yield Blocker(stack=stack, why=Blocked.HELD, sentence="it is held itself")
    for producer in graph.producers(stack):
        state = states.get(producer, StackState.UNKNOWN)
        if state is StackState.HELD:
            yield Blocker(stack=producer, why=Blocked.HELD, sentence=f"{stack} needs it, and it is held")
        elif state in _UNFIT:
            yield Blocker(
                stack=producer, why=Blocked.FAILED, sentence=f"{stack} needs it, and it is {state.value}: it comes first"
            )


def _left_without(users: tuple[Edge, ...]) -> Iterator[Blocker]:
    for edge in users:
        if edge.kind is EdgeKind.EXPORT:
            yield Blocker(stack=edge.consumer, why=Blocked.IMPORTS, sentence=f"it {edge.evidence}, so CloudFormation refuses")
        elif edge.kind in _READ:
            yield Blocker(stack=edge.consumer, why=Blocked.READS, sentence=f"it {edge.evidence}, and would find nothing there")


def _changed_under(exports: Exports) -> Iterator[Blocker]:
    for changed in after(exports):
        end = "would go" if changed.now is None else f"would become {changed.now}"
        for importer in changed.importers:
            sentence = f"it imports {changed.export}, which {end}: CloudFormation refuses"
            yield Blocker(stack=importer, why=Blocked.IMPORTS, sentence=sentence)
