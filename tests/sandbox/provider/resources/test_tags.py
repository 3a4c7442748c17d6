"""Tags of a provider and of a resource become one set, in every service."""

import pytest

from sandbox.provider.resources import TYPES
from tests.sandbox.provider.driver import Driver
from tests.sandbox.provider.example import Example
from tests.sandbox.provider.examples import EXAMPLES, QUEUE_URL

pytestmark = pytest.mark.sandbox

TAGGED = [example for example in EXAMPLES if TYPES[example.type].tagging]
IDS = [example.name for example in TAGGED]


@pytest.mark.parametrize("example", TAGGED, ids=IDS)
def test_tags_are_merged_changed_and_removed(example: Example, driver: Driver, queue_url: str) -> None:
    """A resource's own tag wins over the provider's, a changed one is written, a dropped one is erased."""
    inputs = {name: queue_url if value == QUEUE_URL else value for name, value in example.inputs.items()}
    one = driver.create(example.type, example.name, {**inputs, "tags": {"system": "mine", "a": "1", "b": "2"}})
    assert one.state["tagsAll"] == {"system": "mine", "a": "1", "b": "2"}
    changed = {**inputs, "tags": {"a": "3"}}
    assert list(driver.diff(one, changed).detailed_diff) == ["tagsAll"]
    driver.update(one, changed)
    assert one.state["tagsAll"] == {"system": "stackmend", "a": "3"}
    assert one.state["tags"] == {"a": "3"}
    assert driver.refresh(one)
    assert driver.diff(one, changed).changes is False


@pytest.mark.parametrize("example", TAGGED, ids=IDS)
def test_default_tags_alone_are_no_tags_of_the_resource(example: Example, driver: Driver, queue_url: str) -> None:
    """A resource without tags carries the provider's, and shows none of its own."""
    inputs = {name: queue_url if value == QUEUE_URL else value for name, value in example.inputs.items() if name != "tags"}
    one = driver.create(example.type, example.name, inputs)
    assert one.state["tagsAll"] == {"system": "stackmend"}
    assert one.state.get("tags", {}) == {}
    assert driver.diff(one, inputs).changes is False
