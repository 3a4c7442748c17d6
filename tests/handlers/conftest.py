"""Fixtures of the handlers' tests."""

import pytest

from tests.handlers.bench import BenchRuntime, make_bench


@pytest.fixture
def bench() -> BenchRuntime:
    """A cell on the workbench, at noon, holding its lease."""
    return make_bench()
