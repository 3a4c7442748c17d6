"""Three regions in a ring, deployed whole: each region's work is taken over by the next, and nothing goes round in circles."""

import pytest

from sandbox.world import World
from tests.deployment.conftest import Deploy, sandbox_config

pytestmark = pytest.mark.sandbox
WORKLOAD = "222222222222"
RING = {"us-east-1": "us-east-2", "us-east-2": "us-west-2", "us-west-2": "us-east-1"}


def test_three_regions_form_a_ring(project: Deploy, world: World) -> None:
    """Each ledger is copied to the next region and each vault to and from it; a second up finds nothing to do."""
    config = sandbox_config()
    first = config["stackmend:settings"]["accounts"][0]
    regions = [{"region": region, "partner": partner} for region, partner in RING.items()]
    settings = {**config["stackmend:settings"], "accounts": [{**first, "regions": regions}]}
    stack = project("ring", config | {"stackmend:settings": settings})

    outputs = stack.up().outputs

    assert sorted(outputs["cells"]) == [f"workload-{region}" for region in sorted(RING)]
    for region, partner in RING.items():
        table = world.session(WORKLOAD, region).client("dynamodb").describe_table(TableName=f"stackmend-sandbox-ledger-{region}")
        assert partner in {replica["RegionName"] for replica in table["Table"]["Replicas"]}, region
    assert stack.up().is_unchanged
