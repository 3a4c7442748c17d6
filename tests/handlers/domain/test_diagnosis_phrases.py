"""Phrases are found as whole words, over gaps, in time that grows with the text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.domain.diagnosis_phrases import GAP, Phrasebook, fragments_of, holds


@pytest.mark.parametrize(
    ("phrase", "words", "expected"),
    [
        ("in use", "the role is in use by x", True),
        ("in use", "in useful ways", False),
        ("in use", "within use", False),
        ("throttl*", "the call was throttled", True),
        ("no … found", "no export named vpc found", True),
        ("no … found", f"no {'x' * (GAP + 10)} found", False),
        ("cannot delete … because", "cannot delete a. cannot delete b because of c", True),
        ("must … must", "must", False),
        ("_in_progress state and can", "update_in_progress state and can not be updated", True),
        ("already has 5", "user already has 50 trails", False),
    ],
)
def test_phrase_is_found_only_where_it_stands(phrase: str, words: str, expected: bool) -> None:
    """Whole words, "*" for the rest of one, "…" for no more than a clause."""
    assert holds(words, fragments_of(phrase)) is expected
    assert (phrase in Phrasebook([phrase]).found_in(words)) is expected


@given(some.lists(some.sampled_from(["in", "use", "cannot", "delete", "because", "users", "xin"]), max_size=30))
def test_index_finds_what_a_plain_search_finds(words: list[str]) -> None:
    """The word index is an optimisation and nothing else."""
    text = " ".join(words)
    phrases = ["in use", "cannot … because", "delete", "use*", "cannot delete … in use"]

    expected = {phrase for phrase in phrases if holds(text, fragments_of(phrase))}

    assert expected == Phrasebook(phrases).found_in(text)


class CountedText(str):
    """Text that counts how often it is searched."""

    __slots__ = ("searches",)

    def find(self, *given: Any) -> int:
        """Search and count."""
        self.searches = getattr(self, "searches", 0) + 1
        return super().find(*given)


@pytest.mark.parametrize("phrase", ["a … b", "a … a … b", "aa*"])
def test_work_grows_with_the_text_only(phrase: str) -> None:
    """A text made to provoke backtracking is searched a few times per beginning, however many gaps could be filled."""
    text = CountedText("a " * 50_000)

    assert not holds(text, fragments_of(phrase))
    assert text.searches <= 4 * len(text)
