"""What keeps a cell from acting for now: switches, pauses, the calendar. Each ends, and then the stack goes on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.domain.freeze import Freeze, frozen_until
from handlers.domain.moment import iso
from handlers.domain.outcome import Reason, Restraint
from handlers.domain.records import Pause, Switch

Switches = Iterable[tuple[str, Switch]]
"""Each switch with what it stops: `cell`, `environment`."""


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
