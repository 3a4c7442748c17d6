"""Finds which of many phrases a text holds, in one pass over its words."""

import re
from collections import defaultdict
from collections.abc import Iterable

GAP = 120
"""Characters that a "…" in a phrase may stand for: one clause, not the next sentence's subject."""

_WORD = re.compile(r"[a-z0-9]+")

Fragment = tuple[str, bool]
"""Text to find, and whether a word must end where it ends."""


def either(phrases: str) -> tuple[str, ...]:
    """Phrases of which any one will do, written one after the other."""
    return tuple(phrase.strip() for phrase in phrases.split(";"))


def fragments_of(phrase: str) -> tuple[Fragment, ...]:
    """Take *phrase* apart at its gaps."""
    parts = [part.strip() for part in phrase.split("…")]
    return tuple((part.rstrip("*"), not part.endswith("*")) for part in parts)


def _is_whole(words: str, start: int, end: int, *, ends_word: bool) -> bool:
    if start and words[start - 1].isalnum() and words[start].isalnum():
        return False
    return not (ends_word and end < len(words) and words[end].isalnum() and words[end - 1].isalnum())


def _find(words: str, fragment: Fragment, start: int, limit: int) -> int:
    """Where *fragment* ends, or -1."""
    text, ends_word = fragment
    at = words.find(text, start, limit)
    while at >= 0:
        if _is_whole(words, at, at + len(text), ends_word=ends_word):
            return at + len(text)
        at = words.find(text, at + 1, limit)
    return -1


def holds(words: str, fragments: tuple[Fragment, ...]) -> bool:
    """Are all *fragments* in *words*, in order, no gap wider than `GAP`? Each beginning is followed once: no backtracking."""
    first, *rest = fragments
    end = _find(words, first, 0, len(words))
    while end >= 0:
        last = end
        for fragment in rest:
            last = _find(words, fragment, last, last + GAP + len(fragment[0]))
            if last < 0:
                break
        else:
            return True
        end = _find(words, first, end, len(words))
    return False


def _anchor(fragments: tuple[Fragment, ...]) -> str:
    """The longest word that a text must hold for the phrase to be in it; empty where no word of it is whole."""
    whole: list[str] = []
    for text, ends_word in fragments:
        words = _WORD.findall(text)
        whole += words if ends_word else words[:-1]
    return max(whole, key=len, default="")


class Phrasebook:
    """All phrases of a set of rules, indexed by a word that each must contain."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_word: dict[str, list[tuple[str, tuple[Fragment, ...]]]] = defaultdict(list)
        for phrase in dict.fromkeys(phrases):
            fragments = fragments_of(phrase)
            self._by_word[_anchor(fragments)].append((phrase, fragments))

    def found_in(self, words: str) -> frozenset[str]:
        """Every phrase that *words*, in lower case, holds."""
        by_word = self._by_word
        present = by_word.keys() & set(_WORD.findall(words))
        return frozenset(
            phrase
            for word in (*present, "")
            for phrase, fragments in by_word.get(word, ())
            if fragments[-1][0] in words and holds(words, fragments)  # mere `in` rules most out, and costs least
        )
