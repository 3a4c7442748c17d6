"""The report says what was seen, and nothing else."""

import json
from pathlib import Path

import pytest

from drills import measure
from drills.catalogue import DRILLS
from drills.journal import Journal, Verdict
from drills.model import Standing
from drills.report import Report, Row

COST = measure.Cost(
    transitions=0.00015,
    requests=0.000001,
    functions=0.000009,
    ledger=0.00001,
    queues=0.000002,
    keys=0.000003,
    logs=0.000001,
    traces=0.00004,
    metrics=0.0025,
    vault=0.00002,
)


@pytest.fixture
def report() -> Report:
    """A self-repair drill of which one expectation held and one did not."""
    drill = DRILLS["self-repair"]
    journal = Journal(drill=drill.name, began=1_790_000_000.0, verdict=Verdict.DEVIATED)
    journal.note("expectation", drill.expectations[0].probe.title)
    journal.note("expectation", drill.expectations[1].probe.title, "it is in DELETE_FAILED <b>")
    row = Row(
        stack="app-orders",
        seen_by="event",
        outcome="settled",
        reason="",
        seconds={"detected": 0.2},
        attempts=1,
        transitions=6,
        cost=COST,
    )
    return Report(
        drill=drill, journal=journal, rows=(row,), deployment={"seconds": 9.0}, simulated_by=(("events", "why"),), echoed=()
    )


def test_only_what_was_asked_and_held_is_called_proven(report: Report) -> None:
    """An expectation that failed, and one that was never reached, are not in the list."""
    assert report.titles(Standing.PROVEN) == [report.drill.expectations[0].probe.title]
    assert report.titles(Standing.SIMULATED) == []
    assert report.titles(Standing.NOT_PROVEN) == list(report.drill.not_proven)


def test_both_files_are_written_and_the_page_escapes_what_it_shows(report: Report, tmp_path: Path) -> None:
    """A reason text from AWS is not markup."""
    page, data = report.write(tmp_path / "reports")
    written = json.loads(data.read_text())

    assert (written["schema_version"], written["verdict"]) == (1, "deviated")
    assert written["recoveries"][0]["cost_promised"] == pytest.approx(0.00017)
    assert "DELETE_FAILED &lt;b&gt;" in page.read_text()
    assert "DELETE_FAILED <b>" not in page.read_text()


def test_every_drill_has_a_way_back_for_what_it_deploys() -> None:
    """A step that deploys or suppresses something declares its undo."""
    for drill in DRILLS.values():
        forgetful = [
            one.title
            for one in drill.method
            if one.title.startswith(("deploy", "from now on")) and one.undo.__name__ == "nothing"
        ]

        assert forgetful == [], drill.name


def test_expectations_are_told_apart_by_their_titles() -> None:
    """The report finds what held by its title: two of the same name would hide one."""
    for drill in DRILLS.values():
        titles = [one.probe.title for one in drill.expectations]

        assert len(titles) == len(set(titles)), drill.name
