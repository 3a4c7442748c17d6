"""Plays a drill: steady state, method, expectations, undo; one place owns the order, the journal and the verdict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import partial

from drills.field import DrillTimeoutError, Field, every_undo
from drills.journal import Journal, Verdict
from drills.model import Drill, Probe, Standing, Step


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A drill whose steps before the deployment have been taken: what they noted, and how they are undone."""

    drill: Drill
    journal: Journal
    undos: list[Callable[[], None]] = dataclass_field(default_factory=list)
    memory: dict[str, str] = dataclass_field(default_factory=dict)


class NotPreparedError(Exception):
    """A drill begins before the deployment, and the deployment stands."""


def prepare(drill: Drill, field: Field, journal: Journal) -> Prepared:
    """Take the steps of *drill* that come before the deployment; its undos run when it is played."""
    prepared = Prepared(drill=drill, journal=journal, memory=field.memory)
    _steps(drill.before, field, journal, prepared.undos)
    return prepared


def play(drill: Drill, field: Field, journal: Journal, prepared: Prepared | None = None) -> Journal:
    """Play *drill* on *field* and leave the world as it was found; what happened stands in *journal*.

    Raises KeyboardInterrupt through, after every undo has run.
    """
    if drill.before and prepared is None:
        raise NotPreparedError(f"{drill.name} begins before the deployment: name it when the sandbox is started")
    undos = prepared.undos if prepared else []
    if prepared:
        field.memory.update(prepared.memory)
    with every_undo(undos, journal.undo_problems):
        if journal.problems or not _all_hold(drill.steady_state, "steady state", field, journal):
            journal.verdict = Verdict.ABORTED
            return journal
        held = _steps(drill.method, field, journal, undos) and _expectations(drill, field, journal)
    journal.verdict = Verdict.HELD if held and not journal.undo_problems else Verdict.DEVIATED
    return journal


def _steps(steps: Iterable[Step], field: Field, journal: Journal, undos: list[Callable[[], None]]) -> bool:
    for step in steps:
        undos.append(partial(step.undo, field))  # before do(): a half-done step needs undoing too
        field.say(step.title)
        try:
            step.do(field)
        except DrillTimeoutError as late:
            journal.note("step", step.title, str(late))
            return False
        journal.note("step", step.title)
    return True


def _expectations(drill: Drill, field: Field, journal: Journal) -> bool:
    asked = [one for one in drill.expectations if one.standing is not Standing.NOT_PROVEN]
    return _all_hold([one.probe for one in asked], "expectation", field, journal)


def _all_hold(probes: Iterable[Probe], kind: str, field: Field, journal: Journal) -> bool:
    """Ask every probe, also after one has failed: the reader wants all the reasons."""
    held = True
    for probe in probes:
        problem = probe.fails(field)
        journal.note(kind, probe.title, problem)
        held = held and problem is None
    return held
