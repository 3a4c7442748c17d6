"""What a cell costs and how fast it is: one recovery cold, one warm, then one in every cell at once; and a month of rest.

All figures are of this machine and its emulator, but transitions, capacity units, calls and bytes, which are AWS's own measure.
Speed is judged as a ratio: the cells together against one of them alone, in the same run.
"""

import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from statistics import mean

from bench.idle import Beat, Item, bill, of_cell
from components.blueprint import blueprints
from console.rehearsal import LEASE_SECONDS, WORKLOAD, Deployed, deployed
from drills import actions, measure, prices
from drills.field import Field
from drills.probes import cell_holds_its_lease
from drills.recoveries import ended, recoveries

REGION = "us-east-1"
COLD, WARM, TOGETHER = "app-bench-cold", "app-bench-warm", "app-bench-together"
PROMISED_DOLLARS, PROMISED_TRANSITIONS = 0.00025, 7  # DESIGN 3, fast path
RECOVERY_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One recovery."""

    cell: str
    stack: str
    call_seconds: float
    """From the failure to the order that CloudFormation was given."""
    proven_seconds: float
    transitions: int
    cost: measure.Cost


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything that one run has measured."""

    up_seconds: float
    cells: int
    recoveries: tuple[Figures, ...]
    idle: tuple[Item, ...]

    def of(self, stack: str) -> list[Figures]:
        """The figures of the recoveries of this name, one per cell."""
        return [one for one in self.recoveries if one.stack == stack]

    @property
    def together_ratio(self) -> float:
        """How much longer a warm recovery takes when every cell has one."""
        return mean(one.call_seconds for one in self.of(TOGETHER)) / self.of(WARM)[0].call_seconds

    @property
    def keeps_its_promise(self) -> bool:
        """Transitions, Lambda and DynamoDB of every warm recovery, and the transitions of all."""
        warm = [*self.of(WARM), *self.of(TOGETHER)]
        return all(one.transitions <= PROMISED_TRANSITIONS for one in self.recoveries) and all(
            one.cost.promised <= PROMISED_DOLLARS for one in warm
        )


def recover(field: Field, stack: str) -> Figures:
    """Break one stack so that it can be repaired at once, wait for the end, and measure."""
    actions.deploy_fragile(field, stack)
    try:
        actions.break_stack(field, stack, rollback_failures=1)
        field.wait(f"{stack} is settled", lambda: any(ended(one) for one in recoveries(field, stack)), seconds=RECOVERY_SECONDS)
        seconds = measure.stages(field, stack)
        return Figures(
            cell=field.cell.key,
            stack=stack,
            call_seconds=seconds["acted"],
            proven_seconds=seconds["proven"],
            transitions=measure.transitions(field, stack),
            cost=measure.cost(field, stack),
        )
    finally:
        actions.delete_stack(field, stack)


def run(world: Deployed, say: Callable[[str], None]) -> Bench:
    """Measure on a deployment that stands."""
    first = world.field(WORKLOAD, REGION, say)
    fields = [first, *(one for place, one in first.cells.items() if place != (WORKLOAD, REGION))]
    for field in fields:
        field.wait(f"{field.cell.key} takes its lease", partial(_holds_lease, field), seconds=LEASE_SECONDS)
        actions.lay_ground(field)
    found = [recover(first, COLD), recover(first, WARM)]
    with ThreadPoolExecutor(len(fields)) as pool:  # the other cells' functions are still cold: warmed first
        list(pool.map(lambda field: recover(field, COLD), fields[1:]))
        found += pool.map(lambda field: recover(field, TOGETHER), fields)
    plan = next(one for one in blueprints(world.settings) if (one.cell.account, one.cell.region) == (WORKLOAD, REGION))
    return Bench(
        up_seconds=world.seconds,
        cells=len(fields),
        recoveries=tuple(found),
        idle=bill(of_cell(world.project.resources(), plan.name), heartbeat(first)),
    )


def _holds_lease(field: Field) -> bool:
    return cell_holds_its_lease(field) is None


def heartbeat(field: Field) -> Beat:
    """A beat of a warm function, which a function that is called every minute is; from its log and the recorder."""
    calls = [one for one in field.stage.calls() if measure.is_of_cell(field, one)]
    beats = measure.calls_of(field, "heartbeat")
    in_hub = [one for one in calls if measure.came_through(one, field.cell.lease.renew_role_arn)]
    own = [one for one in calls if measure.function_of(field, one) == "heartbeat"]
    reads = sum(one.consumed or 0 for one in (*own, *in_hub) if measure.is_read(one))
    writes = sum(one.consumed or 0 for one in in_hub if not measure.is_read(one))
    return Beat(
        gigabyte_seconds=min(seconds for seconds, _ in beats),
        read_units=reads / len(beats),
        write_units=writes / len(beats) * len(field.cell.lease.regions),  # each replica's write is billed
        log_bytes=mean(size for _, size in beats),
    )


def lines(bench: Bench) -> Iterable[str]:
    """The report, to be read."""
    yield f"pulumi up: {bench.up_seconds:.1f} s for {bench.cells} cells"
    columns = f"{'to the call':>11} {'proven':>8} {'transitions':>11} {'promised $':>11} {'all $':>10}"
    yield f"\n{'recovery':<22} {'cell':<24} {columns}"
    for one in bench.recoveries:
        yield (
            f"{one.stack:<22} {one.cell:<24} {one.call_seconds:>9.2f} s {one.proven_seconds:>6.2f} s {one.transitions:>11}"
            f" {one.cost.promised:>11.6f} {one.cost.total:>10.6f}"
        )
    parts = asdict(bench.of(WARM)[0].cost)
    yield "\na warm recovery, itemised: " + ", ".join(f"{name} ${dollars:.6f}" for name, dollars in parts.items())
    yield f"{bench.cells} cells at once: {bench.together_ratio:.2f} x the time to the call of one alone"
    yield f"\nan idle cell, a month ({prices.REGION}, list prices, no free tier):"
    for item in bench.idle:
        yield f"  ${item.dollars:>8.4f}  {item.quantity:>12,.2f} x {item.title:<50} {item.price.source}"
    yield f"  ${sum(item.dollars for item in bench.idle):>8.4f}  in all"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Print the report and, as the last line, its figures as JSON; 1 where a promise is broken."""
    with deployed(_say) as world:
        bench = run(world, _say)
    sys.stdout.writelines(f"{line}\n" for line in lines(bench))
    sys.stdout.write(json.dumps(asdict(bench)) + "\n")
    return 0 if bench.keeps_its_promise else 1
