"""What a drill leaves behind: every step and probe with its time, and the verdict."""

import time
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """How a drill ended."""

    HELD = "held"
    DEVIATED = "deviated"  # the drill ran, and an expectation did not hold
    ABORTED = "aborted"  # the steady state did not hold before: nothing was broken, nothing is proven
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the journal; *seconds* since the drill began."""

    seconds: float
    kind: str
    title: str
    problem: str | None = None


@dataclass(kw_only=True)
class Journal:
    """The product of a drill; it starts as interrupted, so that a drill that dies never looks like one that held."""

    drill: str
    began: float = field(default_factory=time.time)
    entries: list[Entry] = field(default_factory=list)
    verdict: Verdict = Verdict.INTERRUPTED
    undo_problems: list[str] = field(default_factory=list)

    def note(self, kind: str, title: str, problem: str | None = None) -> None:
        """Add one line."""
        self.entries.append(Entry(seconds=round(time.time() - self.began, 3), kind=kind, title=title, problem=problem))

    @property
    def problems(self) -> list[Entry]:
        """The lines that say why the verdict is not `held`."""
        return [entry for entry in self.entries if entry.problem is not None]
