"""Every resource type, deployed with all its properties, lives through a deployment's whole life in the emulator."""

from typing import Any

import pytest

from sandbox.provider.archives import code_sha256
from sandbox.provider.resources import TYPES
from sandbox.provider.wire import UNKNOWN, Values, is_code
from tests.sandbox.provider.driver import Deployed, Driver
from tests.sandbox.provider.example import Example
from tests.sandbox.provider.examples import EXAMPLES, METRIC_MATH, QUEUE_URL, STRONG_TABLE

pytestmark = pytest.mark.sandbox

ALL = (*EXAMPLES, METRIC_MATH, STRONG_TABLE)
IDS = [f"{example.name}-{example.inputs.get('name', '')}" for example in ALL]


def filled(inputs: dict[str, Any], queue_url: str) -> dict[str, Any]:
    return {name: queue_url if value == QUEUE_URL else value for name, value in inputs.items()}


def comparable(values: Values) -> Values:
    """The values, with code as its digest: archives are equal only to themselves."""
    return {name: code_sha256(value) if is_code(value) else value for name, value in values.items()}


def assert_settled(driver: Driver, one: Deployed, inputs: dict[str, Any]) -> None:
    """Neither a second deployment nor a refresh finds anything to change."""
    assert list(driver.diff(one, inputs).detailed_diff) == []
    before = (comparable(one.state), comparable(one.inputs))
    assert driver.refresh(one)
    assert (comparable(one.state), comparable(one.inputs)) == before
    assert list(driver.diff(one, inputs).detailed_diff) == []


@pytest.mark.parametrize("example", ALL, ids=IDS)
def test_lives_through_a_whole_deployment(example: Example, driver: Driver, queue_url: str) -> None:
    """Created, unchanged, updated in place, with properties taken away, deleted, gone."""
    inputs = filled(example.inputs, queue_url)
    one = driver.create(example.type, example.name, inputs)
    assert_settled(driver, one, inputs)
    id_ = one.id
    if example.change:
        inputs = {**inputs, **example.change}
        change = driver.diff(one, inputs)
        assert (change.replaces, set(change.detailed_diff) - {"tagsAll"}) == ([], set(example.change) - {"tags"})
        driver.update(one, inputs)
        assert_settled(driver, one, inputs)
    if example.drop:
        inputs = {name: value for name, value in inputs.items() if name not in example.drop}
        driver.update(one, inputs)
        assert_settled(driver, one, inputs)
    assert one.id == id_
    driver.delete(one)
    assert driver.refresh(one) is not example.leaves_nothing


@pytest.mark.parametrize("example", ALL, ids=IDS)
def test_preview_foresees_what_create_delivers(example: Example, driver: Driver, queue_url: str) -> None:
    """Every output that creation adds is announced as unknown before, and what is announced as known comes true."""
    inputs = filled(example.inputs, queue_url)
    foreseen = driver.preview_create(example.type, example.name, inputs)
    one = driver.create(example.type, example.name, inputs)
    promised = {name for name, value in foreseen.items() if value is UNKNOWN}
    assert promised == set(TYPES[example.type].outputs)
    assert promised - one.state.keys() <= {"streamArn", "streamLabel", "revisionId"}


def test_every_type_has_an_example() -> None:
    """A type that is added comes with an example, and so with these tests."""
    assert {example.type for example in EXAMPLES} == TYPES.keys() - {"aws:kms/alias:Alias"}
