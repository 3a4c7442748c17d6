"""Where the stacks of a graph are drawn: what is needed stands left of what needs it, crossings few."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean

from handlers.domain.graph import Edge, Graph
from handlers.domain.graph_facts import Known
from handlers.domain.recovery_order import plan

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 34, 90, 14, 20
SWEEPS = 4


@dataclass(frozen=True, kw_only=True)
class Box:
    """A stack on the page."""

    stack: str
    name: str
    place: str
    state: str
    managed: bool
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """An edge on the page, from what is needed to what needs it."""

    edge: Edge
    path: str
    is_aside: bool


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Boxes and lines, and how large a page they need."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def drawn(found: Known) -> Drawing:
    """Lay *found* out: a layer is as deep as the longest chain before it; within it, near what it is joined to."""
    planned = plan(found.graph)
    depth = _depths(planned.order.graph)
    row = _rows(planned.order.graph, depth)
    boxes = {stack: _box(found, stack, depth[stack], row[stack]) for stack in depth}
    aside = {(edge.consumer, edge.producer) for cycle in planned.cycles for edge in cycle.set_aside}
    lines = [
        Line(edge=edge, path=_path(boxes[edge.producer], boxes[edge.consumer]), is_aside=(edge.consumer, edge.producer) in aside)
        for edge in found.graph.edges
    ]
    return Drawing(
        boxes=tuple(boxes.values()),
        lines=tuple(lines),
        width=max((box.x for box in boxes.values()), default=0) + WIDTH + MARGIN,
        height=max((box.y for box in boxes.values()), default=0) + HEIGHT + MARGIN,
    )


def _depths(graph: Graph) -> dict[str, int]:
    depth: dict[str, int] = {}
    for stack in graph.in_order():
        depth[stack] = max((depth[each] + 1 for each in graph.producers(stack)), default=0)
    return depth


def _rows(graph: Graph, depth: Mapping[str, int]) -> dict[str, float]:
    layers: dict[int, list[str]] = defaultdict(list)
    for stack in sorted(depth):
        layers[depth[stack]].append(stack)
    row = {stack: float(number) for layer in layers.values() for number, stack in enumerate(layer)}
    most = max((len(layer) for layer in layers.values()), default=0)
    for _ in range(SWEEPS):
        for number in sorted(layers):
            near = {stack: [row[each] for each in (*graph.producers(stack), *graph.consumers(stack))] for stack in layers[number]}
            wanted = {stack: mean(rows or [row[stack]]) for stack, rows in near.items()}
            layers[number] = [stack for _, stack in sorted((place, stack) for stack, place in wanted.items())]
            start = (most - len(layers[number])) / 2  # a short layer stands in the middle
            row.update((stack, start + place) for place, stack in enumerate(layers[number]))
    return row


def _box(found: Known, stack: str, layer: int, row: float) -> Box:
    facts = found.facts[stack]
    return Box(
        stack=stack,
        name=facts.stack.name,
        place=f"{facts.stack.account} {facts.stack.region}",
        state=facts.state.value,
        managed=facts.managed,
        x=MARGIN + layer * (WIDTH + GAP_X),
        y=MARGIN + row * (HEIGHT + GAP_Y),
    )


def _path(start: Box, end: Box) -> str:
    x1, y1, x2, y2 = start.x + WIDTH, start.y + HEIGHT / 2, end.x, end.y + HEIGHT / 2
    bend = max(GAP_X / 2, abs(x2 - x1) / 2)
    return f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
