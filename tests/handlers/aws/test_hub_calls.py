"""What a strongly consistent global table demands of its callers, which neither moto nor the emulator does."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

from handlers.aws import flags, lease

ALLOWED = {"get_item", "batch_get_item", "put_item", "update_item"}
"""No transactions: such a table refuses them. No queries and scans: nothing here needs them."""


def calls(module: ModuleType) -> Iterator[str]:
    """Every operation of DynamoDB's that the module asks for, by the name of boto3's method."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "client":
            yield node.attr


@pytest.mark.parametrize("module", [lease, flags])
def test_only_single_items_are_read_and_written(module: ModuleType) -> None:
    """By the four calls that work there."""
    assert set(calls(module)) <= ALLOWED
    assert {"put_item", "update_item"} & set(calls(module))


@pytest.mark.parametrize("module", [lease, flags])
def test_every_read_is_consistent(module: ModuleType) -> None:
    """Any other may be stale even in the region that wrote last."""
    reads = [name for name in calls(module) if name in {"get_item", "batch_get_item"}]
    consistent = inspect.getsource(module).count("ConsistentRead=True") + inspect.getsource(module).count(
        '"ConsistentRead": True'
    )

    assert reads
    assert consistent == len(reads)
