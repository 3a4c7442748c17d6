"""One sandbox for everything that is tested of a deployed whole: the real engine, the real policies, IAM enforced."""

from collections.abc import Iterator

import pytest

from console.rehearsal import Deployed, deployed


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Deployed]:
    """The environment `sandbox`, deployed as a newcomer deploys it."""
    with deployed(print) as world:
        yield world
