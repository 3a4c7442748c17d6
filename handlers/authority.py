"""What allows a cell to act at this moment: the lease and what people and the calendar say, read consistently."""

from dataclasses import dataclass

from handlers.domain.breaker import Breaker, held_by, names_for
from handlers.domain.identity import StackKey
from handlers.domain.lease import Lease, why_not
from handlers.domain.moment import epoch_ms
from handlers.domain.outcome import Reason
from handlers.domain.patterns import match
from handlers.domain.records import Recovery
from handlers.domain.restraint import restraint
from handlers.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The cell's standing towards one stack when it was read; good for no longer than the function lives."""

    lease: Lease | None
    flag_epoch: int
    """Of the cell's region; every lease below it is of a time before the region was switched."""
    clock_problem: str | None
    """Why this function's clock cannot be held against the lease."""
    restraint: Reason | None
    """Which switch, pause, freeze or breaker holds, by whom and why."""
    errors: tuple[str, ...]
    """Why no control region could be read; empty where one answered."""
    breakers: tuple[Breaker, ...] = ()
    """Those that the stack's recovery stands behind, the open ones among them to be tried by one recovery at a time."""

    @property
    def is_hub_dark(self) -> bool:
        """Whether nothing is known of the lease, as nobody answered."""
        return bool(self.errors)

    def lease_problem(self, runtime: Runtime, fence: int | None = None) -> str | None:
        """Why the cell may not act now, under *fence* where a claim was made; None when it may."""
        cell = runtime.cell
        needed = cell.timings.act_function_seconds + cell.lease.skew_seconds
        problem = why_not(
            self.lease,
            region=cell.region,
            now_ms=epoch_ms(runtime.clock()),
            needed_seconds=needed,
            fence=fence,
            flag_epoch=self.flag_epoch,
            longest_seconds=cell.lease.lease_seconds + cell.lease.skew_seconds,
        )
        problem = problem or self.clock_problem
        return f"{problem} ({'; '.join(self.errors)})" if problem and self.errors else problem


def standing(key: StackKey, runtime: Runtime, recovery: Recovery | None = None) -> Standing:
    """Read breakers, the stack's pause, the switches of cell and environment, and the lease last: it is what runs out."""
    failure_class = recovery.diagnosis.failure_class if recovery and recovery.diagnosis else None
    breakers = tuple(runtime.breakers.read(name) for name in names_for(key.name, failure_class))
    pattern = match(key.name, runtime.cell.patterns)
    pause = runtime.ledger.pause(key)
    cell_switch = runtime.ledger.switch()
    hub = runtime.lease.read()
    held = restraint(
        switches=(("cell", cell_switch), ("environment", hub.environment_switch)),
        pause=pause,
        freezes=runtime.cell.freezes,
        tier=pattern.tier if pattern else "",
        now=runtime.clock(),
    ) or held_by(
        breakers,
        recovery.recovery_id if recovery else "",
        now=runtime.clock(),
        trial_seconds=runtime.cell.timings.machine_timeout_seconds,
    )
    return Standing(
        lease=hub.lease,
        flag_epoch=hub.serving.of(runtime.cell.region).epoch,
        clock_problem=hub.clock_problem,
        restraint=held,
        breakers=breakers,
        errors=hub.errors,
    )
