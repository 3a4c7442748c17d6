"""`stackmend graph` of an environment: what its ledgers hold, in the colours of now."""

import json
from typing import Any

from console.graph_live import coloured
from handlers.aws.graph_store import GraphStore
from handlers.aws.table import Table
from handlers.domain.graph_facts import StackFacts, StackState
from handlers.domain.identity import StackKey
from handlers.domain.records import FailureState
from tests.console.conftest import Run, Trial
from tests.console.test_pause import KEY
from tests.console.test_status import NOON, a_failure

NET = KEY.model_copy(update={"name": "app-net"})
FAR = StackKey(account=KEY.account, region="us-west-2", name="app-far")


def tell(trial: Trial, *told: StackFacts) -> None:
    """Let stacks have come to rest."""
    for facts in told:
        cell = trial.cell(facts.stack.region)
        table = Table(trial.client("dynamodb", region=cell.region), cell.ledger_table)
        GraphStore(table, days=1).refresh(facts, "id", NOON)


def seen(run: Run, *words: str) -> dict[str, Any]:
    """The graph as a program sees it."""
    result = run("graph", "--json", *words, region=None)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_every_cell_of_the_environment_is_read(trial: Trial, run: Run) -> None:
    """And an edge is what its two ends tell, with its evidence."""
    tell(trial, StackFacts(stack=KEY, imports=("Vpc",)), StackFacts(stack=NET, exports=("Vpc",)), StackFacts(stack=FAR))

    found = seen(run)

    assert [one["stack"] for one in found["stacks"]] == sorted(str(key) for key in (KEY, NET, FAR))
    assert [(edge["consumer"], edge["producer"], edge["evidence"]) for edge in found["edges"]] == [
        (str(KEY), str(NET), "imports Vpc")
    ]
    assert len(seen(run, "--region", "us-west-2")["stacks"]) == 1


def test_an_environment_without_a_stack_says_why(run: Run) -> None:
    """An empty drawing would look like an answer."""
    result = run("graph", region=None)

    assert result.exit_code == 2
    assert "the ledgers hold no stack yet" in result.stderr


def test_a_stack_has_the_colour_of_its_newest_failure() -> None:
    """One that failed and was never seen healthy is shown, too."""
    older = a_failure(state=FailureState.ESCALATED, failed_at=NOON.replace(hour=1))
    newer = a_failure(state=FailureState.OPEN, failure_id="f-2")
    never = a_failure(stack=NET, state=FailureState.WAITING)

    found = coloured(
        [StackFacts(stack=KEY, exports=("Url",)), StackFacts(stack=FAR, state=StackState.HEALTHY)], [newer, never, older]
    )

    assert {each.stack.name: each.state for each in found} == {
        "app-one": StackState.RECOVERING,
        "app-far": StackState.HEALTHY,
        "app-net": StackState.HELD,
    }
