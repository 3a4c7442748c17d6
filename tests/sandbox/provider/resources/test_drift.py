"""What somebody changes in AWS is found by a refresh and put right by the next deployment."""

import pytest

from sandbox.provider.echoed import echoed
from sandbox.provider.resources import TYPES
from sandbox.provider.schema import Kind
from tests.sandbox.provider.driver import Deployed, Driver
from tests.sandbox.provider.example import Example
from tests.sandbox.provider.examples import EXAMPLES, QUEUE_URL

pytestmark = pytest.mark.sandbox

VANISHING = [example for example in EXAMPLES if example.leaves_nothing]
CHANGING = [example for example in EXAMPLES if example.change]


@pytest.mark.parametrize("example", CHANGING, ids=[example.name for example in CHANGING])
def test_drift_is_found_and_healed(example: Example, driver: Driver, queue_url: str) -> None:
    """Another deployer's change shows up property by property, and goes away with one update."""
    inputs = {name: queue_url if value == QUEUE_URL else value for name, value in example.inputs.items()}
    one = driver.create(example.type, example.name, inputs)
    other = Deployed(one.type, one.name, one.id, dict(one.inputs), dict(one.state))
    driver.update(other, {**inputs, **example.change})
    assert driver.refresh(one)
    expected = set(example.change) - echoed(example.type) - {"tags"}
    assert set(driver.diff(one, inputs).detailed_diff) - {"tagsAll"} == expected
    assert {name for name in expected if one.inputs.get(name) == inputs.get(name)} <= code_of(example)
    driver.update(one, inputs)
    assert driver.refresh(one)
    assert driver.diff(one, inputs).changes is False


def code_of(example: Example) -> set[str]:
    """Properties whose drifted value AWS does not show: code is only known by its digest."""
    return {name for name, prop in TYPES[example.type].properties.items() if prop.kind is Kind.CODE}


@pytest.mark.parametrize("example", VANISHING, ids=[example.name for example in VANISHING])
def test_deletion_is_found(example: Example, driver: Driver, queue_url: str) -> None:
    """A resource that is gone is no longer in the state, and deleting it again is no error."""
    inputs = {name: queue_url if value == QUEUE_URL else value for name, value in example.inputs.items()}
    one = driver.create(example.type, example.name, inputs)
    driver.delete(one)
    assert not driver.refresh(one)
    driver.deployed.append(one)
    driver.delete(one)
