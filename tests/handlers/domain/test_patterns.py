"""A pattern means the same to EventBridge, to IAM and to us."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.cell import Pattern
from handlers.domain.patterns import match

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "name", "managed"),
    [
        ("app-*", "app-one", True),
        ("app-*", "app-", True),
        ("app-*", "App-one", False),
        ("app-*", "my-app-one", False),
        ("*-db", "orders-db", True),
        ("a*-b*-c", "a1-b2-c", True),
        ("app", "app-one", False),
    ],
)
def test_a_name_is_matched_whole_and_case_by_case(pattern: str, name: str, *, managed: bool) -> None:
    """An asterisk is any characters, also none."""
    assert managed is (match(name, [Pattern(pattern=pattern)]) is not None)


@given(name=NAMES, pattern=st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,5}\*[A-Za-z0-9-]{0,5}", fullmatch=True))
def test_matching_agrees_with_the_shell(name: str, pattern: str) -> None:
    """An independent reading of the same wildcard gives the same answer."""
    assert fnmatch.fnmatchcase(name, pattern) is (match(name, [Pattern(pattern=pattern)]) is not None)


def test_the_first_pattern_decides() -> None:
    """A narrow pattern before a wide one makes an exception."""
    narrow, wide = Pattern(pattern="app-one"), Pattern(pattern="app-*")

    assert narrow is match("app-one", [narrow, wide])
    assert wide is match("app-two", [narrow, wide])
    assert match("else", [narrow, wide]) is None
