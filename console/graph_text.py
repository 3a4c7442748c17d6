"""What `stackmend graph` says: for a person, as JSON, as DOT, and as a page to look at."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from console.graph_layout import HEIGHT, WIDTH, drawn
from handlers.domain.cycles import cycles
from handlers.domain.graph import Edge, Reached
from handlers.domain.graph_facts import Known, StackState

SCHEMA_VERSION = 1


def text(found: Known, stack: str | None) -> Iterator[str]:
    """How many of what, the cycles, what is wrong with the facts; and what *stack* stands on and holds up."""
    states = Counter(facts.state.value for facts in found.facts.values())
    yield f"{len(found.graph)} stacks ({', '.join(f'{n} {state}' for state, n in sorted(states.items()))})"
    yield f"{sum(1 for _ in found.graph.edges)} dependencies"
    for cycle in cycles(found.graph):
        yield f"cycle: {cycle}"
        yield f"  recovered in the order {', '.join(cycle.members)}"
        yield from (f"  not waited for: {edge}" for edge in cycle.set_aside)
    yield from (f"fact: {finding}" for finding in found.findings)
    if stack is not None:
        yield f"{stack} stands on:"
        yield from _reached(found.graph.upstream(stack))
        yield f"{stack} holds up:"
        yield from _reached(found.graph.downstream(stack))


def _reached(stacks: tuple[Reached, ...]) -> Iterator[str]:
    yield from (f"{'  ' * one.distance}{one.stack}  ({one.by})" for one in stacks)
    if not stacks:
        yield "  nothing"


def as_data(found: Known, stack: str | None) -> dict[str, Any]:
    """The same for programs."""
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "stacks": [{"stack": each.id, "state": each.state.value, "managed": each.managed} for each in found.facts.values()],
        "edges": [_edge(edge) for edge in found.graph.edges],
        "cycles": [
            {
                "members": list(cycle.members),
                "ring": [_edge(edge) for edge in cycle.ring],
                "set_aside": [_edge(edge) for edge in cycle.set_aside],
            }
            for cycle in cycles(found.graph)
        ],
        "findings": [{"trouble": one.trouble.value, "stack": one.stack, "detail": one.detail} for one in found.findings],
    }
    if stack is not None:
        sides = {"upstream": found.graph.upstream(stack), "downstream": found.graph.downstream(stack)}
        data["explained"] = {"stack": stack} | {
            side: [{"stack": one.stack, "distance": one.distance, "by": _edge(one.by)} for one in reached]
            for side, reached in sides.items()
        }
    return data


def _edge(edge: Edge) -> dict[str, str]:
    return {"consumer": edge.consumer, "producer": edge.producer, "kind": edge.kind.value, "evidence": edge.evidence}


def dot(found: Known) -> str:
    """For Graphviz; an arrow leads from what is needed to what needs it."""
    lines = ["digraph stackmend {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    lines += [
        f"  {_quoted(each.id)} [label={_quoted(each.stack.name)}, tooltip={_quoted(each.state.value)}];"
        for each in found.facts.values()
    ]
    lines += [
        f"  {_quoted(edge.producer)} -> {_quoted(edge.consumer)} [tooltip={_quoted(edge.evidence)}];"
        for edge in found.graph.edges
    ]
    return "\n".join([*lines, "}"])


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def page(found: Known) -> str:
    """One file without anything from elsewhere: hover or click a stack to see what it stands on and holds up."""
    environment = Environment(loader=PackageLoader("console", "templates"), autoescape=select_autoescape(["html"]))
    edges = [[edge.producer, edge.consumer] for edge in found.graph.edges]
    return environment.get_template("graph.html").render(
        drawing=drawn(found),
        box=(WIDTH, HEIGHT),
        counts=Counter(facts.state.value for facts in found.facts.values()),
        states=[state.value for state in StackState],
        cycles=cycles(found.graph),
        findings=found.findings,
        edges=edges,
    )
