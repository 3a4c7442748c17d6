"""Versions are compared as numbers, and the least ones are stated in go.mod alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.versions import GO_MOD, VersionUnreadableError, engine_version, least_go_version, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.250.0", (3, 250, 0)),
        ("3.251.1-dev.0+dirty", (3, 251, 1)),
        ("go1.26", (1, 26, 0)),
        ("go1.25.11 X:nocoverageredesign", (1, 25, 11)),
        ("warning: a newer one exists\nv3.99.2", (3, 99, 2)),
    ],
)
def test_numbers_reads_what_the_tools_print(text: str, expected: tuple[int, int, int]) -> None:
    """Pulumi, Go and development builds each write their version in their own way."""
    assert expected == numbers(text)


@given(st.tuples(*[st.integers(0, 5000)] * 3), st.tuples(*[st.integers(0, 5000)] * 3))
def test_numbers_order_as_versions_do(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    """3.99 is older than 3.250, whatever the letters say."""
    assert (one < other) == (numbers("v{}.{}.{}".format(*one)) < numbers("v{}.{}.{}".format(*other)))


@pytest.mark.parametrize("text", ["", "unknown", "v3"])
def test_text_without_version_is_refused(text: str) -> None:
    """A tool that says nothing usable is not taken for an old version."""
    with pytest.raises(VersionUnreadableError, match=re.escape(f"{text!r} names no version")):
        numbers(text)


def test_go_mod_states_both_versions() -> None:
    """The engine's version and the least Go come from go.mod, and the SDK is of the engine's version."""
    assert numbers(engine_version()) >= (3, 250, 0)
    assert numbers(least_go_version()) >= (1, 25, 0)
    assert f"github.com/pulumi/pulumi/sdk/v3 v{engine_version()}" in GO_MOD.read_text(encoding="utf-8")


def test_go_mod_replaces_what_the_engine_replaces() -> None:
    """A main module must repeat its dependency's replacements, or Go builds another engine than Pulumi's."""
    assert "replace github.com/atotto/clipboard => github.com/tgummerer/clipboard " in GO_MOD.read_text(encoding="utf-8")
