"""The report of a drill: one JSON file for machines and one self-contained page for people, from the same figures."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from drills import measure, prices
from drills.field import Field
from drills.journal import Journal, Verdict
from drills.model import Drill, Standing
from drills.recoveries import records, recoveries
from drills.story import Story, stories
from drills.timeline import picture

SCHEMA_VERSION = 1

_STANDINGS = {
    Standing.PROVEN: "Proven here",
    Standing.SIMULATED: "Simulated: only our own patch of the emulator shows it",
    Standing.NOT_PROVEN: "Not proven",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One recovery as the table shows it; seconds count from the failure itself, dollars are list price."""

    stack: str
    seen_by: str
    outcome: str
    reason: str
    seconds: dict[str, float]
    attempts: int
    transitions: int
    cost: measure.Cost


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a reader of the drill needs, and nothing that was not seen."""

    drill: Drill
    journal: Journal
    rows: tuple[Row, ...]
    deployment: dict[str, Any]
    simulated_by: tuple[tuple[str, str], ...]
    echoed: tuple[tuple[str, str], ...]
    stories: tuple[Story, ...] = ()
    """Every recovery of the drill's stacks in sentences; the rows hold the figures of each stack's last."""

    def as_data(self) -> dict[str, Any]:
        """The report as plain data, with its schema version."""
        return {
            "schema_version": SCHEMA_VERSION,
            "drill": self.drill.name,
            "title": self.drill.title,
            "verdict": self.journal.verdict,
            "began": datetime.fromtimestamp(self.journal.began, UTC).isoformat(),
            "deployment": self.deployment,
            "recoveries": [asdict(row) | {"cost_promised": row.cost.promised, "cost_total": row.cost.total} for row in self.rows],
            "stories": [story.as_data() for story in self.stories],
            "prices": {
                "region": prices.REGION,
                "transition": asdict(prices.TRANSITION),
                "lambda_second": asdict(prices.LAMBDA_SECOND),
            },
            **{standing.value.replace(" ", "_"): self.titles(standing) for standing in Standing},
            "problems": [asdict(entry) for entry in self.journal.problems],
            "undo_problems": self.journal.undo_problems,
            "journal": [asdict(entry) for entry in self.journal.entries],
            "sandbox_adds": [{"name": name, "why": why} for name, why in self.simulated_by],
            "sandbox_only_stores": [{"name": name, "why": why} for name, why in self.echoed],
        }

    def titles(self, standing: Standing) -> list[str]:
        """What was proven, simulated or not proven: only what was asked and held counts for the first two."""
        if Standing(standing) is Standing.NOT_PROVEN:
            return list(self.drill.not_proven)
        held = {entry.title for entry in self.journal.entries if entry.kind == "expectation" and entry.problem is None}
        return [one.probe.title for one in self.drill.expectations if one.standing == standing and one.probe.title in held]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both files into *folder*; answers (page, data)."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{self.drill.name}-{datetime.fromtimestamp(self.journal.began, UTC):%Y%m%dT%H%M%SZ}"
        data, page = folder / f"{stem}.json", folder / f"{stem}.html"
        data.write_text(json.dumps(self.as_data(), indent=2) + "\n")
        page.write_text(self.as_page())
        return page, data

    def as_page(self) -> str:
        """The report as one HTML file that fetches nothing and runs nothing."""
        templates = Environment(loader=PackageLoader("drills"), autoescape=select_autoescape(), trim_blocks=True)
        return templates.get_template("report.html").render(
            report=self,
            began=datetime.fromtimestamp(self.journal.began, UTC),
            pictures=[picture(story.stretches, f"recovery-{number}") for number, story in enumerate(self.stories, start=1)],
            verdicts=Verdict,
            stages=measure.STAGES,
            standings=[(title, self.titles(standing)) for standing, title in _STANDINGS.items()],
        )


def verdict_of(reports: Sequence[Report]) -> Verdict:
    """The verdict over all of them: held only when each has."""
    return next((one.journal.verdict for one in reports if one.journal.verdict is not Verdict.HELD), Verdict.HELD)


def rows(drill: Drill, field: Field) -> tuple[Row, ...]:
    """One row for each stack of the drill that has a recovery; a stack without one has none, and the verdict says so."""
    return tuple(_row(field, stack) for stack in drill.stacks if recoveries(field, stack))


def told(drill: Drill, field: Field) -> tuple[Story, ...]:
    """Every recovery of the drill's stacks, as its ledger has it."""
    return stories(field, drill.stacks)


def _row(field: Field, stack: str) -> Row:
    recovery = recoveries(field, stack)[-1]
    return Row(
        stack=stack,
        seen_by=", ".join(str(one["seen_by"]) for one in records(field, stack, "FAILURE#")),
        outcome=str(recovery.get("outcome")),
        reason=str(recovery.get("reason", "")),
        seconds=measure.stages(field, stack),
        attempts=measure.attempts(field, stack),
        transitions=measure.transitions(field, stack),
        cost=measure.cost(field, stack),
    )
