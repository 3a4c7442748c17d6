"""What is made of the figures of a run."""

from dataclasses import replace

import pytest

from bench.cell import COLD, TOGETHER, WARM, Bench, Figures, lines
from bench.idle import Item
from drills import prices
from drills.measure import Cost

COST = Cost(
    transitions=0.00015, requests=0.000001, functions=0.000009, ledger=0.00001, queues=0.000002, keys=0.000003, logs=0.000001,
    traces=0.00004, metrics=0.0025, vault=0.00002,
)  # fmt: skip
ONE = Figures(cell="222222222222#us-east-1", stack=WARM, call_seconds=0.5, proven_seconds=0.8, transitions=6, cost=COST)


@pytest.fixture
def bench() -> Bench:
    """A run over two cells that kept its promises."""
    together = [replace(ONE, stack=TOGETHER, cell=f"{cell}#us-east-1", call_seconds=1.0) for cell in ("2" * 12, "3" * 12)]
    idle = (Item(title="keys", quantity=1, price=prices.KEY_MONTH), Item(title="alarms", quantity=32, price=prices.ALARM_MONTH))
    cold = replace(ONE, stack=COLD, call_seconds=2.0)
    return Bench(up_seconds=60.0, cells=2, recoveries=(cold, ONE, *together), idle=idle)


def test_cells_at_once_are_judged_against_one_alone(bench: Bench) -> None:
    """Of the same run, both warm."""
    assert bench.together_ratio == pytest.approx(2.0)


def test_a_run_within_its_bounds_keeps_the_promise(bench: Bench) -> None:
    """Metrics and traces stand beside what is promised."""
    assert bench.keeps_its_promise


@pytest.mark.parametrize("broken", [replace(ONE, transitions=8), replace(ONE, cost=replace(COST, transitions=0.0003))])
def test_a_run_beyond_them_does_not(bench: Bench, broken: Figures) -> None:
    """One recovery is enough."""
    assert not replace(bench, recoveries=(*bench.recoveries, broken)).keeps_its_promise


def test_a_cold_start_may_cost_more(bench: Bench) -> None:
    """The fast path's bound is for functions that run."""
    cold = replace(ONE, stack=COLD, cost=replace(COST, functions=0.001))

    assert replace(bench, recoveries=(cold, *bench.recoveries[1:])).keeps_its_promise


def test_the_report_itemises_and_sums(bench: Bench) -> None:
    """With the source of each price."""
    text = "\n".join(lines(bench))

    assert "2 cells at once: 2.00 x" in text
    assert "metrics $0.002500" in text
    assert "$  4.2000  in all" in text
    assert "https://aws.amazon.com/kms/pricing/" in text
