"""Small graphs in few words, and any graph for hypothesis."""

from hypothesis import strategies as st

from handlers.domain.graph import Edge, EdgeKind, Graph

CELL = "111122223333/us-east-1"


def edge(consumer: str, producer: str, kind: EdgeKind = EdgeKind.EXPORT) -> Edge:
    """*consumer* needs *producer*; names without their cell."""
    return Edge(f"{CELL}/{consumer}", f"{CELL}/{producer}", kind, f"{kind.value} of {producer}")


def graph(*needs: str) -> Graph:
    """`b>a` is b that needs a; `a` alone is a stack."""
    pairs = [one.partition(">")[::2] for one in needs]
    stacks = dict.fromkeys(f"{CELL}/{name}" for pair in pairs for name in pair if name)
    return Graph(stacks, [edge(consumer, producer) for consumer, producer in pairs if producer])


def short(stacks: object) -> list[str]:
    """Names without their cell."""
    assert isinstance(stacks, list | tuple | set | frozenset)
    return [str(stack).rpartition("/")[2] for stack in stacks]


@st.composite
def edges(draw: st.DrawFn, most: int = 12, *, acyclic: bool = False) -> tuple[list[str], list[Edge]]:
    """Stacks and edges between them, of every kind, several between two."""
    names = [f"s{number:02}" for number in range(draw(st.integers(1, most)))]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    found = draw(st.lists(st.tuples(pairs, st.sampled_from(EdgeKind)), max_size=3 * most)) if len(names) > 1 else []
    made = [edge(max(pair), min(pair), kind) if acyclic else edge(*pair, kind) for pair, kind in found]
    return [f"{CELL}/{name}" for name in names], made
