"""Plain facts about stacks, as CloudFormation, tags and settings tell them, and the graph that they make.

Whatever is wrong with a fact has a name (`Trouble`) and a rule. None of it stops the rest: a graph is read on a bad day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from handlers.domain.dynamic_references import Thing, parameter_of, references, secret
from handlers.domain.graph import Edge, EdgeKind, Graph
from handlers.domain.identity import StackKey

TAG = "stackmend:depends-on"
"""Names of stacks, spaces between: `NAME`, `REGION/NAME` or `ACCOUNT/REGION/NAME`. A tag holds 256 characters;
`stackmend:depends-on:2` and so on hold more."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StackState(StrEnum):
    """How a stack is, as far as its neighbours care."""

    HEALTHY = "healthy"
    FAILED = "failed"
    RECOVERING = "recovering"
    PARKED = "parked"  # behind a failed stack
    HELD = "held"  # by a pause, a freeze or a kill switch
    ESCALATED = "escalated"  # a person was called
    UNKNOWN = "unknown"


class StackFacts(_Fact):
    """What is known of one stack."""

    stack: StackKey
    state: StackState = StackState.UNKNOWN
    managed: bool = True
    exports: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """Names of exports, of the same account and region."""
    unresolved: tuple[str, ...] = ()
    """Imports whose name is put together only when CloudFormation works."""
    parameters: tuple[str, ...] = ()
    """Names or ARNs of the SSM parameters that are its resources."""
    secrets: tuple[str, ...] = ()
    """Names or ARNs of the secrets that are its resources."""
    template: str = ""
    """The body, or the parts of it that hold dynamic references."""
    tags: dict[str, str] = Field(default_factory=dict)
    stack_set: str | None = None
    resource_types: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """The stack's name in the graph."""
        return str(self.stack)


class StackSetFacts(_Fact):
    """The regions of a StackSet in the order in which it deploys to them; without one its stacks do not wait for each other."""

    name: str
    region_order: tuple[str, ...] = ()


class Stated(_Fact):
    """A dependency that the operator states in the settings."""

    consumer: StackKey
    producer: StackKey
    reason: Annotated[str, Field(min_length=1)]


class Facts(_Fact):
    """Everything that the graph is made of."""

    schema_version: Literal[1] = 1
    partition: str = "aws"
    stacks: tuple[StackFacts, ...]
    stack_sets: tuple[StackSetFacts, ...] = ()
    stated: tuple[Stated, ...] = ()


class Trouble(StrEnum):
    """What can be wrong with a fact, and what is done then."""

    TWICE = "twice"  # a stack is listed twice: the first is believed
    UNKNOWN_STACK = "unknown_stack"  # a tag or setting names a stack that nobody has seen: no edge
    UNMANAGED = "unmanaged"  # a stack that nobody here would recover: shown, never waited for
    UNKNOWN_EXPORT = "unknown_export"  # imported, and exported by no known stack: no edge
    AMBIGUOUS = "ambiguous"  # several stacks say that it is theirs: an edge to each of them
    UNRESOLVED = "unresolved"  # a dynamic reference whose name is put together only when CloudFormation works: no edge
    SELF_EDGE = "self_edge"  # a stack that is said to need itself: no edge
    MALFORMED_TAG = "malformed_tag"  # a word that names no stack: no edge
    CONTRADICTING_TAG = "contradicting_tag"  # a tag against another tag, or against what is known more surely: no edge by the tag
    UNORDERED_SET = "unordered_set"  # a StackSet without an order of regions, or a region outside it: no edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with the facts."""

    trouble: Trouble
    stack: str
    detail: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.detail} ({self.trouble.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The graph of all stacks, what was wrong with the facts, and what may be waited for."""

    graph: Graph
    facts: dict[str, StackFacts]
    findings: tuple[Finding, ...]

    @property
    def managed(self) -> Graph:
        """The part that recovery may wait for."""
        return self.graph.among(stack for stack, facts in self.facts.items() if facts.managed)


def known(facts: Facts) -> Known:
    """Build the graph; the same for the same facts in any order of the lists."""
    return _Builder(facts).known()


class _Builder:
    def __init__(self, facts: Facts) -> None:
        self._all = facts
        self._findings: list[Finding] = []
        self._facts: dict[str, StackFacts] = {}
        for each in facts.stacks:
            if each.id in self._facts:
                self._find(Trouble.TWICE, each.id, "is listed twice; what the first entry says is believed")
            self._facts.setdefault(each.id, each)
        self._facts = dict(sorted(self._facts.items()))

    def known(self) -> Known:
        self._find_unresolved()
        owners = self._owners()
        edges = [
            *self._imports(),
            *(edge for stack in self._facts.values() for edge in self._read(stack, owners)),
            *self._sets(),
            *self._stated(),
        ]
        edges += self._believed(list(self._tagged()), edges)
        kept = [edge for edge in dict.fromkeys(edges) if not self._is_self(edge)]
        for stack in sorted({edge.producer for edge in kept if not self._facts[edge.producer].managed}):
            self._find(Trouble.UNMANAGED, stack, "is needed by others and managed by nobody here: nobody waits for its recovery")
        return Known(graph=Graph(self._facts, kept), facts=self._facts, findings=tuple(self._findings))

    def _find_unresolved(self) -> None:
        for stack in self._facts.values():
            for text in stack.unresolved:
                self._find(Trouble.UNRESOLVED, stack.id, f"imports by {text!r}, whose name is not known before it is deployed")

    def _find(self, trouble: Trouble, stack: str, detail: str) -> None:
        self._findings.append(Finding(trouble=trouble, stack=stack, detail=detail))

    def _is_self(self, edge: Edge) -> bool:
        if edge.consumer != edge.producer:
            return False
        self._find(Trouble.SELF_EDGE, edge.consumer, f"is said to need itself: {edge.evidence}")
        return True

    def _several(self, owners: Sequence[str], what: str) -> Sequence[str]:
        if len(owners) > 1:
            self._find(Trouble.AMBIGUOUS, owners[0], f"{what} is said to belong to {', '.join(owners)}: all are waited for")
        return owners

    def _imports(self) -> Iterator[Edge]:
        exporters: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for stack in self._facts.values():
            for name in dict.fromkeys(stack.exports):
                exporters[stack.stack.account, stack.stack.region, name].append(stack.id)
        for (account, region, name), owners in exporters.items():
            self._several(owners, f"export {name} of {account}/{region}")
        for stack in self._facts.values():
            for name in dict.fromkeys(stack.imports):
                owners = exporters.get((stack.stack.account, stack.stack.region, name), [])
                if not owners:
                    self._find(Trouble.UNKNOWN_EXPORT, stack.id, f"imports {name}, which no known stack of its region exports")
                for owner in owners:
                    yield Edge(stack.id, owner, EdgeKind.EXPORT, f"imports {name}")

    def _owners(self) -> dict[Thing, list[str]]:
        owners: dict[Thing, list[str]] = defaultdict(list)
        for stack in self._facts.values():
            account, region = stack.stack.account, stack.stack.region
            things = [parameter_of(name, account, region) for name in stack.parameters]
            things += [secret(name, account, region) for name in stack.secrets]
            for thing in dict.fromkeys(things):
                owners[thing].append(stack.id)
        for thing, stacks in owners.items():
            self._several(stacks, str(thing))
        return owners

    def _read(self, stack: StackFacts, owners: dict[Thing, list[str]]) -> Iterator[Edge]:
        key = stack.stack
        place = {"account": key.account, "region": key.region, "partition": self._all.partition, "name": key.name}
        for reference in references(stack.template, **place):
            if reference.thing is None:
                self._find(Trouble.UNRESOLVED, stack.id, f"reads {reference.text}, whose name is not known before it is deployed")
                continue
            for owner in owners.get(reference.thing, ()):
                if owner != stack.id:  # a stack may read what it owns
                    yield Edge(stack.id, owner, reference.thing.kind, f"reads {reference.text}")

    def _sets(self) -> Iterator[Edge]:
        orders = {each.name: each.region_order for each in self._all.stack_sets}
        members: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for stack in self._facts.values():
            if stack.stack_set is None:
                continue
            if stack.stack.region in orders.get(stack.stack_set, ()):
                members[stack.stack_set, stack.stack.account][stack.stack.region] = stack.id
            else:
                self._find(
                    Trouble.UNORDERED_SET, stack.id, f"is of StackSet {stack.stack_set}, which states no place for its region"
                )
        for (name, _), by_region in members.items():
            ordered = [by_region[region] for region in dict.fromkeys(orders[name]) if region in by_region]
            for earlier, later in pairwise(ordered):
                yield Edge(later, earlier, EdgeKind.STACK_SET, f"comes behind it in the region order of StackSet {name}")

    def _stated(self) -> Iterator[Edge]:
        for each in self._all.stated:
            consumer, producer = str(each.consumer), str(each.producer)
            missing = next((stack for stack in (consumer, producer) if stack not in self._facts), None)
            if missing is not None:
                self._find(
                    Trouble.UNKNOWN_STACK, consumer, f"the settings say that it needs {producer}, but nobody has seen {missing}"
                )
            else:
                yield Edge(consumer, producer, EdgeKind.SETTINGS, f"the settings say: {each.reason}")

    def _tagged(self) -> Iterator[Edge]:
        for stack in self._facts.values():
            for key, value in sorted(stack.tags.items()):
                if key != TAG and not key.startswith(f"{TAG}:"):
                    continue
                for word in value.split():
                    producer = self._named(word, stack)
                    if producer is not None:
                        yield Edge(stack.id, producer, EdgeKind.TAG, f"tag {key} names {word}")

    def _named(self, word: str, by: StackFacts) -> str | None:
        parts = word.split("/")
        whole = [by.stack.account, by.stack.region, by.stack.name][: max(0, 3 - len(parts))] + parts
        try:
            key = str(StackKey(account=whole[0], region=whole[1], name=whole[2])) if len(whole) == len(_WORDS) else None
        except ValueError:
            key = None
        if key is None:
            self._find(Trouble.MALFORMED_TAG, by.id, f"its tag says {word!r}: use NAME, REGION/NAME or ACCOUNT/REGION/NAME")
        elif key not in self._facts:
            self._find(Trouble.UNKNOWN_STACK, by.id, f"its tag names {key}, which nobody has seen")
        else:
            return key
        return None

    def _believed(self, tagged: list[Edge], surer: list[Edge]) -> Iterator[Edge]:
        """The tags that nothing contradicts: of two that contradict each other neither is believed."""
        pairs = {(edge.consumer, edge.producer): edge for edge in [*tagged, *surer]}
        for edge in tagged:
            against = pairs.get((edge.producer, edge.consumer))
            if against is None or edge.consumer == edge.producer:
                yield edge
            else:
                self._find(Trouble.CONTRADICTING_TAG, edge.consumer, f"{edge.evidence}, but {against}")


_WORDS = ("account", "region", "name")
