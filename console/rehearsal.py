"""A drill from nothing: start the sandbox, deploy with the real engine and the policies, play, report, leave nothing behind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any

import yaml

from components.blueprint import blueprints
from components.settings import Settings
from drills import actions
from drills.chaos import templates
from drills.field import Field, Place
from drills.journal import Journal
from drills.model import Drill
from drills.probes import cell_holds_its_lease
from drills.report import Report, rows, told
from drills.runner import Prepared, play, prepare
from handlers.domain.cell import Cell
from sandbox.emulator.additions import ADDITIONS
from sandbox.emulator.launcher import Emulator, running
from sandbox.engine.build import find_engine
from sandbox.project import Project
from sandbox.provider import ECHOED
from sandbox.world import HUB, WORKLOAD, World, seed

__all__ = ["HUB", "WORKLOAD", "Deployed", "deployed", "play_all", "play_on", "rehearse"]

HOME = (WORKLOAD, "us-east-1")
"""The cell that a drill begins at."""

LEASE_SECONDS = 120  # the first heartbeat comes within a minute of its schedule; as much again for a slow machine


SETTINGS = Path(__file__).parent.parent / "sandbox" / "Pulumi.sandbox.yaml"


class AnotherCellError(Exception):
    """What stands in the sandbox is not what its settings describe."""


def sandbox_settings() -> Settings:
    """The settings that the sandbox is deployed with."""
    return Settings.load(yaml.safe_load(SETTINGS.read_text())["config"]["stackmend:settings"])


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A sandbox in which Stackmend stands: what was deployed, by what, and how long it took."""

    emulator: Emulator
    world: World
    project: Project
    settings: Settings
    outputs: dict[str, Any]
    seconds: float
    changes: dict[str, int]
    prepared: Mapping[str, Prepared] = dataclass_field(default_factory=dict)
    """The drills of which a part was played before the deployment, by name."""

    def cell(self, account: str, region: str) -> Cell:
        """The cell of this account and region, as its own functions know it.

        Raises AnotherCellError when what was deployed is not what the settings on disk say.
        """
        plan = next(one for one in blueprints(self.settings) if (one.cell.account, one.cell.region) == (account, region))
        if not self.outputs:  # before `pulumi up` the settings alone say what the cell will be
            return plan.cell
        deployed_digest = self.outputs["cells"][plan.name]["digest"]
        if deployed_digest != plan.cell.digest:
            raise AnotherCellError(
                f"{plan.name} was deployed as {deployed_digest}, the settings say {plan.cell.digest}: deploy again"
            )
        return plan.cell

    def field(self, account: str, region: str, say: Callable[[str], None]) -> Field:
        """The drill's view of one cell, from which it reaches all others."""
        fields: dict[Place, Field] = {}
        for place in self.settings.cells:
            fields[place.account.id, place.region] = self._field(place.account.id, place.region, say, fields)
        return fields[account, region]

    def _field(self, account: str, region: str, say: Callable[[str], None], fields: Mapping[Place, Field]) -> Field:
        return Field(
            cell=self.cell(account, region),
            team=self.world.session(account, region, "team"),
            operator=self.world.session(account, region, "operator"),
            hub_operator=self.world.session(HUB, region, "operator"),
            on_call=self.world.on_call(account, region),
            stage=self.emulator,
            say=say,
            cells=fields,
        )


@contextmanager
def deployed(say: Callable[[str], None], drills: Sequence[Drill] = ()) -> Iterator[Deployed]:
    """Start the sandbox and `pulumi up` the environment `sandbox` into it; nothing of it is left afterwards.

    What of *drills* comes before the deployment is played before it.
    """
    engine = find_engine(say)
    say("starting the sandbox")
    with running() as emulator:
        world = seed(emulator)
        # in the emulator's own folder, which it removes itself should this process be killed
        environment = emulator.environment() | world.deployer_environment()
        project = Project(engine, emulator.folder / "engine", environment=environment, keeps_checkpoints=False)
        bare = Deployed(
            emulator=emulator, world=world, project=project, settings=sandbox_settings(), outputs={}, seconds=0, changes={}
        )
        early = [one for one in drills if one.before]
        if early:
            actions.lay_ground(bare.field(*HOME, say))
        prepared = {one.name: prepare(one, bare.field(*HOME, say), Journal(drill=one.name)) for one in early}
        say("pulumi up, with the policy pack")
        result = project.up(progress=lambda step: say(f"{step.operation} {step.resource_type} {step.name}"))
        yield replace(bare, outputs=result.outputs, seconds=result.seconds, changes=result.changes, prepared=prepared)


def rehearse(drills: Sequence[Drill], say: Callable[[str], None]) -> tuple[Report, ...]:
    """Play *drills* one after another in one sandbox of their own, and answer a report for each."""
    with deployed(say, drills) as world:
        return play_all(world, drills, say)


def play_all(world: Deployed, drills: Sequence[Drill], say: Callable[[str], None]) -> tuple[Report, ...]:
    """Play *drills* on a deployment that was made for them; the ground that they share is laid before and taken away after."""
    field = world.field(*HOME, say)
    actions.lay_ground(field)
    try:
        return tuple(play_on(world, one, say, _journal(world, one)) for one in drills)
    finally:
        actions.delete_stack(field, templates.GROUND)


def _journal(world: Deployed, drill: Drill) -> Journal:
    return world.prepared[drill.name].journal if drill.name in world.prepared else Journal(drill=drill.name)


def play_on(world: Deployed, drill: Drill, say: Callable[[str], None], journal: Journal) -> Report:
    """Play *drill* on a deployment that stands already, and answer the report."""
    field = world.field(*HOME, say)
    every = field.cells.values()
    field.wait(
        "each cell takes its lease", lambda: all(cell_holds_its_lease(one) is None for one in every), seconds=LEASE_SECONDS
    )
    play(drill, field, journal, world.prepared.get(drill.name))
    return Report(
        drill=drill,
        journal=journal,
        rows=rows(drill, field),
        stories=told(drill, field),
        deployment={"seconds": round(world.seconds, 1), "changes": world.changes},
        simulated_by=tuple((one.name, one.why) for one in ADDITIONS),
        echoed=tuple((f"{one.type} {one.property}", one.why) for one in ECHOED),
    )
