"""One sandbox for everything that is tested of a deployed whole: the real engine, the real policies, IAM enforced."""

from collections.abc import Iterator

import pytest

from console.rehearsal import Deployed, deployed
from drills.catalogue import DRILLS


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Deployed]:
    """The environment `sandbox`, deployed as a newcomer deploys it: where stacks are broken already."""
    with deployed(print, list(DRILLS.values())) as world:
        yield world
