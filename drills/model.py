"""What a drill is made of: facts that must hold, steps with their undo, and what is expected in the end."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from drills.field import Field


class Standing(StrEnum):
    """How much a held expectation is worth; the report prints them apart."""

    PROVEN = "proven"
    SIMULATED = "simulated"  # only our own patch of the emulator, or our model of AWS, could show it
    NOT_PROVEN = "not proven"  # nothing here could look; never counted as held


def nothing(_field: Field) -> None:
    """Undo a step that leaves nothing behind."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question that changes nothing; `fails` answers None, or the reason why the fact does not hold."""

    title: str
    fails: Callable[[Field], str | None]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change of the world and the way back; `undo` must bear being called when `do` got only half-way."""

    title: str
    do: Callable[[Field], None]
    undo: Callable[[Field], None] = nothing


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What the drill is for: a probe, and what its answer is worth where it was asked."""

    probe: Probe
    standing: Standing = Standing.PROVEN


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A rehearsed failure as data; `stacks` are the stacks whose recoveries the report shows."""

    name: str
    title: str
    stacks: tuple[str, ...]
    steady_state: tuple[Probe, ...]
    method: tuple[Step, ...]
    expectations: tuple[Expectation, ...]
    not_proven: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()
    """Steps that are taken before anything of Stackmend stands."""
