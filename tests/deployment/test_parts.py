"""An environment in two Pulumi stacks, the hub and a wave: deployed, deployed again, and the wave taken away alone."""

from collections.abc import Callable
from typing import Any

import pytest

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


def test_an_account_in_no_part_stops_every_stack(part: Callable[..., Any], world: World) -> None:
    """Nobody would notice that it has no cell: so each stack looks at all files, and makes nothing."""
    hub = part("sandbox-hub", of="sandbox", hub=True)

    with pytest.raises(EngineError, match=r"stackmend:part\.accounts: workload is in no part of sandbox; add it to one"):
        hub.up()

    assert world.remains(HUB, "us-east-1") == ()
