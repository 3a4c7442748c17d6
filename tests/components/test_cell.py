"""A cell in its passes, and what it gives back."""

import pytest

from components.addresses import ROLES
from components.blueprint import blueprints
from components.settings import Settings
from tests.components.conftest import Recording, Registered

CELL = "workload-us-east-1"


@pytest.fixture
def cell(sandbox: Recording) -> Registered:
    return sandbox.one("RecoveryCell", CELL)


def children(recording: Recording, parent: Registered) -> dict[str, str]:
    """The names and types of what stands directly in a component."""
    return {one.name: one.type for one in recording.resources_seen if one.parent == parent.urn}


def test_a_cell_is_composed_of_its_parts(sandbox: Recording, cell: Registered) -> None:
    """Each a component of its own."""
    assert children(sandbox, cell) == {
        f"{CELL}-key": "stackmend:cell:RegionKey",
        f"{CELL}-ledger": "stackmend:cell:Ledger",
        f"{CELL}-vault": "stackmend:cell:Vault",
        f"{CELL}-layer": "stackmend:cell:FunctionLayer",
        f"{CELL}-intake": "stackmend:cell:Intake",
        f"{CELL}-recovery": "stackmend:cell:Recovery",
        f"{CELL}-heartbeat": "stackmend:cell:Heartbeat",
        f"{CELL}-alarms": "stackmend:cell:Alarms",
        f"{CELL}-dashboard": "stackmend:cell:Dashboard",
    }


def test_no_raw_resource_stands_beside_the_parts(sandbox: Recording, cell: Registered) -> None:
    """A part that grows is looked for in its own file."""
    assert all(type_.startswith("stackmend:") for type_ in children(sandbox, cell).values())


def test_every_type_token_is_ours_in_three_parts(prod: Recording) -> None:
    """Renaming one would replace everything in it."""
    tokens = {one.type for one in prod.resources_seen if not one.is_custom}

    assert {token.split(":")[0] for token in tokens} == {"stackmend"}
    assert all(len(token.split(":")) == 3 for token in tokens)


def test_logical_names_of_a_cell_begin_with_the_cell(sandbox: Recording) -> None:
    """Many cells stand in one program."""
    mine = [
        one for one in sandbox.resources_seen if ":cell:" in one.type and "leases" not in one.name and one.name[:6] != "lease-"
    ]

    assert all(one.name.startswith(CELL) for one in mine)


def test_everything_that_is_encrypted_waits_for_the_key(sandbox: Recording) -> None:
    """All keys come first."""
    key = sandbox.one("Key", f"{CELL}-key-key").urn

    for one in (*sandbox.of("LogGroup"), *sandbox.of("Topic"), sandbox.one("Table", f"{CELL}-ledger-table")):
        assert key in one.waits_for, one.name


def test_a_copied_ledger_waits_for_both_keys(prod: Recording) -> None:
    """Its own and the partner's."""
    ledger = prod.one("Table", "orders-us-east-1-ledger-table")

    assert {prod.one("Key", f"orders-{region}-key-key").urn for region in ("us-east-1", "us-west-2")} <= ledger.waits_for


def test_every_function_of_a_cell_is_exported(prod: Recording) -> None:
    """By its role."""
    for cell in prod.outputs["cells"].values():
        assert tuple(cell["functions"]) == ROLES


def test_the_digest_is_the_functions_own(prod: Recording, prod_settings: Settings) -> None:
    """What an operator sees in the outputs is what every log line carries."""
    digests = {plan.name: plan.cell.digest for plan in blueprints(prod_settings)}

    assert {name: cell["digest"] for name, cell in prod.outputs["cells"].items()} == digests
