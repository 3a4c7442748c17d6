"""What takes a cell's right to act away, beside the lease itself: its region's flag, and a clock that cannot be trusted."""

from handlers.authority import standing
from handlers.domain.serving import Flag, Serving
from tests.handlers.bench import KEY, BenchRuntime


def test_a_region_that_was_switched_acts_no_more(bench: BenchRuntime) -> None:
    """At once, although its lease has long to go: what it claimed is of a time before the switch."""
    assert standing(KEY, bench).lease_problem(bench) is None
    bench.hub.serving = Serving(version=1, regions={KEY.region: Flag(serving=False, epoch=2)})

    said = standing(KEY, bench).lease_problem(bench)

    assert said == "the region was switched since: its flag's epoch is 2, the lease's 1"


def test_another_regions_flag_is_no_concern(bench: BenchRuntime) -> None:
    """A cell goes by the flag of its own region."""
    bench.hub.serving = Serving(version=1, regions={"us-west-2": Flag(serving=False, epoch=2)})

    assert standing(KEY, bench).lease_problem(bench) is None


def test_a_clock_that_has_jumped_gives_no_right(bench: BenchRuntime) -> None:
    """However much of the lease it says is left."""
    bench.hub.clock_problem = "this clock is 60.0 s behind the control region's"

    assert standing(KEY, bench).lease_problem(bench) == "this clock is 60.0 s behind the control region's"
