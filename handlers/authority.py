"""What allows a cell to act at this moment: the lease and the kill switches, read consistently."""

from dataclasses import dataclass

from handlers.domain.lease import Lease, why_not
from handlers.domain.moment import epoch_ms
from handlers.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The cell's standing when it was read; good for no longer than the function lives."""

    lease: Lease | None
    stopped: str | None
    """Which kill switch is thrown, by whom and why."""
    errors: tuple[str, ...]
    """Why control regions could not be read."""

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
            longest_seconds=cell.lease.lease_seconds + cell.lease.skew_seconds,
        )
        return f"{problem} ({'; '.join(self.errors)})" if problem and self.errors else problem


def standing(runtime: Runtime) -> Standing:
    """Read the switches of cell and environment, and the lease last: it is what runs out."""
    cell_switch = runtime.ledger.switch()
    hub = runtime.lease.read()
    stopped = cell_switch.why("cell") or hub.environment_switch.why("environment")
    return Standing(lease=hub.lease, stopped=stopped, errors=hub.errors)
