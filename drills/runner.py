"""Plays a drill: steady state, method, expectations, undo; one place owns the order, the journal and the verdict."""

from collections.abc import Callable, Iterable
from functools import partial

from drills.field import DrillTimeoutError, Field, every_undo
from drills.journal import Journal, Verdict
from drills.model import Drill, Probe, Standing


def play(drill: Drill, field: Field, journal: Journal) -> Journal:
    """Play *drill* on *field* and leave the world as it was found; what happened stands in *journal*.

    Raises KeyboardInterrupt through, after every undo has run.
    """
    if not _all_hold(drill.steady_state, "steady state", field, journal):
        journal.verdict = Verdict.ABORTED
        return journal
    undos: list[Callable[[], None]] = []
    with every_undo(undos, journal.undo_problems):
        held = _steps(drill, field, journal, undos) and _expectations(drill, field, journal)
    journal.verdict = Verdict.HELD if held and not journal.undo_problems else Verdict.DEVIATED
    return journal


def _steps(drill: Drill, field: Field, journal: Journal, undos: list[Callable[[], None]]) -> bool:
    for step in drill.method:
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
