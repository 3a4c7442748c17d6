"""What keeps a cell from acting for now: switches, pauses, the calendar, a mode. Each may end, and then the stack goes on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.domain.cell import Mode, allows_more
from handlers.domain.freeze import Freeze, frozen_until
from handlers.domain.moment import iso
from handlers.domain.outcome import Escalation, Reason, Restraint, Settlement
from handlers.domain.records import Failure, FailureState, Pause, Switch

Switches = Iterable[tuple[str, Switch]]
"""Each switch with what it stops: `cell`, `environment`."""

_ENDED_BY_MODE: dict[str, Mode] = {
    Settlement.SWITCHED_OFF: Mode.OFF,
    Settlement.OBSERVED: Mode.OBSERVE,
    Escalation.PROPOSED: Mode.PROPOSE,
    Escalation.MODE_FORBIDS: Mode.PROPOSE,  # whichever of the stricter ones it was: only `act` would have let the call be made
}
"""Outcomes that say no more than what the mode was, by the most that it can have been."""


def may_begin_again(failure: Failure, mode: Mode) -> bool:
    """Whether a failure that no recovery answers for may be taken up once more, its stack still being broken.

    It waits for people, the calendar or another stack, or it was left alone for its pattern's mode, which allows more now.
    """
    if failure.state is FailureState.OPEN:
        return False
    if failure.state in {FailureState.WAITING, FailureState.PARKED} or failure.outcome == Escalation.DEPENDENCY_GIVEN_UP:
        return True
    ended_by = _ENDED_BY_MODE.get(failure.outcome or "")
    return ended_by is not None and allows_more(mode, ended_by)


def restraint(*, switches: Switches, pause: Pause | None, freezes: Sequence[Freeze], tier: str, now: datetime) -> Reason | None:
    """Say why the cell may not act on a stack of *tier* now; the widest restraint is named first. None when it may."""
    for of, switch in switches:
        if (why := switch.why(of)) is not None:
            return Reason(code=Restraint.STOPPED, sentence=why)
    if pause is not None and pause.holds(now):
        return Reason(code=Restraint.PAUSED, sentence=pause.why())
    found = frozen_until(freezes, tier, now)
    if found is None:
        return None
    freeze, until = found
    return Reason(code=Restraint.FROZEN, sentence=f"freeze {freeze.name} holds until {iso(until)} ({freeze.zone})")
