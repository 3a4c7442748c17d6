"""An environment in two Pulumi stacks, the hub and a wave: deployed, deployed again, and the wave taken away alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from components.settings import Settings
from console.rehearsal import LEASE_SECONDS, Deployed
from drills import actions
from drills.deploying import HEARTBEAT_SECONDS
from drills.field import Field
from drills.probes import cell_holds_its_lease, nobody_of_ours_changed, recovery_is_proven, stack_rests_in
from sandbox.emulator.launcher import Emulator
from sandbox.project import EngineError
from sandbox.world import HUB, World
from tests.deployment.conftest import Deploy, one_cell, sandbox_config

pytestmark = pytest.mark.sandbox
WORKLOAD = "222222222222"


@pytest.fixture
def part(project: Deploy) -> Callable[..., Any]:
    """A stack of the environment, beside the file that describes the whole."""
    config = sandbox_config()
    whole = config | {"stackmend:settings": one_cell(config["stackmend:settings"])}
    project("sandbox", whole)

    def of(stack: str, **said: Any) -> Any:
        return project(stack, {key: config[key] for key in config if key != "stackmend:settings"} | {"stackmend:part": said})

    return of


def test_hub_and_wave_live_apart(part: Callable[..., Any], world: World) -> None:
    """Hub first, then the wave; a second up of each changes nothing; the wave goes and the hub stays, with every role in it."""
    hub = part("sandbox-hub", of="sandbox", hub=True)
    wave = part("sandbox-first", of="sandbox", accounts=["workload"])

    made = hub.up()
    assert made.outputs["lease_table"] == "stackmend-sandbox-leases"
    assert wave.up().outputs["cells"].keys() == {"workload-us-east-1"}
    assert [stack.up().is_unchanged for stack in (hub, wave)] == [True, True]

    before = world.remains(HUB, "us-east-1")
    wave.destroy()
    assert world.remains(WORKLOAD, "us-east-1") == ()
    assert world.remains(HUB, "us-east-1") == before != ()
    assert hub.up().is_unchanged


def _refusals(field: Field, since: int) -> int:
    """How often the heartbeat asked for the hub's role after call number *since*, and was refused."""
    heartbeat = f"stackmend-{field.cell.environment}-heartbeat"
    asked = [one for one in field.stage.calls(since) if one.action == "sts:AssumeRole" and heartbeat in one.caller_arn]
    return sum(one.error is not None for one in asked)


def test_a_wave_before_its_hub_starts_nothing_and_needs_no_repair(
    part: Callable[..., Any], world: World, emulator: Emulator
) -> None:
    """Without the hub there is no lease: a broken stack stays as it is. Once the hub stands the heartbeat finds it."""
    hub = part("sandbox-hub", of="sandbox", hub=True)
    wave = part("sandbox-first", of="sandbox", accounts=["workload"])
    outputs = wave.up().outputs
    settings = Settings.load(one_cell(sandbox_config()["stackmend:settings"]))
    cell = Deployed(
        emulator=emulator, world=world, project=wave, settings=settings, outputs=outputs, seconds=0, changes={}
    ).field(WORKLOAD, "us-east-1", print)
    stack = "app-early"
    actions.lay_ground(cell)
    actions.deploy_fragile(cell, stack)
    actions.break_stack(cell, stack, rollback_failures=1)
    broken = len(emulator.calls())
    cell.wait("the heart beats, and no hub answers", lambda: _refusals(cell, broken) > 0, seconds=LEASE_SECONDS)
    assert stack_rests_in(cell, stack, "UPDATE_ROLLBACK_FAILED") is None
    assert nobody_of_ours_changed(cell, stack) is None

    hub.up()

    cell.wait("the cell takes its lease", lambda: cell_holds_its_lease(cell) is None, seconds=LEASE_SECONDS)
    healed = partial(recovery_is_proven, cell, stack)
    cell.wait("the heartbeat finds the stack", lambda: healed() is None, seconds=HEARTBEAT_SECONDS, or_go_on=True)
    assert healed() is None


def test_an_account_in_no_part_stops_every_stack(part: Callable[..., Any], world: World) -> None:
    """Nobody would notice that it has no cell: so each stack looks at all files, and makes nothing."""
    hub = part("sandbox-hub", of="sandbox", hub=True)

    with pytest.raises(EngineError, match=r"stackmend:part\.accounts: workload is in no part of sandbox; add it to one"):
        hub.up()

    assert world.remains(HUB, "us-east-1") == ()
