"""The bench measures what it says."""

from typing import Any

import pytest

from bench.corpus.render import failures, sequences
from bench.diagnosis import (
    apart,
    by_events,
    confusion,
    fresh,
    history,
    learned_from,
    root_causes,
    score,
    service_of,
    wilson,
    written_sequences,
)
from handlers.domain.diagnosis import diagnose
from handlers.domain.failure_class import FailureClass

PROMISE = 0.95
MOST_WRONGLY_PASSING = 0.01


def row(label: str, also: str = "", message: str = "x", resource_type: str = "AWS::SNS::Topic") -> dict[str, str]:
    return {
        "label": label,
        "also_acceptable": also,
        "message": message,
        "resource_type": resource_type,
        "resource_status": "",
        "stack_status": "",
    }


@pytest.mark.parametrize(("right", "total", "low", "high"), [(95, 100, 0.888, 0.978), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)])
def test_interval_is_wilsons(right: int, total: int, low: float, high: float) -> None:
    """Values from the formula's own paper and calculators."""
    assert list(wilson(right, total)) == pytest.approx([low, high], abs=0.001)


def test_second_label_counts_and_burnt_retries_are_counted() -> None:
    """A permanent cause called passing is counted, unless that label was acceptable."""
    rows = [row("permission", "transient"), row("permission"), row("capacity")]
    seen = score("t", rows, lambda _: FailureClass.TRANSIENT)

    assert (seen.right, seen.total, seen.called_passing, seen.permanent) == (1, 3, 1, 2)


def test_service_comes_from_the_type_or_the_text() -> None:
    """Folds are made by it."""
    assert service_of(row("unknown")) == "SNS"
    assert service_of(row("unknown", message="x (Service: Lambda, Status Code: 400)", resource_type="")) == "lambda"
    assert service_of(row("unknown", resource_type="Custom::X")) == "custom"


def test_what_one_service_taught_is_taken_out_for_it() -> None:
    """A phrase that only one service's rows hold belongs to that service; the engine's own words to none."""
    only = learned_from([row("quota", message="the maximum number of x"), row("no_op", message="no updates are to be performed")])

    assert "maximum number of" in only["SNS"]
    assert "no updates are to be performed" not in only["SNS"]


def test_corpus_is_right_and_burns_no_retries() -> None:
    """At least 95 % right, at most 1 % of permanent causes called passing; by service, the interval holds 95 %."""
    known, folds = score("known", failures(), by_events), apart(failures())

    assert known.right >= PROMISE * known.total
    assert known.called_passing <= MOST_WRONGLY_PASSING * known.permanent
    assert folds.called_passing <= MOST_WRONGLY_PASSING * folds.permanent
    assert wilson(folds.right, folds.total)[1] >= PROMISE


@pytest.mark.parametrize("origin", ["public", "written"])
def test_fresh_messages_are_right(origin: str) -> None:
    """The same promise on what was gathered and written later."""
    seen = score(origin, [each for each in fresh() if each["origin"] == origin], by_events)

    assert seen.right >= PROMISE * seen.total
    assert seen.called_passing == 0


def test_fresh_messages_are_not_the_corpus() -> None:
    """Fresh means not in the corpus."""
    assert {each["message"] for each in failures()}.isdisjoint(each["message"] for each in fresh())


@pytest.mark.parametrize("rows", [sequences(), written_sequences()], ids=["recorded", "written"])
def test_sequences_are_right(rows: list[dict[str, Any]]) -> None:
    """Root cause and class in at least 95 % of sequences."""
    roots, classes, total = root_causes(rows)

    assert min(roots, classes) >= PROMISE * total


def test_confusion_is_counted_by_the_label_that_was_met() -> None:
    """The diagonal is what was right."""
    assert confusion([row("unknown")]) == {("unknown", "unknown"): 1}


def test_history_for_the_clock_is_a_history() -> None:
    """As many events as asked for, and a cause in it."""
    events = history(size=100, failing=3)

    assert len(events) == 100
    assert diagnose(events).root_cause == "Failing0"
