"""Fixtures of the handlers' tests."""

import pytest
from hypothesis import settings

from tests.handlers.bench import BenchRuntime, make_bench

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
"""A property holds or it does not; how fast it is found depends on what else the machine does."""


@pytest.fixture
def bench() -> BenchRuntime:
    """A cell on the workbench, at noon, holding its lease."""
    return make_bench()
