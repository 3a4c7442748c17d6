"""A pattern means the same to EventBridge, to IAM and to us."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.cell import Pattern
from handlers.domain.owners import owner_of
from handlers.domain.patterns import match, overlap

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


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("StackSet-baseline-1", "StackSets"),
        ("SC-222222222222-pp-1", "Service Catalog"),
        ("AWSControlTowerBP-1", "Control Tower"),
        ("StackSetter", None),
        ("app-SC-1", None),
    ],
)
def test_an_owner_is_known_by_the_names_that_it_gives(name: str, owner: str | None) -> None:
    """Only by their beginning."""
    assert owner_of(name) == owner


def test_the_first_pattern_decides() -> None:
    """A narrow pattern before a wide one makes an exception."""
    narrow, wide = Pattern(pattern="app-one"), Pattern(pattern="app-*")

    assert narrow is match("app-one", [narrow, wide])
    assert wide is match("app-two", [narrow, wide])
    assert match("else", [narrow, wide]) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("app-*", "app-one", True),
        ("app-*", "*", True),
        ("app-*", "*-prod", True),
        ("app-*", "ap*", True),
        ("app-*", "web-*", False),
        ("*-db", "*-web", False),
        ("app", "app-*", False),
        ("a*c", "ab", False),
    ],
)
def test_two_patterns_overlap_when_some_name_matches_both(one: str, other: str, *, expected: bool) -> None:
    """It does not matter which is asked of which."""
    assert overlap(one, other) is overlap(other, one) is expected


@given(name=NAMES, cuts=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=2))
def test_patterns_made_from_one_name_overlap(name: str, cuts: list[tuple[int, int]]) -> None:
    """Whatever part of it the asterisk stands for."""
    one, other = (f"{name[: min(cut)]}*{name[max(cut) :]}" for cut in cuts)

    assert overlap(one, other)
